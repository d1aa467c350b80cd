/**
 * The dump that docs/firmware-acpi.md explains: what is in it, and that it is what the writer
 * makes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  dumpText,
  writeIort,
  writeMadt,
  writeMcfg,
} from '../../../src/firmware/acpi/testing/write-tables.ts';

const FILE = join(__dirname, '../../../docs/examples/board.acpidump');

/**
 * Segment 0 in front of an SMMU but for the buses from 4 on; segment 1 at an ITS that is not there.
 */
const tables = [
  writeIort(
    [
      { kind: 'its', ids: [0] },
      { kind: 'its', ids: [7] },
      {
        kind: 'smmu-v3',
        base: 0x905_0000n,
        maps: [{ to: 0 }, { input: 0x8_0000, count: 0, output: 0x8_0000, to: 0 }],
      },
      {
        kind: 'rc',
        maps: [
          { count: 0x400, to: 2 },
          { input: 0x400, output: 0x400, count: 0xfbff, to: 0 },
        ],
      },
      { kind: 'rc', segment: 1, maps: [{ to: 1, output: 0x1_0000 }] },
      { kind: 'named', path: '\\_SB_.DMA0', maps: [{ to: 2, output: 0x8_0000, single: true }] },
    ],
    { oemId: 'ACME', oemTableId: 'BOARD' },
  ),
  writeMadt({ cpus: 4, its: [[0, 0x808_0000n]] }),
  writeMcfg([
    [0x40_1000_0000n, 0, 0, 0xff],
    [0x50_0000_0000n, 1, 0, 0x3f],
  ]),
];

test('docs/examples/board.acpidump is up to date', () => {
  const text = dumpText(tables);
  if (process.env['UPDATE_EXAMPLES'] !== undefined) writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});
