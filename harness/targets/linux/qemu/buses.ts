/**
 * Buses behind bus 0: each has a root port, or a PCIe-to-PCI bridge where the topology has one.
 * UEFI numbers buses as it finds what leads to them, slot by slot: those before the last one are
 * needed, too.
 */
import type { PciDevice } from '../../../../src/topology/topology.ts';

/**
 * A root port: `bus` is what UEFI numbers the bus behind it, and the number of its slot in sysfs.
 */
export interface QemuPort {
  readonly name: string;
  readonly slot: number;
  readonly bus: number;
  /** A PCIe-to-PCI bridge on bus 0, with slots 1 to 31 behind it. */
  readonly conventional?: boolean;
}

export interface Refused {
  readonly refused: string;
}

/** Each is another half second of firmware. */
export const MOST_PORTS = 8;
const SLOTS = 32;

export const portName = (bus: number): string => `rp${bus}`;

export function portsFor(devices: readonly PciDevice[]): readonly QemuPort[] | Refused {
  const last = Math.max(0, ...devices.map(({ requesterId }) => requesterId >> 8));
  if (last > MOST_PORTS)
    return { refused: `${last} root ports; the guest has ${MOST_PORTS} at most` };
  const bridges = bridgesOf(devices);
  if ('refused' in bridges) return bridges;
  const taken = new Set([...slotsOfBus0(devices), ...bridges.values()]);
  const ports: QemuPort[] = [];
  let above = 0;
  for (let bus = 1; bus <= last; bus++) {
    const bridge = bridges.get(bus);
    const slot = bridge ?? firstFree(taken, above);
    if (slot === undefined || slot <= above)
      return {
        refused: `bus ${bus} would not get its number: buses are numbered slot by slot, and there is no slot for it after ${above}`,
      };
    ports.push({
      name: portName(bus),
      slot,
      bus,
      ...(bridge === undefined ? {} : { conventional: true }),
    });
    above = slot;
  }
  return ports;
}

/** The slot of each bridge, by the bus behind it. */
function bridgesOf(devices: readonly PciDevice[]): ReadonlyMap<number, number> | Refused {
  const bridges = new Map<number, number>();
  for (const { requesterId, behind } of devices) {
    if (behind === undefined) continue;
    const bus = requesterId >> 8;
    const slot = behind >> 3;
    const [other] = [...bridges].find(([b, s]) => (b === bus) !== (s === slot)) ?? [];
    if (other !== undefined)
      return { refused: `buses ${other} and ${bus}: a bridge has one bus, and a bus one bridge` };
    bridges.set(bus, slot);
  }
  return bridges;
}

const slotsOfBus0 = (devices: readonly PciDevice[]): readonly number[] =>
  devices.flatMap(({ requesterId }) => (requesterId < 0x100 ? [requesterId >> 3] : []));

function firstFree(taken: ReadonlySet<number>, above: number): number | undefined {
  for (let slot = above + 1; slot < SLOTS; slot++) if (!taken.has(slot)) return slot;
  return undefined;
}
