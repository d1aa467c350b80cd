/** docs/jest.md, the types and the code have the same matchers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MATCHERS } from './matchers.ts';

const root = join(__dirname, '../..');

test.each([
  ['docs/jest.md', /`(to[A-Z]\w+)\(/g],
  ['harness/jest/matcher-types.ts', /^ {2}(to[A-Z]\w+)\(/gm],
])('%s has every matcher and no other', (file, pattern) => {
  const text = readFileSync(join(root, file), 'utf8');
  const named = [...text.matchAll(pattern)].map(([, name = '']) => name);
  const known = Object.keys(MATCHERS);
  const jests = new Set(['toMatchSnapshot', 'toMatchInlineSnapshot']);
  expect(new Set(named.filter((name) => !jests.has(name)))).toEqual(new Set(known));
});
