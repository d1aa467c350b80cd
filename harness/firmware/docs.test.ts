/** docs/firmware.md names every reason and every rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { WHY } from '../../src/firmware/why.ts';

const ROOT = join(__dirname, '../..');
const examples = readFileSync(join(ROOT, 'docs/firmware-findings.md'), 'utf8');
const page = readFileSync(join(ROOT, 'docs/firmware.md'), 'utf8');

test('reasons', () => {
  for (const [word, meaning] of Object.entries(WHY)) expect(page).toMatch(row(word, meaning));
});
const row = (word: string, meaning: string): RegExp =>
  new RegExp(`\`${word}\` +\\| ${meaning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);

test('rules of device trees', () => {
  const folder = join(ROOT, 'src/firmware/fdt/findings');
  const rules = readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const named = [...text.matchAll(/rule: (?:[^'\n]*\? )?'([a-z0-9-]+)'(?: : '([a-z0-9-]+)')?/g)];
    const passed = [...text.matchAll(/'(device-ids-shared|stream-ids-shared)'/g)];
    return [...named, ...passed].flatMap(([, ...words]) => words.filter((word) => word));
  });
  expect(new Set(rules).size).toBeGreaterThan(20);
  const sizes = ['device-table-too-small', 'stream-table-too-small', 'stream-id-too-wide'];
  for (const rule of [...rules, ...sizes]) {
    expect(page).toContain(`\`${rule}\``);
    expect(examples).toContain(`\n## ${rule}\n`);
  }
});
