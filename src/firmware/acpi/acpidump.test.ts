import { describe, expect, test } from '@jest/globals';
import { isDump, readDump } from './acpidump.ts';
import { dumpText, writeIort, writeMadt, writeTable } from './testing/write-tables.ts';

const iort = writeIort([
  { kind: 'its', ids: [0] },
  { kind: 'rc', maps: [{ to: 0 }] },
]);
const madt = writeMadt({ its: [[0, 0x808_0000n]] });
const dsdt = writeTable('DSDT', new Uint8Array(100));
const text = dumpText([dsdt, iort, madt]);

describe('acpidump', () => {
  test('tables come back byte for byte; others are passed over', () => {
    expect(isDump(text)).toBe(true);
    const { tables, diagnostics } = readDump(text, ['IORT', 'APIC']);
    expect(diagnostics).toEqual([]);
    expect(tables.map(({ name }) => name)).toEqual(['IORT', 'APIC']);
    expect(tables[0]?.bytes).toEqual(iort);
    expect(tables[1]?.bytes).toEqual(madt);
  });

  test('Windows line ends and blank lines do no harm', () => {
    expect(readDump(text.replaceAll('\n', '\r\n'), ['IORT']).tables[0]?.bytes).toEqual(iort);
  });

  test.each([
    ['a line that is missing', text.replace(/^ +0010:.*\n/gm, '')],
    ['a byte that is no number', text.replace('49 4F 52 54', '49 4F 52 5G')],
    ['two lines the wrong way round', text.replace(/^( +0010:.*\n)( +0020:.*\n)/gm, '$2$1')],
  ])('%s: one error, and no table', (_, broken) => {
    const { tables, diagnostics } = readDump(broken, ['IORT']);
    expect(diagnostics).toMatchObject([{ code: 'DB658', severity: 'error', node: 'IORT' }]);
    expect(tables).toEqual([]);
  });

  test('cut at every character: the tables before the cut, and no exception', () => {
    for (let length = 0; length < text.length; length += 7) {
      const { tables, diagnostics } = readDump(text.slice(0, length), ['IORT', 'APIC']);
      expect(diagnostics.length).toBeLessThanOrEqual(1);
      for (const { name, bytes } of tables.slice(0, -1))
        expect([name, bytes]).toEqual(['IORT', iort]);
    }
  });

  test('other text is no dump', () => {
    expect(isDump('/dts-v1/;\n/ { };\n')).toBe(false);
    expect(readDump('', ['IORT'])).toEqual({ tables: [], diagnostics: [] });
  });
});
