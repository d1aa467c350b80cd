/** Numbers and rows as a reader of the spec would write them. */

/** At least eight digits, so that addresses stand in columns. */
export const address = (value: bigint | number): string =>
  `0x${value.toString(16).padStart(8, '0')}`;

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

const UNITS = [
  ['G', 1n << 30n],
  ['M', 1n << 20n],
  ['K', 1n << 10n],
] as const;

/** `4K`, `64K`, `2M`; bytes where no unit fits. */
export function size(value: bigint | number): string {
  const bytes = BigInt(value);
  for (const [unit, factor] of UNITS)
    if (bytes >= factor && bytes % factor === 0n) return `${bytes / factor}${unit}`;
  return hex(bytes);
}

export const count = (n: number | bigint, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 || n === 1n ? one : many}`;

/** `a, b and 3 more`: a list in a sentence stays short. */
export function some(items: readonly string[], most = 3): string {
  const more = items.length - most;
  return items.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
