/**
 * Numbers as specs write them: 42, 0x2c00_0000, 1_000, 4K; and in expectations captures, ranges,
 * any.
 */
import type { ValueExpr } from './case.ts';

const SUFFIX: Readonly<Record<string, bigint>> = {
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
};
const NUMBER = /^(?:(0x[0-9a-f_]+|0b[01_]+)|([0-9][0-9_]*)([KMGT]?))$/i;
const CAPTURE = /^\$([A-Za-z][A-Za-z0-9_]*)(?:\s*([+-])\s*(\S+))?$/;
const U64 = 1n << 64n;

/** Exact value, or undefined where it is no number of 64 bits. */
export function parseNumber(data: unknown): bigint | undefined {
  if (typeof data === 'number')
    return Number.isSafeInteger(data) && data >= 0 ? BigInt(data) : undefined;
  if (typeof data !== 'string') return undefined;
  const match = NUMBER.exec(data);
  if (match === null) return undefined;
  const [, based, decimal, suffix = ''] = match;
  const digits = (based ?? decimal ?? '').replaceAll('_', '');
  if (digits === '' || /^0[xb]$/i.test(digits)) return undefined;
  const value = BigInt(digits) * (SUFFIX[suffix.toUpperCase()] ?? 1n);
  return value < U64 ? value : undefined;
}

/** An expected number, or undefined where it is none. */
export function parseValue(data: unknown): ValueExpr | undefined {
  if (data === 'any') return { kind: 'any', text: 'any' };
  const value = parseNumber(data);
  const text = String(data);
  if (value !== undefined) return { kind: 'value', value, text };
  const capture = CAPTURE.exec(text);
  if (capture) {
    const [, name = '', sign, distance] = capture;
    const by = distance === undefined ? 0n : parseNumber(distance);
    return by === undefined
      ? undefined
      : { kind: 'capture', name, offset: sign === '-' ? -by : by, text };
  }
  const [low, high, rest] = text.split('..');
  const min = parseNumber(low);
  const max = parseNumber(high);
  if (min === undefined || max === undefined || rest !== undefined || min > max) return undefined;
  return { kind: 'range', min, max, text };
}
