/**
 * Which cases stand side by side. Cases of one spec and one matrix point make a comparison; the columns are
 * its designs, or, with several targets, the targets, each with the design that it can carry.
 */
import type { Case } from '../spec/case.ts';
import type { Target } from '../targets/target.ts';
import type { Column } from './compare-case.ts';

export interface Group {
  readonly id: string;
  readonly columns: readonly Column[];
}

export function designsSideBySide(cases: readonly Case[], target: Target): Group[] {
  const groups = new Map<string, Column[]>();
  for (const spec of cases) {
    const id = pointId(spec);
    const columns = groups.get(id) ?? [];
    columns.push({ label: spec.designLabel, spec, target });
    groups.set(id, columns);
  }
  return [...groups].map(([id, columns]) => ({ id, columns }));
}

/** One comparison for each case: the design is the same in all columns. */
export function targetsSideBySide(cases: readonly Case[], targets: readonly Target[]): Group[] {
  const release = targets.find((target) => target.release !== undefined)?.release;
  const version = release === undefined ? undefined : /^\d+\.\d+(\.\d+)?/.exec(release)?.[0];
  return cases.map((spec) => ({
    id: spec.id,
    columns: targets.map((target) => ({
      label: target.name,
      spec: target.release === undefined ? asKernel(spec, version) : spec,
      target,
    })),
  }));
}

/** The model is compared as the kernel that was booted, unless the spec names another. */
const asKernel = (spec: Case, version: string | undefined): Case =>
  version === undefined || spec.kernel !== undefined
    ? spec
    : { ...spec, kernel: { version, switches: {} } };

function pointId({ place, point }: Case): string {
  const values = Object.entries(point).map(([name, value]) => ` ${name}=${value}`);
  return `${place.file}${values.join('')}`;
}
