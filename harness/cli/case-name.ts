import type { Case } from '../spec/case.ts';

/** What tells a case from the others of its test: the design, and its point of the matrix. */
export function caseName({ designLabel, point }: Case): string {
  return [designLabel, ...Object.entries(point).map(([name, value]) => `${name}=${value}`)].join(
    ' ',
  );
}
