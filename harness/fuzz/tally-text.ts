/** What a fuzz has exercised, in lines. */
import type { Tally } from './tally.ts';

const number = (n: number): string => n.toLocaleString('en-US');

function counts(title: string, map: ReadonlyMap<string, number>): string[] {
  const parts = [...map].sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${number(n)}`);
  return parts.length === 0 ? [] : [`  ${title.padEnd(14)}${parts.join(', ')}`];
}

export function tallyText(tally: Tally): string[] {
  const { runs, interrupts, interleavings, unfinished, states } = tally;
  const cases = new Map(tally.judged);
  for (const [design, n] of tally.unsupported) cases.set(`${design} (unsupported)`, n);
  const given = unfinished === 0 ? '' : `, ${number(unfinished)} given up`;
  return [
    `${number(runs)} runs, ${number(interrupts)} interrupts delivered, ${number(interleavings)} interleavings explored in ${number(states)} states${given}`,
    ...counts('cases', cases),
    ...counts('controllers', tally.controllers),
    ...counts('IOMMUs', tally.iommus),
    ...counts('steps', tally.operations),
    ...counts('refused', tally.errors),
  ];
}
