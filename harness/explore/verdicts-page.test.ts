/** docs/verdicts.md is what the command prints (a test of the docs runs it); here: that no design is left out of it. */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { loadSpec } from '../spec/load.ts';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/verdicts.md'), 'utf8');
const files = globSync('docs/examples/every-order-*.yaml', { cwd: root }).sort();

/** Nothing can be said of its properties where it does not stop: it differs from tracked in a deadlock alone. */
const STOPS = 'tracked-abba';

test.each(files)('%s: each design has its row, with its count of states', (file) => {
  const { cases, diagnostics } = loadSpec(join(root, file), { root });
  expect(diagnostics).toEqual([]);
  const moves = basename(file).startsWith('every-order-move');
  const wanted = DESIGN_NAMES.filter((name) => moves || name !== STOPS);
  expect(cases.map(({ designLabel }) => designLabel).sort()).toEqual([...wanted].sort());
  const table = new RegExp(`^${file.replaceAll('.', '\\.')} [^]*?(?=\\n\\n)`, 'm').exec(page)?.[0];
  for (const name of wanted)
    expect(table).toMatch(new RegExp(`^  ${name}( +(-|\\?|\\d+)){7} +[\\d,]+( |$)`, 'm'));
});
