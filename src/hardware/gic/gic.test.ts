/** Distributor, MSI frame, redistributors and ITS. IHI 0048, IHI 0069. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { EventLog } from '../../events/event-log.ts';
import { Store } from '../../state/store.ts';
import { Distributor } from './distributor.ts';
import { GicV2mFrameBlock } from './gicv2m.ts';
import { Its } from './its.ts';
import { ITS_MISS } from './its-tables.ts';
import { FIRST_LPI, Redistributors } from './redistributor.ts';

let taken: string[] = [];
const cpus = {
  takeIntid: (intid: number, cpu: number) => void taken.push(`${intid}@${cpu}`),
  takeVirtual: () => undefined,
  takeIdentity: () => undefined,
};
beforeEach(() => {
  taken = [];
});

describe('distributor and GICv2m frame', () => {
  function make() {
    const store = new Store();
    const distributor = new Distributor(store, 80, 64, cpus);
    const frame = new GicV2mFrameBlock({ base: 0x0802_0000, baseSpi: 80, count: 64 }, distributor);
    store.seal();
    return { distributor, frame };
  }

  test('a write to MSI_SETSPI_NS raises the SPI at its target', () => {
    const { distributor, frame } = make();
    distributor.route(81, 2);
    distributor.enable(81);
    expect(frame.write(81)).toBe(true);
    expect(taken).toEqual(['81@2']);
  });

  test('a disabled SPI stays pending, once, and is forwarded when it is enabled, where it is routed then', () => {
    const { distributor, frame } = make();
    frame.write(80);
    frame.write(80);
    expect([taken.length, distributor.isPending(80)]).toEqual([0, true]);
    distributor.route(80, 1);
    distributor.enable(80);
    expect(taken).toEqual(['80@1']);
    expect(distributor.isPending(80)).toBe(false);
  });

  test('data outside the frame is ignored, at both ends', () => {
    const { frame } = make();
    expect([79, 80, 143, 144].map((spi) => frame.accepts(spi))).toEqual([false, true, true, false]);
    expect(frame.write(144)).toBe(false);
  });
});

describe('redistributors', () => {
  function make() {
    const store = new Store();
    const lpis = new Redistributors(store, 4, cpus);
    store.seal();
    return lpis;
  }

  test('LPIs start at 8192 and end with the table', () => {
    const lpis = make();
    expect([8191, 8192, 8195, 8196].map((lpi) => lpis.has(lpi))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('the enable bit in memory counts from INV on, both ways (5.1.1)', () => {
    const lpis = make();
    lpis.configure(FIRST_LPI, true);
    lpis.raise(FIRST_LPI, 1);
    expect([taken.length, lpis.isPending(FIRST_LPI)]).toEqual([0, true]);
    lpis.invalidate(FIRST_LPI);
    expect(taken).toEqual(['8192@1']);
    lpis.configure(FIRST_LPI, false);
    lpis.raise(FIRST_LPI, 1);
    expect(taken.length).toBe(2);
    lpis.invalidate(FIRST_LPI);
    lpis.raise(FIRST_LPI, 1);
    expect(taken.length).toBe(2);
  });

  test('MOVI takes the pending state along, DISCARD takes it away', () => {
    const lpis = make();
    lpis.raise(8192, 0);
    lpis.raise(8193, 0);
    lpis.move(8192, 2);
    lpis.clearPending(8193);
    for (const lpi of [8192, 8193]) {
      lpis.configure(lpi, true);
      lpis.invalidate(lpi);
    }
    expect(taken).toEqual(['8192@2']);
  });
});

describe('ITS', () => {
  const DEVICE = 0x10;

  function make() {
    const store = new Store();
    const log = new EventLog();
    const redistributors = new Redistributors(store, 16, cpus);
    const its = new Its(store, log, redistributors, {
      index: 0,
      base: 0x0808_0000,
      eventIdBits: 5,
      deviceIdBits: 8,
      // The last never came up: no MAPC for it.
      cpus: 4,
      devices: [
        { deviceId: DEVICE, events: 32, device: 0 },
        { deviceId: 0x11, events: 32, device: 0 },
        { deviceId: 0x1ff, events: 32, device: 0 },
      ],
    });
    store.seal();
    for (let lpi = FIRST_LPI; lpi < FIRST_LPI + 16; lpi++) {
      redistributors.configure(lpi, true);
      redistributors.invalidate(lpi);
    }
    for (const cpu of [0, 1, 2]) its.mapc(cpu, cpu);
    return { its, log };
  }

  /** Whether the last command was one that the ITS refuses. */
  function lastIsBad(log: EventLog): boolean {
    let bad = false;
    log.forEach((words, at) => (bad = words[at + 8] !== 0));
    return bad;
  }

  test('MAPD, MAPTI, a write: the LPI at the collection of the event', () => {
    const { its } = make();
    its.mapd(DEVICE, 5, true);
    its.mapti(DEVICE, 3, 8195, 2);
    expect(its.write(DEVICE, 3)).toBe(8195);
    expect(taken).toEqual(['8195@2']);
    its.movi(DEVICE, 3, 1);
    its.write(DEVICE, 3);
    expect(taken).toEqual(['8195@2', '8195@1']);
  });

  test('each thing that can miss, and its name', () => {
    const { its } = make();
    expect(its.write(DEVICE, 0)).toBe(ITS_MISS.deviceUnmapped);
    expect(its.write(0x77, 0)).toBe(ITS_MISS.deviceUnmapped);
    its.mapd(DEVICE, 1, true);
    expect(its.write(DEVICE, 0)).toBe(ITS_MISS.eventUnmapped);
    // An ITT of 2**1 entries has no event 2, though the ITS has 5 EventID bits.
    expect(its.write(DEVICE, 2)).toBe(ITS_MISS.eventOutOfRange);
    its.mapti(DEVICE, 1, 8192, 0);
    expect(its.write(DEVICE, 1)).toBe(8192);
    its.discard(DEVICE, 1);
    expect(its.write(DEVICE, 1)).toBe(ITS_MISS.eventUnmapped);
    its.mapti(DEVICE, 0, 8193, 3);
    expect(its.write(DEVICE, 0)).toBe(ITS_MISS.collectionUnmapped);
    expect(taken).toEqual(['8192@0']);
  });

  test('a device is found by its DeviceID, not by the address or the data', () => {
    const { its } = make();
    its.mapd(DEVICE, 5, true);
    its.mapd(0x11, 5, true);
    its.mapti(DEVICE, 0, 8192, 0);
    its.mapti(0x11, 0, 8200, 1);
    its.write(0x11, 0);
    expect(taken).toEqual(['8200@1']);
  });

  test('MAPD with V=0, and a new MAPD, forget the events', () => {
    const { its } = make();
    its.mapd(DEVICE, 5, true);
    its.mapti(DEVICE, 0, 8192, 0);
    its.mapd(DEVICE, 5, false);
    expect(its.write(DEVICE, 0)).toBe(ITS_MISS.deviceUnmapped);
    its.mapd(DEVICE, 5, true);
    expect(its.write(DEVICE, 0)).toBe(ITS_MISS.eventUnmapped);
  });

  test('commands that are out of range change nothing and are marked', () => {
    const { its, log } = make();
    its.mapd(DEVICE, 6, true);
    expect(lastIsBad(log)).toBe(true);
    its.mapd(0x1ff, 5, true);
    expect(lastIsBad(log)).toBe(true);
    expect(its.translate(DEVICE, 0)).toBe(ITS_MISS.deviceUnmapped);
    its.mapd(DEVICE, 2, true);
    expect(lastIsBad(log)).toBe(false);
    its.mapti(DEVICE, 4, 8192, 0);
    expect(lastIsBad(log)).toBe(true);
    its.mapti(DEVICE, 0, 8192 + 16, 0);
    expect(lastIsBad(log)).toBe(true);
    for (const command of ['movi', 'discard', 'inv'] as const) {
      its[command](DEVICE, 0, 0);
      expect(lastIsBad(log)).toBe(true);
    }
  });
});
