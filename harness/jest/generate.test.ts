import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { Place } from '../spec/case.ts';
import { generate, type GeneratedFile } from './generate.ts';
import { errorAt } from './place-error.ts';
import { sourceMap } from './source-map.ts';

const at = (line: number, col: number, file = 'specs/a.spec.yaml'): Place => ({
  file,
  line,
  col,
  endCol: col + 1,
});

describe('generate', () => {
  const file: GeneratedFile = {
    title: 'Quotes " and \u2028 and ${x} stay text',
    place: at(1, 8),
    root: '/p',
    tests: [
      { name: '[tracked]', place: at(3, 1), kind: 'case', data: '{"a":"\u2028\'"}' },
      { name: '[rfc-v3]', place: at(4, 2), kind: 'case', data: '{}', skip: 'why' },
      { name: 'DB101', place: at(9, 5, 'specs/b.yaml'), kind: 'diagnostic', data: '{}' },
    ],
  };
  const { code, map } = generate(file, '/r/runtime.cjs');

  test('calls Jest with the texts as they are', () => {
    const calls: unknown[][] = [];
    const record =
      (name: string) =>
      (...args: unknown[]): void =>
        void calls.push([name, ...args.filter((arg) => typeof arg !== 'function')]);
    const testFunction = Object.assign(record('test'), { skip: record('skip') });
    const modules: Record<string, unknown> = {
      '@jest/globals': {
        describe: (title: string, body: () => void) => (record('describe')(title), body()),
        test: testFunction,
      },
      '/r/runtime.cjs': {
        case: (...args: unknown[]) => ['case', ...args],
        diagnostic: (...args: unknown[]) => ['diagnostic', ...args],
      },
    };
    runInNewContext(code, { require: (name: string) => modules[name] });
    expect(calls).toEqual([
      ['describe', file.title],
      ['test', '[tracked]', ['case', '/p', '{"a":"\u2028\'"}']],
      ['skip', '[rfc-v3] (skipped: why)'],
      ['test', 'DB101', ['diagnostic', '/p', '{}']],
    ]);
  });

  test('maps each call to its line of YAML', () => {
    const { sources, mappings } = JSON.parse(map) as { sources: string[]; mappings: string };
    expect(sources).toEqual(['/p/specs/a.spec.yaml', '/p/specs/b.yaml']);
    // Decoded by hand: [column, source, line, column], each less the one before.
    expect(mappings).toBe(';;;AAAO;AAEP;AACC;ACKG;');
  });
});

test('sourceMap writes quantities of several digits, and negative ones', () => {
  const { mappings } = JSON.parse(sourceMap([at(101, 1), at(1, 17)], '/p')) as { mappings: string };
  expect(mappings).toBe('AAoGA;AApGgB');
});

describe('errorAt', () => {
  test('has a frame for each place', () => {
    const error = errorAt('/p', 'wrong\n  side by side', [at(3, 1), at(9, 5, '/abs/b.yaml')]);
    expect(error.stack).toBe(
      'Error: wrong\n  side by side\n' +
        '    at step (/p/specs/a.spec.yaml:3:1)\n    at step (/abs/b.yaml:9:5)',
    );
  });

  test('keeps a line of the message from looking like a frame', () => {
    const error = errorAt('/p', 'wrong\n  at the end a.yaml:3:1', [at(3, 1)]);
    expect(error.stack).toContain('\n  in the end a.yaml:3:1\n');
  });
});
