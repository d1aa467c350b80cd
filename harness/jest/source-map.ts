/** A source map, version 3, in which each generated line comes from one place. */
import type { Place } from '../spec/case.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base 64 variable-length quantity: sign in the lowest bit, five bits a digit, lowest first. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += BASE64.charAt(rest > 0 ? digit | 32 : digit);
  } while (rest > 0);
  return text;
}

/** `places[n]` is where line n comes from; a line without one has no origin. */
export function sourceMap(places: readonly (Place | undefined)[], root: string): string {
  const sources: string[] = [];
  let [source, line, col] = [0, 0, 0];
  const mappings = places.map((place) => {
    if (place === undefined) return '';
    const file = place.file.startsWith('/') ? place.file : `${root}/${place.file}`;
    if (!sources.includes(file)) sources.push(file);
    const next = [sources.indexOf(file), place.line - 1, place.col - 1] as const;
    const segment = vlq(0) + vlq(next[0] - source) + vlq(next[1] - line) + vlq(next[2] - col);
    [source, line, col] = next;
    return segment;
  });
  return JSON.stringify({ version: 3, sources, names: [], mappings: mappings.join(';') });
}
