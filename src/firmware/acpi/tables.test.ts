/** Tables that are cut short, lie about lengths or have other bytes than they should. */
import { describe, expect, test } from '@jest/globals';
import { iommuOf, msiOf } from './answers.ts';
import { readMachine } from './machine.ts';
import { StepBudget } from './map-id.ts';
import { platformAnswers } from './platform.ts';
import {
  withChecksum,
  writeIort,
  writeMadt,
  writeMcfg,
  writeTable,
  type NodeSpec,
} from './testing/write-tables.ts';

const NODES: readonly NodeSpec[] = [
  { kind: 'its', ids: [0, 1] },
  { kind: 'smmu-v3', base: 0x905_0000n, maps: [{ to: 0 }, { to: 0, single: true, output: 3 }] },
  { kind: 'smmu', base: 0x906_0000n, maps: [{ to: 0 }] },
  {
    kind: 'rc',
    maps: [
      { count: 0x100, to: 1 },
      { input: 0x100, count: 0xfeff, to: 2 },
    ],
  },
  { kind: 'named', path: '\\_SB_.COM0', maps: [{ to: 1, output: 5, single: true }] },
  { kind: 'pmcg', base: 0x907_0000n, maps: [{ to: 0, output: 9, single: true }] },
  { kind: 'rmr', regions: [[0x8000_0000n, 0x1_0000n]], maps: [{ to: 1, output: 7, count: 0 }] },
  { kind: 'iwb', base: 0x1000n, path: '\\_SB_.IWB0', maps: [{ to: 0, single: true }] },
  { kind: 'other', type: 42 },
];
const iort = writeIort(NODES);
const madt = writeMadt({ its: [[0, 0x808_0000n]], frames: [[0x802_0000n, 80, 64]] });
const mcfg = writeMcfg([[0x40_1000_0000n, 0, 0, 0xff]]);

/** Everything that an explanation asks of the tables; it must end, whatever they say. */
function exercise(tables: readonly Uint8Array[]): ReturnType<typeof readMachine> {
  const machine = readMachine(tables.map((bytes, i) => ({ name: `table ${i}`, bytes })));
  const budget = new StepBudget();
  for (const segment of new Set([0, ...(machine.mcfg?.ranges ?? []).map((range) => range.segment)]))
    for (const answer of [msiOf, iommuOf]) {
      const ranges = answer(machine, segment, { first: 0, last: 0xffff }, '7.x', budget);
      let next = 0;
      for (const { first, last } of ranges) {
        expect(first).toBe(next);
        next = last + 1;
      }
      expect(next).toBe(0x1_0000);
    }
  platformAnswers(machine, '7.x', budget);
  return machine;
}

const codes = (tables: readonly Uint8Array[]): string[] =>
  exercise(tables).diagnostics.map(({ code }) => code);

describe('headers', () => {
  test('good tables have no diagnostics', () => {
    expect(exercise([iort, madt, mcfg]).diagnostics).toEqual([]);
    expect(exercise([iort, madt, mcfg]).tables).toEqual(['IORT', 'APIC', 'MCFG']);
  });

  test.each([
    ['nothing', new Uint8Array(), 'DB650'],
    ['text', new TextEncoder().encode('/dts-v1/; / { model = "a board"; };    '), 'DB650'],
    ['a header cut off', iort.subarray(0, 20), 'DB650'],
    ['a table cut off', iort.subarray(0, iort.length - 1), 'DB651'],
    ['a length of 0', patch(iort, 4, [0, 0, 0, 0]), 'DB651'],
    ['an IORT that ends with its header', writeTable('IORT', []), 'DB651'],
    ['a MADT that ends with its header', writeTable('APIC', []), 'DB651'],
    ['an MCFG that ends with its header', writeTable('MCFG', []), 'DB651'],
  ])('%s', (_, bytes, code) => {
    const { diagnostics } = exercise([bytes]);
    expect(diagnostics.map((one) => one.code)).toEqual([code]);
    expect(diagnostics[0]?.severity).toBe('error');
  });

  test('a wrong checksum is a warning, and the table counts, as in Linux', () => {
    const { iort: read, diagnostics } = exercise([patch(iort, 9, [iort[9] ?? 0 ^ 1]), madt]);
    expect(diagnostics).toEqual([]);
    const bad = exercise([patch(iort, 9, [((iort[9] ?? 0) + 1) & 0xff]), madt]);
    expect(bad.diagnostics).toMatchObject([{ code: 'DB652', severity: 'warning', node: 'IORT' }]);
    expect(bad.iort?.nodes).toHaveLength(read?.nodes.length ?? 0);
  });

  test('bytes behind the length are not looked at', () => {
    expect(codes([Uint8Array.from([...iort, 1, 2, 3]), madt])).toEqual([]);
  });

  test('of two tables the first counts', () => {
    const second = writeIort([]);
    const machine = exercise([iort, madt, second, second]);
    expect(machine.diagnostics).toMatchObject([
      {
        code: 'DB659',
        severity: 'warning',
        message: expect.stringContaining('there are 3 tables'),
      },
    ]);
    expect(machine.iort?.nodes).toHaveLength(NODES.length);
  });

  test('other tables are left alone, broken or not', () => {
    const machine = exercise([iort, patch(writeTable('DSDT', [1, 2, 3]), 9, [0]), madt]);
    expect(machine.diagnostics).toEqual([]);
    expect(machine.tables).toEqual(['IORT', 'DSDT', 'APIC']);
  });

  test('what is missing is said', () => {
    expect(codes([madt])).toEqual(['DB657']);
    expect(codes([iort])).toEqual(['DB657']);
  });
});

