/**
 * Whatever the reader of plain YAML takes, the yaml library takes too, with the same data at the
 * same places: the corpus, the corpus with random edits, and random text of YAML's tokens.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Data, placeOf } from './data.ts';
import { readPlain } from './plain-yaml.ts';
import { Report } from './report.ts';
import { SourceFile } from './source-file.ts';
import { parseWithLibrary } from './yaml-tree.ts';

const folder = resolve(__dirname, '../../specs');
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(folder, name)).toString());

/** Data with the places of each container, key and value, to compare. */
function placed(data: Data): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data).map(([key, value]) => [
    ...(Array.isArray(data) ? [] : [key, placeOf(data, key, 'key')]),
    placeOf(data, key),
    placed(value),
  ]);
  return [Array.isArray(data), placeOf(data), ...entries];
}

/** Whether the plain reader took it. */
function compare(text: string): boolean {
  const file = new SourceFile('a.yaml', '/a.yaml', text);
  const plain = readPlain(file);
  if (plain === undefined) return false;
  const report = new Report(new Map([[file.name, file]]));
  const data = parseWithLibrary(file, report);
  expect(report.diagnostics).toEqual([]);
  expect(placed(plain)).toEqual(placed(data as Data));
  return true;
}

/** Parts of a text replaced by others. */
const edits = fc.array(
  fc.record({
    at: fc.nat(5000),
    length: fc.nat(3),
    text: fc.constantFrom(
      ...' |\n|-|- |>\n  |:|: |#| #|{|}|[|]|,|"|\'|\\|&a|*a|!t|||>|%|0|~|  |\n  |a|é|\t|\r\n|---\n|? '.split(
        '|',
      ),
      '|',
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

describe('plain YAML', () => {
  test('more than half of the corpus is', () => {
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(compare).length).toBeGreaterThan(0.5 * texts.length);
  });

  test('the corpus with edits', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.nat(texts.length - 1), edits, (n, changes) => {
        let text = texts[n]?.slice(0, 5000) ?? '';
        for (const { at, length, text: by } of changes)
          text = text.slice(0, at % text.length) + by + text.slice((at % text.length) + length);
        if (compare(text)) taken++;
      }),
      { numRuns: 4000, seed: 12 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  test('text of its tokens', () => {
    const token = fc.constantFrom(
      'a',
      'b: ',
      'c:\n',
      '\n',
      '  ',
      ' ',
      '- ',
      '\n- ',
      '\n  ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '# d\n',
      '"e"',
      "'f'",
      '0x1',
      ': ',
      '$g',
      'a-b',
      '~',
      'a b',
      '>\n',
      '\n    ',
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 14 }), (tokens) => {
        if (compare(tokens.join(''))) taken++;
      }),
      { numRuns: 60_000, seed: 3 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
