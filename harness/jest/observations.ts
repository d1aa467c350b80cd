/**
 * What a case lets be seen, step by step, as text for a snapshot: what happened in each step and
 * what it changed, in the rows of `doorbell compare`. The same case gives the same text; places in
 * the file are not part of it.
 */
import { compareCase, type ComparedStep } from '../compare/compare-case.ts';
import type { Case } from '../spec/case.ts';
import { modelTarget } from '../targets/model.ts';

const MARK: unique symbol = Symbol.for('doorbell.observations');

export class Observations {
  readonly [MARK] = true;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** Its steps on a machine of their own. */
export async function observationsOf(spec: Case): Promise<Observations> {
  const column = { label: spec.designLabel, spec, target: modelTarget };
  const { columns, steps } = await compareCase(spec.id, [column]);
  const missing = columns[0]?.missing;
  if (missing !== undefined) return new Observations(`not run: ${missing}`);
  return new Observations(steps.map(stepText).join('\n'));
}

function stepText({ label, rows }: ComparedStep, index: number): string {
  const width = Math.max(0, ...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, cells }) => {
    const [cell] = cells;
    const text = cell?.seen === false ? 'cannot be seen' : (cell?.text ?? '');
    return `  ${what.padEnd(width)}  ${text === '' ? 'gone' : text}`.trimEnd();
  });
  const body = lines.length === 0 ? ['  nothing to see changed'] : lines;
  return [`step ${index + 1}  ${label}`, ...body, ''].join('\n');
}

/**
 * A snapshot shows the text itself, not an object with a text in it. By its mark: a bundle has its
 * own class.
 */
export const serializer = {
  test: (value: unknown): boolean => typeof value === 'object' && value !== null && MARK in value,
  serialize: (value: unknown): string => (value as Observations).text.trimEnd(),
};
