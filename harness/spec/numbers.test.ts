import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseNumber, parseValue } from './numbers.ts';

const U64 = 1n << 64n;
const u64 = fc.bigInt({ min: 0n, max: U64 - 1n });

/** `digits` with underscores strewn in after the first one. */
const grouped = (digits: string, every: number): string =>
  digits.replace(new RegExp(`(?<=.)(?=(?:.{${every}})+$)`, 'g'), '_');

describe('numbers', () => {
  test('hexadecimal, decimal and binary are exact to 64 bits, with and without underscores', () => {
    fc.assert(
      fc.property(u64, fc.integer({ min: 1, max: 8 }), (value, every) => {
        for (const [prefix, digits] of [
          ['0x', value.toString(16)],
          ['0x', value.toString(16).toUpperCase()],
          ['0b', value.toString(2)],
          ['', value.toString()],
        ] as const) {
          expect(parseNumber(prefix + digits)).toBe(value);
          expect(parseNumber(prefix + grouped(digits, every))).toBe(value);
        }
      }),
    );
  });

  test.each([
    ['4K', 4096n],
    ['64K', 65_536n],
    ['1_024M', 1n << 30n],
    ['2G', 1n << 31n],
    ['1T', 1n << 40n],
    ['16777215T', 16_777_215n << 40n],
    ['010', 10n],
    ['0', 0n],
  ])('%s', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  test.each(['16777216T', '18446744073709551616', '0x1_0000_0000_0000_0000'])(
    '%s has more than 64 bits',
    (text) => {
      expect(parseNumber(text)).toBeUndefined();
    },
  );

  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x',
    '0b',
    '0b2',
    '0xg',
    '_1',
    'K',
    '4KB',
    '4 K',
    '0x4K',
    'any',
    '١',
  ])('%j is no number', (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });

  test.each([
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    true,
    null,
    undefined,
    {},
    [],
  ])('%p as data is no number', (data) => {
    expect(parseNumber(data)).toBeUndefined();
  });
});

describe('expected numbers', () => {
  test('a number keeps the text that the author wrote', () => {
    expect(parseValue('0x2c00_0000')).toEqual({
      kind: 'value',
      value: 0x2c00_0000n,
      text: '0x2c00_0000',
    });
    expect(parseValue(7)).toEqual({ kind: 'value', value: 7n, text: '7' });
  });

  test('a range holds both ends, exactly', () => {
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        const [min, max] = a <= b ? [a, b] : [b, a];
        expect(parseValue(`0x${min.toString(16)}..${max}`)).toMatchObject({
          kind: 'range',
          min,
          max,
        });
      }),
    );
  });

  test('a capture has an offset of either sign', () => {
    expect(parseValue('$page')).toEqual({
      kind: 'capture',
      name: 'page',
      offset: 0n,
      text: '$page',
    });
    expect(parseValue('$page + 0x40')).toMatchObject({ name: 'page', offset: 0x40n });
    expect(parseValue('$page+4K')).toMatchObject({ name: 'page', offset: 4096n });
    expect(parseValue('$page - 4K')).toMatchObject({ name: 'page', offset: -4096n });
  });

  test('any', () => {
    expect(parseValue('any')).toEqual({ kind: 'any', text: 'any' });
  });

  test.each([
    '2..1',
    '1..',
    '..2',
    '1..2..3',
    '$',
    '$1',
    '$page +',
    '$page * 2',
    '$page + $other',
    'none',
    '',
  ])('%j is no expected number', (text) => {
    expect(parseValue(text)).toBeUndefined();
  });
});