describe('nodes and entries', () => {
  const first = 48;
  const second = first + 28;
  test.each([
    ['a node of length 0', patch(iort, first + 1, [0, 0]), 'DB653', 1],
    ['a node longer than the table', patch(iort, first + 1, [0xff, 0xff]), 'DB653', 1],
    ['a node offset out of the table', patch(iort, 40, [0, 0, 1, 0]), 'DB653', 0],
    ['a mapping offset out of the table', patch(iort, second + 12, [0, 0, 1, 0]), 'DB654', 9],
    ['a mapping count beyond the table', patch(iort, second + 8, [0, 0, 0, 1]), 'DB654', 9],
    ['more nodes than there are', patch(iort, 36, [0xff, 0xff, 0xff, 0xff]), 'DB653', 9],
  ])('%s', (_, bytes, code, nodes) => {
    const machine = exercise([withChecksum(bytes), madt]);
    expect(machine.diagnostics.map((one) => one.code)).toContain(code);
    expect(machine.iort?.nodes).toHaveLength(nodes);
  });

  test('a mapping offset of 0 is no mappings, whatever the count says', () => {
    const bytes = withChecksum(patch(iort, second + 12, [0, 0, 0, 0]));
    expect(exercise([bytes, madt]).iort?.nodes[1]?.mappings).toEqual([]);
  });

  test.each([
    ['an entry of length 0', [15, 0]],
    ['an entry longer than the table', [15, 40, 0, 0]],
    ['an ITS entry that is too short', [15, 8, 0, 0, 0, 0, 0, 0]],
  ])('MADT: %s', (_, extra) => {
    const machine = exercise([iort, writeMadt({ its: [[0, 0x808_0000n]], extra })]);
    expect(machine.diagnostics).toMatchObject([{ code: 'DB653', severity: 'warning' }]);
    expect(machine.madt?.its).toHaveLength(1);
  });

  test('MADT: a GICv5 is said to be not modelled', () => {
    expect(codes([iort, writeMadt({ extra: [28, 4, 0, 0] })])).toEqual(['DB656']);
  });

  test('MCFG: half an entry is left over', () => {
    expect(codes([iort, madt, writeTable('MCFG', new Uint8Array(8 + 24))])).toEqual(['DB653']);
  });
});

describe('every broken table ends in an answer', () => {
  const tables = [iort, madt, mcfg];
  const others = (skip: number): Uint8Array[] => tables.filter((_, i) => i !== skip);

  test.each(['IORT', 'APIC', 'MCFG'])('%s cut at every byte: one error', (name) => {
    const which = ['IORT', 'APIC', 'MCFG'].indexOf(name);
    const whole = tables[which] ?? iort;
    for (let length = 0; length < whole.length; length++) {
      const { diagnostics } = exercise([whole.subarray(0, length), ...others(which)]);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect([length, errors.length]).toEqual([length, 1]);
    }
  });

  test.each(['IORT', 'APIC', 'MCFG'])('%s cut, with a length that agrees', (name) => {
    const which = ['IORT', 'APIC', 'MCFG'].indexOf(name);
    const whole = tables[which] ?? iort;
    for (let length = 36; length < whole.length; length++) {
      const cut = patch(whole.slice(0, length), 4, [length & 0xff, length >> 8]);
      expect(exercise([withChecksum(cut), ...others(which)]).diagnostics.length).toBeLessThan(33);
    }
  });

  test.each([0xff, 0x80, 0x01])('each byte flipped with %i', (mask) => {
    for (const [which, whole] of tables.entries())
      // Behind the signature: with another one it is a table that nobody reads.
      for (let at = 4; at < whole.length; at++) {
        const flipped = patch(whole, at, [(whole[at] ?? 0) ^ mask]);
        const { diagnostics } = exercise([flipped, ...others(which)]);
        expect([at, diagnostics.length > 0, diagnostics.length < 33]).toEqual([at, true, true]);
      }
  });

  test('nodes that all claim the rest of the table as their mappings do not fill the memory', () => {
    const bytes = writeIort(Array.from({ length: 2000 }, (): NodeSpec => ({ kind: 'rc' })));
    const view = new DataView(bytes.buffer);
    for (let node = 48; node < bytes.length; node += 36) {
      view.setUint32(node + 8, 3000, true);
      view.setUint32(node + 12, 16, true);
    }
    const machine = exercise([withChecksum(bytes), madt]);
    expect(machine.diagnostics.map(({ code }) => code)).toContain('DB654');
    const mappings = machine.iort?.nodes.reduce((sum, node) => sum + node.mappings.length, 0);
    expect(mappings).toBeLessThanOrEqual((2 * bytes.length) / 20 + 2);
  });

  test('nodes whose mappings lead to each other in many ways', () => {
    const maps = Array.from({ length: 60 }, (_, i) => ({
      input: i * 7,
      count: 1000,
      output: i * 13,
      to: i % 4,
    }));
    const nodes = Array.from({ length: 4 }, (): NodeSpec => ({ kind: 'rc', maps }));
    exercise([writeIort(nodes), madt]);
  });
});

function patch(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}
