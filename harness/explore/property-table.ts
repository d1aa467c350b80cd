/** Each property by itself, for each case: a table of verdicts for a page or a mail. */
import { PROPERTIES, type PropertyName } from '../../src/explore/model/properties.ts';
import { exploreCase, type ExploreOptions } from './explore-case.ts';
import type { CasePlan } from './system-source.ts';

export interface PropertyRow {
  readonly name: string;
  /**
   * By property: steps of a shortest counterexample; 0: holds; undefined: not every state was met.
   */
  readonly verdicts: readonly (number | undefined)[];
  /** States of the search that met most, and its transitions. */
  readonly states: number;
  readonly transitions: number;
  readonly unreached: readonly string[];
  /** Steps to a state in which no thread can go on; 0: none was met. */
  readonly deadlock: number;
}

export async function propertyRow(
  name: string,
  plan: CasePlan,
  options: ExploreOptions,
): Promise<PropertyRow> {
  const verdicts: (number | undefined)[] = [];
  const unreached = new Set<string>();
  let [states, transitions, deadlock] = [0, 0, 0];
  for (const only of PROPERTIES) {
    const { report } = await exploreCase({ ...plan, properties: [only] }, options);
    const { verdict } = report;
    if (report.states > states) ({ states, transitions } = report);
    // What was not reached before a violation might have been after it.
    if (verdict.kind === 'unreached') for (const s of verdict.situations) unreached.add(s);
    if (verdict.kind === 'deadlock') deadlock = verdict.trace.length - 1;
    if (verdict.kind === 'violated') verdicts.push(verdict.trace.length - 1);
    else verdicts.push(verdict.kind === 'holds' || verdict.kind === 'unreached' ? 0 : undefined);
  }
  return { name, verdicts, states, transitions, deadlock, unreached: [...unreached] };
}

const SHORT: Readonly<Record<PropertyName, string>> = {
  'no unexpected fault': 'fault',
  'no interrupt is lost': 'lost',
  'no interrupt reaches another vector': 'astray',
  'no interrupt at a CPU that was never asked for': 'cpu',
  'references equal the programmed messages that use them': 'leak',
  'no binding without a reference': 'zero',
  'no use of freed memory': 'freed',
};

/** `-`: holds. A number: the steps of a shortest counterexample. `?`: not every state was met. */
export function propertyTable(rows: readonly PropertyRow[]): string[] {
  const width = Math.max(6, ...rows.map(({ name }) => name.length));
  const cell = (text: string): string => text.padStart(8);
  const head = PROPERTIES.map((name) => cell(SHORT[name])).join('');
  return [
    `${'design'.padEnd(width)}${head}${'states'.padStart(10)}`,
    ...rows.map(({ name, verdicts, states, unreached, deadlock }) => {
      const cells = verdicts.map((v) => cell(v === undefined ? '?' : v === 0 ? '-' : String(v)));
      const never = unreached.length > 0 ? `   never: ${unreached.join('; ')}` : '';
      const note = deadlock > 0 ? `   deadlock after ${deadlock} steps` : never;
      return `${name.padEnd(width)}${cells.join('')}${states.toLocaleString('en-US').padStart(10)}${note}`;
    }),
  ];
}
