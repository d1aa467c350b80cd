/**
 * `always:`, `eventually:` and `sometimes:` of `explore:`: a spec's own properties of its
 * interleavings.
 */
import type { Expectation, OwnProperty, Place } from './case.ts';
import { KINDS } from './expectation-kinds.ts';
import { isMap, type Reader } from './reader.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

/**
 * A block with the design and matrix values that it is for; `expect` is read once for all designs.
 */
export interface Chosen {
  readonly block: DataMap;
  readonly expectations: readonly Expectation[];
}

export interface Owned {
  readonly block: DataMap;
  readonly property: OwnProperty;
}

/** What a property of this kind can be about. */
const ALLOWED: Readonly<Record<OwnProperty['kind'], readonly string[]>> = {
  always: ['state'],
  eventually: ['state'],
  sometimes: ['state', 'step'],
};
const PROPERTIES = ['always', 'eventually', 'sometimes'] as const;

export function ownPropertiesOf(
  { explore }: DataMap,
  chosenOf: (data: Data) => readonly Chosen[],
  read: Reader,
): Owned[] {
  if (!isMap(explore)) return [];
  return PROPERTIES.flatMap((kind) => {
    const data = explore[kind];
    if (data === undefined) return [];
    return chosenOf(data).map(({ block, expectations }): Owned => {
      for (const { kind: what, place } of expectations)
        if (!ALLOWED[kind].includes(KINDS[what].of))
          read.report.error(
            'DB433',
            place,
            `${kind}: cannot be about ${what}`,
            kind === 'sometimes'
              ? 'about mappings, messages, affinity, leaks, windows, interrupts, faults or error'
              : 'a state has mappings, messages, affinity, leaks and windows; what happens in a step is for sometimes:',
          );
      const place = placeOf(block) as Place;
      const name = typeof block['why'] === 'string' ? block['why'] : `line ${place.line}`;
      return { block, property: { kind, name: `${kind}: ${name}`, place, expectations } };
    });
  });
}
