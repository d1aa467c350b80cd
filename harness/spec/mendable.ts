/**
 * What of a spec that breaks its schema can still be read, so that a misspelt key in one step and
 * an unknown device in another are said in one go.
 */
import type { SpecCode } from './codes.ts';
import type { Broken } from './validate.ts';
import { copyOrigin, type DataMap } from './data.ts';

/** Keys that nothing else in a spec depends on. */
const ALONE: ReadonlySet<string> = new Set([
  'title',
  'description',
  'source',
  'tags',
  'skip',
  'xfail',
]);

/**
 * What may be wrong only because a part was left out: a step that sets up, the only expectation.
 */
export const MAY_FOLLOW: ReadonlySet<string> = new Set<SpecCode>(['DB310', 'DB312', 'DB330']);

/** The spec without the broken steps and expectations; undefined: too much of it is broken. */
export function withoutBroken(spec: DataMap, broken: readonly Broken[]): DataMap | undefined {
  const rest: DataMap = { ...spec };
  copyOrigin(spec, rest);
  const steps = new Set<number>();
  for (const [key = '', part] of broken) {
    const entry = spec[key];
    if (key === 'steps' && Array.isArray(entry) && part !== undefined) steps.add(Number(part));
    else if (key === 'expect' || ALONE.has(key)) delete rest[key];
    else return undefined;
  }
  const whole = rest['steps'];
  if (!Array.isArray(whole)) return rest;
  const kept = whole.filter((_, i) => !steps.has(i));
  copyOrigin(whole, kept);
  rest['steps'] = kept;
  return rest;
}
