/**
 * Reading values out of data that fits its schema: numbers in their range, names that exist. What
 * is wrong is reported at its place, and a stand-in returned so that the rest can be read too.
 */
import type { SpecCode } from './codes.ts';
import { parseNumber } from './numbers.ts';
import { didYouMean, listKnown, type Report } from './report.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

export const ADDRESS_LIMIT = 1n << 52n;

export class Reader {
  readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  error(
    code: SpecCode,
    container: object,
    key: string | number | undefined,
    message: string,
    hint?: string,
    which: 'key' | 'value' = 'value',
  ): void {
    // A parameter that stands for nothing has been reported as that.
    const value = which === 'value' && key !== undefined ? (container as DataMap)[key] : undefined;
    if (typeof value === 'string' && value.includes('${')) return;
    this.report.error(code, placeOf(container, key, which), message, hint);
  }

  /** A full 64-bit number. */
  u64(map: DataMap, key: string): bigint {
    const value = parseNumber(map[key]);
    if (value === undefined)
      this.error('DB203', map, key, `${key}: "${String(map[key])}" is not a number of 64 bits`);
    return value ?? 0n;
  }

  /** A number between min and max, or `fallback` where the key is not there. */
  number(map: DataMap, key: string, min: number, max: number, fallback?: number): number {
    if (map[key] === undefined && fallback !== undefined) return fallback;
    const value = parseNumber(map[key]);
    if (value === undefined || value < BigInt(min) || value > BigInt(max)) {
      this.error('DB303', map, key, `${key}: ${String(map[key])} is not between ${min} and ${max}`);
      return fallback ?? min;
    }
    return Number(value);
  }

  /** One of several numbers. */
  oneOf<T extends number>(map: DataMap, key: string, allowed: readonly T[], fallback: T): T {
    if (map[key] === undefined) return fallback;
    const value = parseNumber(map[key]);
    const found = allowed.find((n) => value === BigInt(n));
    if (found === undefined) {
      this.error(
        'DB303',
        map,
        key,
        `${key}: ${String(map[key])} is not one of ${allowed.map(sizeName).join(', ')}`,
      );
    }
    return found ?? fallback;
  }

  /** An address of at most 52 bits, a multiple of `align`. */
  address(map: DataMap, key: string, align: number): number {
    const value = this.u64(map, key);
    if (value >= ADDRESS_LIMIT) {
      this.error(
        'DB303',
        map,
        key,
        `${key}: ${String(map[key])} has more than 52 bits`,
        'Arm addresses have at most 52',
      );
      return 0;
    }
    if (value % BigInt(align) !== 0n) {
      this.error(
        'DB304',
        map,
        key,
        `${key}: ${String(map[key])} is not a multiple of ${sizeName(align)}`,
      );
    }
    return Number(value);
  }

  flag(map: DataMap, key: string, fallback: boolean): boolean {
    const value = map[key];
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean')
      this.error('DB203', map, key, `${key}: "${String(value)}" is neither true nor false`);
    return value === true;
  }

  word<T extends string>(map: DataMap, key: string, allowed: readonly T[], fallback: T): T {
    const value = map[key];
    if (value === undefined) return fallback;
    const found = allowed.find((word) => word === value);
    if (found === undefined) {
      const near = didYouMean(String(value), allowed);
      this.error(
        'DB204',
        map,
        key,
        `${key}: "${String(value)}" is not one of ${allowed.join(', ')}${near}`,
      );
    }
    return found ?? fallback;
  }

  /** A name that must be one of those known. Undefined, reported, where it is not. */
  name(
    container: object,
    key: string | number,
    name: unknown,
    kind: string,
    known: readonly string[],
    which: 'key' | 'value' = 'value',
  ): string | undefined {
    const text = String(name);
    if (known.includes(text)) return text;
    this.error(
      'DB301',
      container,
      key,
      `no ${kind} "${text}"${didYouMean(text, known)}`,
      listKnown(known),
      which,
    );
    return undefined;
  }
}

function sizeName(n: number): string {
  if (n >= 1 << 20 && n % (1 << 20) === 0) return `${n >> 20}M`;
  return n >= 1024 && n % 1024 === 0 ? `${n >> 10}K` : String(n);
}

export const isMap = (data: Data | undefined): data is DataMap =>
  typeof data === 'object' && data !== null && !Array.isArray(data);
