import { expect, test } from '@jest/globals';
import { readFdt } from '../../../../src/firmware/fdt/read-fdt.ts';
import { writeFdt } from '../../../../src/firmware/fdt/write-fdt.ts';
import { withFrame } from './v2m-tree.ts';

const text = (value: string): Uint8Array => Buffer.from(`${value}\0`, 'latin1');
const tree = (compatible: string): Uint8Array =>
  writeFdt(
    {
      name: '',
      properties: [['model', text('virt')]],
      children: [
        {
          name: 'intc@8000000',
          properties: [],
          children: [
            { name: 'v2m@8020000', properties: [['compatible', text(compatible)]], children: [] },
          ],
        },
      ],
    },
    { reservations: [[0x1000n, 0x2000n]] },
  );

test('the frame has its SPIs, and all else is as it was', () => {
  const found = readFdt(withFrame(tree('arm,gic-v2m-frame'), { base: 80, count: 16 }));
  expect(found.diagnostics).toEqual([]);
  const frame = found.tree?.at('/intc@8000000/v2m@8020000');
  expect(frame?.propertyNames).toEqual(['compatible', 'arm,msi-base-spi', 'arm,msi-num-spis']);
  expect([frame?.u32('arm,msi-base-spi'), frame?.u32('arm,msi-num-spis')]).toEqual([80, 16]);
  expect(found.tree?.root.string('model')).toBe('virt');
  expect(found.tree?.reservations).toEqual([[0x1000n, 0x2000n]]);
});

test('a tree without a frame, and what is no tree', () => {
  expect(() => withFrame(tree('other'), { base: 80, count: 16 })).toThrow(/no GICv2m frame/);
  expect(() => withFrame(new Uint8Array(8), { base: 80, count: 16 })).toThrow(/device tree/);
});
