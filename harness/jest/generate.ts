/**
 * The test file that a spec becomes: one describe with the spec's title, one test per case. Jest
 * takes a test's location from the call of test(), so each call has a line of its own, and the
 * source map says which line of YAML that is. There is no user code in the file.
 */
import type { Place } from '../spec/case.ts';
import { sourceMap } from './source-map.ts';

/** One test. `data` is what the runtime's `body` is given, JSON text. */
export interface GeneratedTest {
  readonly name: string;
  readonly place: Place;
  /** Why the case is skipped; it is then listed as skipped and not run. */
  readonly skip?: string;
  readonly kind: 'case' | 'diagnostic';
  readonly data: string;
}

export interface GeneratedFile {
  readonly title: string;
  readonly place: Place;
  /** Absolute folder that places are relative to. */
  readonly root: string;
  readonly tests: readonly GeneratedTest[];
}

export function generate(
  file: GeneratedFile,
  runtime: string,
): { readonly code: string; readonly map: string } {
  const lines: { code: string; place?: Place }[] = [
    // Required, not global: a project may have injectGlobals off.
    { code: `'use strict'; const { describe, test } = require('@jest/globals');` },
    { code: `const runtime = require(${JSON.stringify(runtime)});` },
    { code: `const root = ${JSON.stringify(file.root)};` },
    { code: `describe(${JSON.stringify(file.title)}, () => {`, place: file.place },
    ...file.tests.map((test) => ({ code: testLine(test), place: test.place })),
    { code: '});' },
  ];
  return {
    code: lines.map(({ code }) => `${code}\n`).join(''),
    map: sourceMap(
      lines.map(({ place }) => place),
      file.root,
    ),
  };
}

function testLine({ name, skip, kind, data }: GeneratedTest): string {
  if (skip !== undefined)
    return `test.skip(${JSON.stringify(`${name} (skipped: ${skip})`)}, () => {});`;
  // The text is parsed only when the test runs: with -t most do not.
  return `test(${JSON.stringify(name)}, runtime.${kind}(root, ${JSON.stringify(data)}));`;
}
