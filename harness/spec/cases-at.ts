/**
 * Which cases a line of a spec is about: a design's those of that design, a value's of the matrix
 * those at that value, a block's with `design:` or `when:` those that it counts for; every other
 * line all of them.
 */
import type { Case } from './case.ts';
import { type Data, type DataMap, linesOf } from './data.ts';

/** What a case must have, all of it. */
interface Wanted {
  readonly design?: readonly string[];
  readonly point: Readonly<Record<string, readonly string[]>>;
}

export function casesAt(cases: readonly Case[], spec: DataMap, line: number): readonly Case[] {
  const labels = [...new Set(cases.map(({ designLabel }) => designLabel))];
  const wanted = atLine(spec, line).flatMap((key): Wanted[] => {
    const data = spec[key];
    if (key === 'designs')
      return items(data, line).map((i) => ({ design: at(labels, i), point: {} }));
    if (key === 'kernel') return items(data, line).map((i) => axis(cases, 'kernel', i));
    if (key === 'matrix')
      return atLine(data, line).flatMap((name) =>
        items((data as DataMap)[name], line).map((i) => axis(cases, name, i)),
      );
    return within(data, line, { point: {} });
  });
  if (wanted.length === 0) return cases;
  return cases.filter((spec) => wanted.some((each) => isMeant(spec, each)));
}

const isMeant = ({ designLabel, point }: Case, { design, point: values }: Wanted): boolean =>
  (design === undefined || design.includes(designLabel)) &&
  Object.entries(values).every(([name, wanted]) => wanted.includes(point[name] ?? ''));

/** The n-th value of an axis, as the cases have it. */
function axis(cases: readonly Case[], name: string, n: number): Wanted {
  const values = [...new Set(cases.map(({ point }) => point[name] ?? ''))];
  return { point: { [name]: at(values, n) } };
}

const at = (list: readonly string[], n: number): readonly string[] => list.slice(n, n + 1);

/** Keys of a mapping whose entry is on the line; several where they share it. */
const atLine = (data: Data | undefined, line: number): string[] =>
  typeof data === 'object' && data !== null && !Array.isArray(data)
    ? Object.keys(data).filter((key) => covers(data, key, line))
    : [];

const items = (data: Data | undefined, line: number): number[] =>
  Array.isArray(data) ? [...data.keys()].filter((i) => covers(data, i, line)) : [];

function covers(container: object, key: string | number, line: number): boolean {
  const lines = linesOf(container, key);
  return lines !== undefined && lines.first <= line && line <= lines.last;
}

/** What the blocks around the line ask for, the inner ones beside the outer. */
function within(data: Data | undefined, line: number, outer: Wanted): Wanted[] {
  if (typeof data !== 'object' || data === null) return [outer];
  const own = Array.isArray(data) ? outer : narrowed(data, outer);
  const inner = Array.isArray(data)
    ? items(data, line).map((i) => data[i])
    : atLine(data, line).map((key) => data[key]);
  const found = inner.flatMap((each) => within(each, line, own));
  return found.length > 0 ? found : [own];
}

function narrowed(data: DataMap, outer: Wanted): Wanted {
  const design = data['design'] === undefined ? outer.design : texts(data['design']);
  const when = data['when'];
  const point =
    typeof when === 'object' && when !== null && !Array.isArray(when)
      ? Object.fromEntries(Object.entries(when).map(([name, value]) => [name, texts(value)]))
      : {};
  return { ...(design === undefined ? {} : { design }), point: { ...outer.point, ...point } };
}

const texts = (data: Data): readonly string[] => (Array.isArray(data) ? data : [data]).map(String);
