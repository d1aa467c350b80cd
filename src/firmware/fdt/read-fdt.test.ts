import { describe, expect, test } from '@jest/globals';
import { regionOf } from './address.ts';
import { readFdt } from './read-fdt.ts';
import { disabledBy, isAvailable } from './status.ts';
import { flatten, sourceNode, treeOf, virt } from './testing/trees.ts';
import { writeFdt, words } from './write-fdt.ts';

const codeOf = (bytes: Uint8Array): string | undefined => readFdt(bytes).diagnostics[0]?.code;
const good = flatten(virt());
const patched = (at: number, value: number): Uint8Array => {
  const bytes = good.slice();
  new DataView(bytes.buffer).setUint32(at, value);
  return bytes;
};

/** The structure at 58, with a size that still fits. */
function patchedSize(): Uint8Array {
  const bytes = patched(8, 58);
  new DataView(bytes.buffer).setUint32(36, 64);
  return bytes;
}

describe('readFdt', () => {
  test('a tree comes back as it was written', () => {
    const tree = treeOf(virt());
    const pcie = tree.at('/pcie@10000000');
    expect(pcie?.cells('iommu-map')).toEqual([0, 0x8004, 0, 0x10000]);
    expect(pcie?.string('device_type')).toBe('pci');
    expect(tree.at('/intc@8000000/its@8080000')?.path).toBe('/intc@8000000/its@8080000');
    expect(tree.byPhandle(0x8003)?.name).toBe('its@8080000');
    expect(tree.byPhandle(0)).toBeUndefined();
    expect(tree.at('/nowhere')).toBeUndefined();
  });

  test('version 16 has no size of the structure', () => {
    const bytes = writeFdt(sourceNode('', virt()), { version: 16 });
    expect(readFdt(bytes).tree?.nodes).toHaveLength(5);
  });

  test('memory reservations', () => {
    const reservations = [[0x4000_0000n, 0x1000n] as const];
    const bytes = writeFdt(sourceNode('', virt()), { reservations });
    expect(readFdt(bytes).tree?.reservations).toEqual([[0x4000_0000n, 0x1000n]]);
  });

  test.each([
    ['no magic', patched(0, 0), 'DB610'],
    ['version 15', patched(20, 15), 'DB611'],
    ['compatible from 18 on', patched(24, 18), 'DB611'],
    ['longer than the file', patched(4, good.length + 4), 'DB612'],
    ['structure outside', patched(8, good.length), 'DB612'],
    ['structure at an odd place', patchedSize(), 'DB613'],
    ['strings outside', patched(12, 0xffff_fff0), 'DB612'],
    ['reservations outside', patched(16, good.length - 8), 'DB612'],
    ['nothing', new Uint8Array(0), 'DB610'],
  ])('%s', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test('an overlay is refused with what to do', () => {
    const overlay = flatten({ 'fragment@0': { target: 1, __overlay__: { status: 'okay' } } });
    expect(readFdt(overlay).diagnostics[0]).toMatchObject({ code: 'DB614' });
    expect(readFdt(overlay).diagnostics[0]?.hint).toContain('fdtoverlay');
  });

  test('nesting has a limit', () => {
    let node = {};
    for (let depth = 0; depth < 70; depth++) node = { n: node };
    expect(codeOf(flatten(node))).toBe('DB615');
  });

  test('100,000 nodes are read', () => {
    const nodes = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`n@${n}`, {}]));
    expect(treeOf(nodes).nodes).toHaveLength(100_001);
  });

  test('a property behind the children is left out, and said', () => {
    // Structure: begin "", begin "a", property x, end, end. The property changes places with the
    // first end.
    const bytes = writeFdt(sourceNode('', { a: { x: 1 } }));
    const at = 40 + 16 + 16;
    const property = bytes.slice(at, at + 16);
    bytes.set(bytes.slice(at + 16, at + 20), at);
    bytes.set(property, at + 4);
    const { tree, diagnostics } = readFdt(bytes);
    expect(diagnostics).toMatchObject([{ code: 'DB616', severity: 'warning', node: '/' }]);
    expect([tree?.root.has('x'), tree?.at('/a')?.has('x')]).toEqual([false, false]);
  });

  test('cut at any byte: one error, and no exception', () => {
    for (let length = 0; length < good.length; length++) {
      const { tree, diagnostics } = readFdt(good.subarray(0, length));
      expect(tree).toBeUndefined();
      expect(diagnostics).toHaveLength(1);
    }
  });
});

describe('status', () => {
  test.each([
    [undefined, true],
    ['okay', true],
    ['ok', true],
    ['', false],
    ['disabled', false],
    ['reserved', false],
    ['okay ', false],
    [new Uint8Array(0), false],
  ])('%j', (status, available) => {
    const node = treeOf({ a: { status } }).at('/a');
    expect(node && isAvailable(node)).toBe(available);
  });

  test('a disabled node above is named', () => {
    const tree = treeOf({ bus: { status: 'disabled', device: {} } });
    const device = tree.at('/bus/device');
    expect(device && disabledBy(device)?.path).toBe('/bus');
  });
});

describe('addresses', () => {
  const soc = (ranges: number[] | true | undefined): ReturnType<typeof treeOf> =>
    treeOf({
      '#address-cells': 2,
      '#size-cells': 2,
      soc: { '#address-cells': 1, '#size-cells': 1, ranges, 'dev@10': { reg: [0x10, 0x20] } },
    });
  const region = (tree: ReturnType<typeof treeOf>): unknown => {
    const node = tree.at('/soc/dev@10');
    return node && regionOf(node);
  };

  test('ranges translate', () => {
    expect(region(soc([0, 1, 0x8000_0000, 0x1000]))).toEqual({ base: 0x1_8000_0010n, size: 0x20n });
  });
  test('empty ranges are 1:1, missing ones are no way up', () => {
    expect(region(soc(true))).toEqual({ base: 0x10n, size: 0x20n });
    expect(region(soc(undefined))).toBeUndefined();
    expect(region(soc([0x1000, 0, 0, 0x1000]))).toBeUndefined();
  });
  test('a reg too short for its cells', () => {
    expect(regionOf(treeOf({ a: { reg: words([1]) } }).nodes[1] as never)).toBeUndefined();
  });
});
