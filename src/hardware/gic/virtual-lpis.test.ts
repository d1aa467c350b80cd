/** GICv4: vLPIs and the commands that make them. IHI 0069H 5.3, 5.4. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { EventLog } from '../../events/event-log.ts';
import { Store } from '../../state/store.ts';
import { Its } from './its.ts';
import { ITS_MISS } from './its-tables.ts';
import { Redistributors } from './redistributor.ts';
import { VirtualLpis } from './virtual-lpis.ts';

const DEVICE = 0x10;
const VINTID = 8193;
let taken: string[] = [];
const cpus = {
  takeIntid: (intid: number, cpu: number) => void taken.push(`${intid}@${cpu}`),
  takeVirtual: (intid: number, vpe: number, cpu: number) =>
    void taken.push(`v${intid}@vPE${vpe}@${cpu}`),
  takeIdentity: () => undefined,
};
beforeEach(() => {
  taken = [];
});

function make(version: 'gicv4' | 'gicv4.1' = 'gicv4') {
  const store = new Store();
  const log = new EventLog();
  const redistributors = new Redistributors(store, 16, cpus);
  const lpis = new VirtualLpis(
    store,
    [
      { vcpus: 2, lpis: 4 },
      { vcpus: 1, lpis: 4 },
    ],
    cpus,
  );
  const its = new Its(store, log, redistributors, {
    index: 0,
    base: 0x0808_0000,
    eventIdBits: 5,
    deviceIdBits: 8,
    cpus: 3,
    virtual: { version, lpis, vpes: store.column(3) },
    devices: [{ deviceId: DEVICE, events: 32, device: 0 }],
  });
  store.seal();
  for (const cpu of [0, 1, 2]) its.mapc(cpu, cpu);
  its.mapd(DEVICE, 5, true);
  const enable = (vpe: number, intid: number): void => {
    lpis.configure(vpe, intid, true);
    lpis.invalidate(vpe, intid, 0);
  };
  enable(0, VINTID);
  const lastIsBad = (): boolean => {
    let bad = false;
    log.forEach((words, at) => (bad = words[at + 8] !== 0));
    return bad;
  };
  return { its, lpis, redistributors, lastIsBad };
}

describe('a vLPI', () => {
  test('is taken by its vPE at the redistributor that the vPE is mapped to, and follows both', () => {
    const { its } = make();
    its.vmapp(0, 2, true);
    its.vmapp(1, 1, true);
    its.vmapti(DEVICE, 3, VINTID, 0);
    its.write(DEVICE, 3);
    its.vmovp(0, 0);
    its.write(DEVICE, 3);
    its.vmovi(DEVICE, 3, 1);
    its.write(DEVICE, 3);
    expect(taken).toEqual(['v8193@vPE0@2', 'v8193@vPE0@0', 'v8193@vPE1@1']);
  });

  test('that is disabled waits, goes with VMOVI and comes with INV; DISCARD forgets it', () => {
    const { its, lpis } = make();
    its.vmapp(0, 0, true);
    its.vmapp(1, 1, true);
    its.vmapti(DEVICE, 3, VINTID, 0);
    lpis.configure(0, VINTID, false);
    its.inv(DEVICE, 3);
    its.write(DEVICE, 3);
    expect(taken).toEqual([]);
    its.vmovi(DEVICE, 3, 1);
    lpis.configure(1, VINTID, true);
    its.inv(DEVICE, 3);
    expect(taken).toEqual(['v8193@vPE1@1']);
    lpis.configure(1, VINTID, false);
    its.inv(DEVICE, 3);
    its.write(DEVICE, 3);
    its.discard(DEVICE, 3);
    its.vmapti(DEVICE, 3, VINTID, 1);
    lpis.configure(1, VINTID, true);
    its.inv(DEVICE, 3);
    expect(taken).toHaveLength(1);
  });

  test('of a vPE that was unmapped since goes nowhere', () => {
    const { its } = make();
    its.vmapp(0, 0, true);
    its.vmapti(DEVICE, 3, VINTID, 0);
    its.vmapp(0, 0, false);
    expect(its.write(DEVICE, 3)).toBe(ITS_MISS.vpeUnmapped);
    expect(taken).toEqual([]);
  });

  test('and an LPI of the same number are two', () => {
    const { its, redistributors } = make();
    its.vmapp(0, 0, true);
    its.mapti(DEVICE, 1, VINTID, 2);
    redistributors.configure(VINTID, true);
    its.inv(DEVICE, 1);
    its.vmapti(DEVICE, 3, VINTID, 0);
    its.write(DEVICE, 1);
    its.write(DEVICE, 3);
    expect(taken).toEqual(['8193@2', 'v8193@vPE0@0']);
    // A physical mapping over the virtual one.
    its.mapti(DEVICE, 3, VINTID, 1);
    its.write(DEVICE, 3);
    expect(taken.at(-1)).toBe('8193@1');
  });
});

describe('what the ITS refuses', () => {
  type Command = (its: Its) => void;
  test.each<[string, Command]>([
    ['VMAPTI of a vPE that is not mapped', (its) => its.vmapti(DEVICE, 4, VINTID, 1)],
    ['VMAPTI of an INTID that the guest has not', (its) => its.vmapti(DEVICE, 4, 8196, 0)],
    ['VMOVI of an event that is not mapped', (its) => its.vmovi(DEVICE, 4, 0)],
    ['VMOVI of a physical event', (its) => its.vmovi(DEVICE, 1, 0)],
    ['VMOVI to a vPE that is not mapped', (its) => its.vmovi(DEVICE, 3, 1)],
    ['MOVI of a virtual event', (its) => its.movi(DEVICE, 3, 1)],
    ['VMOVP of a vPE that is not mapped', (its) => its.vmovp(1, 0)],
    ['VINVALL of a vPE that is not mapped', (its) => its.vinvall(1)],
  ])('%s', (_, command) => {
    const { its, lastIsBad } = make();
    its.vmapp(0, 0, true);
    its.mapti(DEVICE, 1, 8192, 0);
    its.vmapti(DEVICE, 3, VINTID, 0);
    expect(lastIsBad()).toBe(false);
    command(its);
    expect(lastIsBad()).toBe(true);
    its.write(DEVICE, 3);
    expect(taken).toEqual(['v8193@vPE0@0']);
  });

  test('VSYNC of a vPE that is not mapped, with GICv4.1 alone', () => {
    for (const [version, bad] of [
      ['gicv4', false],
      ['gicv4.1', true],
    ] as const) {
      const { its, lastIsBad } = make(version);
      its.vmapp(0, 0, true);
      its.vsync(0);
      expect(lastIsBad()).toBe(false);
      its.vmapp(0, 0, false);
      its.vsync(0);
      expect(lastIsBad()).toBe(bad);
    }
  });
});
