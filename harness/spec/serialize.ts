/** Cases as JSON: a bigint becomes { "$u64": "0x..." }, everything else is plain already. */
import type { Case } from './case.ts';

const TAG = '$u64';

export const serializeCase = (spec: Case): string => serialize(spec);
export const deserializeCase = (text: string): Case => deserialize(text) as Case;

export function serialize(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'bigint'
      ? { [TAG]: v < 0n ? `-0x${(-v).toString(16)}` : `0x${v.toString(16)}` }
      : v,
  );
}

export function deserialize(text: string): unknown {
  return JSON.parse(text, (_, v: unknown) => {
    if (typeof v !== 'object' || v === null || !(TAG in v)) return v;
    const digits = String(v[TAG]);
    return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
  }) as unknown;
}
