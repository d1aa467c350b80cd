/** `always:`, `eventually:` and `sometimes:` of `explore:`: a spec's own properties of its interleavings. */
import type { Expectation, OwnProperty, Place } from './case.ts';
import { isMap, type Reader } from './reader.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

/** A block with the design and matrix values that it is for; `expect` is read once for all designs. */
export interface Chosen {
  readonly block: DataMap;
  readonly expectations: readonly Expectation[];
}

export interface Owned {
  readonly block: DataMap;
  readonly property: OwnProperty;
}

/** What a state has, whatever step led to it. */
const OF_STATES: ReadonlySet<Expectation['kind']> = new Set([
  'mappings',
  'message',
  'leaks',
  'window',
]);
const OF_STEPS: ReadonlySet<Expectation['kind']> = new Set([
  ...OF_STATES,
  'interrupts',
  'faults',
  'error',
]);
const ALLOWED = { always: OF_STATES, eventually: OF_STATES, sometimes: OF_STEPS } as const;
const KINDS = ['always', 'eventually', 'sometimes'] as const;

export function ownPropertiesOf(
  { explore }: DataMap,
  chosenOf: (data: Data) => readonly Chosen[],
  read: Reader,
): Owned[] {
  if (!isMap(explore)) return [];
  return KINDS.flatMap((kind) => {
    const data = explore[kind];
    if (data === undefined) return [];
    return chosenOf(data).map(({ block, expectations }): Owned => {
      for (const { kind: what, place } of expectations)
        if (!ALLOWED[kind].has(what))
          read.report.error(
            'DB433',
            place,
            `${kind}: cannot be about ${what}`,
            kind === 'sometimes'
              ? 'about mappings, messages, leaks, windows, interrupts, faults or error'
              : 'a state has mappings, messages, leaks and windows; what happens in a step is for sometimes:',
          );
      const place = placeOf(block) as Place;
      const name = typeof block['why'] === 'string' ? block['why'] : `line ${place.line}`;
      return { block, property: { kind, name: `${kind}: ${name}`, place, expectations } };
    });
  });
}
