/** Widths of IDs as people write them. */
import type { SaidBits } from '../../src/firmware/sizes.ts';

export type { SaidBits };

/** `16`, or `NODE=16`; nothing for anything else. */
export function parseBits(text: string): SaidBits | undefined {
  const [, node, digits] = /^(?:(.+)=)?(\d{1,2})$/.exec(text) ?? [];
  const bits = Number(digits);
  if (digits === undefined || bits < 1 || bits > 32) return undefined;
  return { bits, ...(node === undefined ? {} : { node }) };
}
