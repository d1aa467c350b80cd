/** The JSON of `doorbell explain --json`: IDs and addresses as `0x` strings, the rest as it is. */
import type { Explanation } from './explanation.ts';

/** Keys whose numbers are IDs. */
const IDS = new Set(['rid', 'lastRid', 'deviceId', 'streamId', 'mask']);

/** Plain data that `JSON.stringify` takes; keys keep the order of the types. */
export function explanationJson(explanation: Explanation): unknown {
  return plain(explanation);
}

function plain(value: unknown, key = ''): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'number' && IDS.has(key)) return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map((item) => plain(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plain(inner, name)] as const),
  );
}
