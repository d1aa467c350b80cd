/**
 * Specs that are wrong on purpose. The comments at the head of each say with which codes it must fail, and
 * where: `# expect: DB201 at 6:28`, with a file's name before the line where it is not the spec itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SPEC_CODES } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { loadSpec } from './load.ts';
import { renderDiagnostic } from './render.ts';

const root = resolve(__dirname, '../..');
const folder = join(root, 'specs/fault');
const names = readdirSync(folder).filter((name) => name.endsWith('.fault.yaml'));
const path = (name: string): string => join(folder, name);

const expected = (name: string): string[] =>
  [...readFileSync(path(name), 'utf8').matchAll(/^# expect: (.+)$/gm)].map(([, what = '']) => what);

function actual({ code, place }: Diagnostic, name: string): string {
  const file = place?.file.replace('specs/fault/', '');
  return `${code} at ${file === name ? '' : `${file}:`}${place?.line}:${place?.col}`;
}

/** Shown by files that a test makes: they are not there, too large, or not text. */
const ELSEWHERE = ['DB101', 'DB102', 'DB103'];

describe('specs/fault', () => {
  test.each(names)('%s', (name) => {
    const { cases, diagnostics } = loadSpec(path(name), { root });
    expect(diagnostics.map((d) => actual(d, name))).toEqual(expected(name));
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(cases).toEqual([]);
    for (const diagnostic of diagnostics) {
      expect(diagnostic.sourceLine).toBeDefined();
      const [first, line, carets] = renderDiagnostic(diagnostic, { color: false }).split('\n');
      expect(first).toBe(
        `${diagnostic.place?.file}:${diagnostic.place?.line}:${diagnostic.place?.col}  ${diagnostic.code}  ${diagnostic.message}`,
      );
      expect(line).toContain(' | ');
      expect(carets).toMatch(/^ +\| +\^+$/);
    }
  });

  test('a comma in a text is told as what it is', () => {
    const { diagnostics } = loadSpec(path('comma-in-a-text.fault.yaml'), { root });
    expect(diagnostics[0]?.hint).toBe('inside { } a comma ends a text that is not in quotes');
  });

  test('a key that belongs elsewhere is sent there', () => {
    const { diagnostics } = loadSpec(path('key-of-another-place.fault.yaml'), { root });
    expect(diagnostics[0]?.hint).toMatch(
      /^it belongs at the top of the spec; known here: attach, /,
    );
  });

  test('every code that a file can show has a file', () => {
    const shown = new Set(names.flatMap(expected).map((what) => what.slice(0, 5)));
    expect(Object.keys(SPEC_CODES).filter((code) => !shown.has(code))).toEqual(ELSEWHERE);
  });
});
