/**
 * MBI, the GICv2m variants, the pre-ITS and the IMSIC, at the borders that the specs do not reach.
 */
import { describe, expect, test } from '@jest/globals';
import { Bus, ARRIVAL } from '../../hardware/bus.ts';
import { Distributor } from '../../hardware/gic/distributor.ts';
import { GicV2mFrameBlock } from '../../hardware/gic/gicv2m.ts';
import { CLRSPI_NSR, MbiFrame, SETSPI_NSR } from '../../hardware/gic/mbi.ts';
import { PercpuDoorbells } from '../../hardware/msi/percpu-doorbell.ts';
import { Store } from '../../state/store.ts';

function parts() {
  const store = new Store();
  const taken: string[] = [];
  const cpus = {
    takeIntid: (intid: number, cpu: number) => void taken.push(`${intid}@${cpu}`),
    takeVirtual: () => undefined,
    takeIdentity: (_: number, identity: number, cpu: number) =>
      void taken.push(`${identity}@${cpu}`),
  };
  const distributor = new Distributor(store, 64, 8, cpus);
  return { store, taken, cpus, distributor };
}

describe('GICD_SETSPI_NSR and GICD_CLRSPI_NSR (IHI 0069H 12.9)', () => {
  function frame() {
    const p = parts();
    const mbi = new MbiFrame(0x2f00_0000, p.distributor);
    const bus = new Bus([], [], [], [mbi]);
    p.store.seal();
    p.distributor.enable(64);
    return { ...p, bus };
  }
  const set = 0x2f00_0000 + SETSPI_NSR;
  const clear = 0x2f00_0000 + CLRSPI_NSR;

  test('an edge interrupt is taken at each write, and clearing it changes nothing', () => {
    const { bus, taken } = frame();
    expect([bus.write(set, 64, 0), bus.write(clear, 64, 0), bus.write(set, 64, 0)]).toEqual([
      0, 0, 0,
    ]);
    expect(taken).toEqual(['64@0', '64@0']);
  });

  test('a level is taken once until it ends, and again at an unmask while it lasts', () => {
    const { bus, taken, distributor } = frame();
    distributor.setLevel(64, true);
    bus.write(set, 64, 0);
    bus.write(set, 64, 0);
    expect(taken).toEqual(['64@0']);
    distributor.disable(64);
    distributor.enable(64);
    expect(taken).toEqual(['64@0', '64@0']);
    bus.write(clear, 64, 0);
    distributor.enable(64);
    expect(taken).toHaveLength(2);
  });

  test('other offsets and SPIs that nobody has raise nothing', () => {
    const { bus, taken } = frame();
    expect(bus.write(set + 4, 64, 0)).toBe(ARRIVAL.wrongOffset);
    expect(bus.write(set, 72, 0)).toBe(ARRIVAL.spiUnknown);
    expect(taken).toEqual([]);
  });
});

describe('what a GICv2m frame makes of a write', () => {
  const { store, distributor } = parts();
  const at = { base: 0x7900_0000, baseSpi: 64, count: 8 };
  const plain = new GicV2mFrameBlock(at, distributor);
  const xGene = new GicV2mFrameBlock(at, distributor, 'x-gene');
  const ns2 = new GicV2mFrameBlock(at, distributor, 'ns2');
  const graviton = new GicV2mFrameBlock(at, distributor, 'graviton');
  store.seal();

  test.each([
    ['plain', plain, 0x40, 66, 66],
    ['plain, elsewhere', plain, 0x44, 66, -1],
    ['X-Gene', xGene, 0x40, 2, 66],
    ['NS2', ns2, 0x40, 34, 66],
    ['Graviton', graviton, (66 - 32) * 8, 0, 66],
    ['Graviton, whatever the data', graviton, (66 - 32) * 8, 99, 66],
    ['Graviton, between two', graviton, (66 - 32) * 8 + 4, 0, -1],
  ])('%s', (_, block, offset, data, spi) => {
    expect(block.spiOf(offset, data)).toBe(spi);
  });

  test('a Graviton frame has 8K, the others 4K', () => {
    expect([plain, xGene, ns2, graviton].map(({ size }) => size)).toEqual([
      0x1000, 0x1000, 0x1000, 0x2000,
    ]);
  });
});

test('identities of an IMSIC begin at one, and its register is the first word of the page', () => {
  const { store, cpus, taken } = parts();
  const config = { index: 0, base: 0x2800_0000, stride: 0x1000, identities: 3, cpus: 2 };
  const imsic = new PercpuDoorbells(store, { ...config, register: 0, first: 1 }, cpus);
  const bus = new Bus([], [], [imsic]);
  store.seal();
  imsic.setEnabled(1, 3, true);
  expect(bus.write(0x2800_1000, 3, 0)).toBe(ARRIVAL.raised);
  expect(taken).toEqual(['3@1']);
  expect(bus.write(0x2800_1000, 0, 0)).toBe(ARRIVAL.identityUnknown);
  expect(bus.write(0x2800_1000, 4, 0)).toBe(ARRIVAL.identityUnknown);
  expect(bus.write(0x2800_1040, 1, 0)).toBe(ARRIVAL.wrongOffset);
});
