import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  dumpText,
  writeIort,
  writeMadt,
  writeMcfg,
  writeTable,
  type NodeSpec,
} from '../../../src/firmware/acpi/testing/write-tables.ts';
import { importTopology, type ImportedTopology } from '../../../src/firmware/topology.ts';
import { openFirmware } from '../open.ts';
import { isAcpi, readAcpi } from './read-tables.ts';

const iort = writeIort([
  { kind: 'its', ids: [0] },
  { kind: 'rc', maps: [{ to: 0 }] },
]);
const madt = writeMadt({ its: [[0, 0x808_0000n]] });
const mcfg = writeMcfg([[0x40_1000_0000n, 0, 0, 0xff]]);
const dsdt = writeTable('DSDT', new Uint8Array(2000));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-acpi-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const put = (name: string, content: Uint8Array | string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const signatures = (path: string): string[] => [...readAcpi(path).tables].sort();
const codes = (path: string): string[] => readAcpi(path).diagnostics.map(({ code }) => code);

describe('what a path stands for', () => {
  test.each([
    ['IORT', 'APIC', 'MCFG'],
    ['iort.dat', 'apic.dat', 'mcfg.dat'],
    ['board.iort.bin', 'board.apic.bin', 'board.mcfg.bin'],
    ['x-IORT.aml', 'x-MADT.aml', 'x-MCFG.aml'],
  ])('%s with %s and %s beside it', (first, second, third) => {
    const path = put(first, iort);
    expect(codes(path)).toEqual(['DB657']);
    const other = put(second, madt);
    put(third, mcfg);
    for (const start of [path, other]) {
      expect(isAcpi(start)).toBe(true);
      expect(signatures(start)).toEqual(['APIC', 'IORT', 'MCFG']);
      expect(codes(start)).toEqual([]);
    }
  });

  test('a copy of /sys/firmware/acpi/tables', () => {
    put('IORT', iort);
    put('APIC', madt);
    put('DSDT', dsdt);
    put('README', 'not a table');
    mkdirSync(join(folder, 'dynamic'));
    expect(isAcpi(folder)).toBe(true);
    expect(signatures(folder)).toEqual(['APIC', 'IORT']);
    expect(codes(folder)).toEqual([]);
  });

  test('the text of acpidump', () => {
    const path = put('dump.txt', dumpText([dsdt, iort, madt, mcfg]));
    expect(isAcpi(path)).toBe(true);
    expect(signatures(path)).toEqual(['APIC', 'IORT', 'MCFG']);
    expect(codes(path)).toEqual([]);
  });
});

describe('as a topology', () => {
  const wired = (model: number): ImportedTopology => {
    const nodes: NodeSpec[] = [
      { kind: 'its', ids: [0] },
      { kind: 'smmu-v3', base: 0x905_0000n, model, maps: [{ to: 0, output: 0x1_0000 }] },
      { kind: 'rc', maps: [{ to: 1 }] },
    ];
    put('IORT', writeIort(nodes));
    put('APIC', madt);
    const firmware = openFirmware(folder);
    if ('code' in firmware) throw new Error(firmware.message);
    return importTopology(
      firmware.explain({ era: '6.12' }),
      firmware.explain({ era: '6.12', rids: [8] }).bridges,
    );
  };

  test('controllers, SMMUs and functions have the IDs of the explanation', () => {
    const { cpus, controllers, iommus, devices, leftOut } = wired(0);
    expect(cpus).toBe(2);
    expect(controllers).toMatchObject([{ kind: 'gicv3-its', base: 0x808_0000n, deviceIdBits: 17 }]);
    expect(iommus).toMatchObject([{ kind: 'smmu-v3', streamIdBits: 16 }]);
    expect(devices).toMatchObject([{ rid: 8, deviceId: 0x1_0008, streamIds: [8] }]);
    expect(leftOut).toEqual([]);
  });

  test('an SMMU that MSIs pass untranslated (HW_MSI) has the doorbell frame of its ITS', () => {
    const { iommus, devices } = wired(1);
    expect(iommus).toMatchObject([{ hwMsi: { base: 0x809_0000n, size: 0x1_0000n } }]);
    expect(devices).toMatchObject([{ rid: 8, deviceId: 0x1_0008, streamIds: [8] }]);
  });
});

describe('what cannot be read is one diagnostic', () => {
  test('no such file, an empty folder, text, another table', () => {
    expect(codes(join(folder, 'nothing'))).toEqual(['DB650']);
    expect(codes(folder)).toEqual(['DB650']);
    expect(codes(put('board.dts', '/dts-v1/;\n/ { };\n'))).toEqual(['DB650']);
    expect(isAcpi(join(folder, 'board.dts'))).toBe(false);
    expect(codes(put('empty', ''))).toEqual(['DB650']);
  });

  test('a dump with a broken line', () => {
    const text = dumpText([iort]).replace(/^ +0010:.*\n/m, '');
    expect(codes(put('dump.txt', text))).toEqual(['DB658']);
  });

  test('a named pipe does not hang', () => {
    expect(spawnSync('mkfifo', [join(folder, 'IORT')]).status).toBe(0);
    expect(codes(join(folder, 'IORT'))).toEqual(['DB650']);
    expect(codes(folder)).toEqual(['DB650']);
  });
});
