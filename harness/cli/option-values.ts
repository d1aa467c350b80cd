/** Values of options that several commands have. */
import { InvalidArgumentError } from 'commander';

/** Of an option that is given several times. */
export const each = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

export function wholeNumber(text: string): number {
  const n = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new InvalidArgumentError('A whole number from 1 on.');
}

export function seedNumber(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('A seed is a whole number from 0 on.');
}
