/**
 * Where a step of the model reads and writes, for partial-order reduction: the parts that columns
 * name (RowOf), of one device, domain or thread each, as bits. Bits are few, so places that nobody
 * tells apart share one.
 */
import type { RowOf } from '../../state/store.ts';
import type { Footprint } from '../engine/system.ts';
import type { ExploreMachine } from './machine.ts';

/**
 * One bit each for what is not said and for registers; the others are shared if there are more
 * places than bits.
 */
export const UNSAID = 1 << 0;
export const REGISTERS = 1 << 1;
const FIRST_SHARED = 2;
const BITS = 32;

/** A part, of one device, domain or thread. */
interface Place {
  readonly part: string;
  readonly device: number | undefined;
  readonly domain: number | undefined;
  readonly thread: number | undefined;
  readonly controller: number | undefined;
  readonly bit: number;
}

export type Touches = (place: Place) => boolean;

/** Parts that only moves and mappings of user space write: a bit for all places of one. */
const QUIET: ReadonlySet<string> = new Set(['stream', 'window', 'attached', 'iommufd', 'cpu']);

/** Operations that put a device into a domain or take it out. */
export const MOVES: ReadonlySet<string> = new Set(['attach', 'detach', 'plug', 'unplug']);

export class Places {
  private readonly machine: ExploreMachine;
  private readonly named = new Map<string, Place>();
  /** Of the rows of columns, by device, domain and thread. */
  private readonly bitsIn = new Map<RowOf, Map<number, number>>();
  /** Bits are few: one for all places of devices and domains that no thread has to do with. */
  private readonly busy: Busy;
  private readonly bits = new Map<string, number>();

  constructor(machine: ExploreMachine) {
    this.machine = machine;
    this.busy = busyIn(machine);
  }

  /** Asked for each word of the machine: the name of a place is put together once. */
  bitOf(of: RowOf, row: number): number {
    if (of.part === 'registers') return REGISTERS;
    const [owner, domain, thread] = [of.device?.(row), of.domain?.(row), of.thread?.(row)];
    // Of several devices: whoever touches it counts.
    const device = owner === -1 ? undefined : owner;
    const number = (of: number | undefined): number => (of ?? -2) + 2;
    const where = (number(device) * 2 ** 16 + number(domain)) * 2 ** 8 + number(thread);
    let bits = this.bitsIn.get(of);
    if (bits === undefined) this.bitsIn.set(of, (bits = new Map<number, number>()));
    let bit = bits.get(where);
    if (bit === undefined) bits.set(where, (bit = this.placeOf(of, device, domain, thread).bit));
    return bit;
  }

  private placeOf(
    of: RowOf,
    device: number | undefined,
    domain: number | undefined,
    thread: number | undefined,
  ): Place {
    const { controller } = of;
    const name = `${of.part} ${device ?? '-'} ${domain ?? '-'} ${thread ?? '-'} ${controller ?? '-'}`;
    const known = this.named.get(name);
    if (known !== undefined) return known;
    const isBusy =
      (device === undefined || this.busy.devices.has(device)) &&
      (domain === undefined || this.busy.domains.has(domain));
    const isQuiet =
      QUIET.has(of.part) || (of.part === 'tlb' && this.machine.plan.caches === 'none');
    const own = of.part === 'msi' || of.part === 'lock' ? `descriptors ${device ?? '-'}` : name;
    const bit = this.bit(isQuiet ? of.part : isBusy ? own : 'of nobody here');
    const place = { part: of.part, device, domain, thread, controller, bit };
    this.named.set(name, place);
    return place;
  }

  private bit(name: string): number {
    const known = this.bits.get(name);
    if (known !== undefined) return known;
    const bit = 1 << (FIRST_SHARED + (this.bits.size % (BITS - FIRST_SHARED)));
    this.bits.set(name, bit);
    return bit;
  }

  print(reads: Touches, writes: Touches): Footprint {
    const out = { reads: UNSAID, writes: UNSAID };
    for (const place of this.named.values()) {
      if (reads(place)) out.reads |= place.bit;
      if (writes(place)) out.writes |= place.bit;
    }
    return out;
  }

  /** Of all places of these parts. */
  bitsOf(parts: ReadonlySet<string>): number {
    return [...this.named.values()].reduce(
      (bits, p) => (parts.has(p.part) ? bits | p.bit : bits),
      0,
    );
  }

  /** The places that have these bits, for an error. */
  namesIn(bits: number): string {
    const found = [...this.named.entries()].filter(([, { bit }]) => (bit & bits) !== 0);
    return found.map(([name]) => name).join(', ');
  }
}

interface Busy {
  readonly devices: ReadonlySet<number>;
  readonly domains: ReadonlySet<number>;
}

/**
 * Devices that some operation or write is of, and the domains that they are in; all, where an
 * operation is of no device.
 */
function busyIn({ plan, kernel, fires }: ExploreMachine): Busy {
  const { devices, domains, deviceByName } = kernel.topology;
  const named = plan.threads.flatMap(({ operations }) =>
    operations.map((o) => {
      if (MOVES.has(o.op)) return undefined;
      if ('device' in o) return deviceByName.get(o.device);
      return 'vector' in o ? deviceByName.get(o.vector.device) : undefined;
    }),
  );
  if (named.includes(undefined))
    return {
      devices: new Set(devices.map(({ index }) => index)),
      domains: new Set(domains.map(({ index }) => index)),
    };
  const own = new Set([...named.map((d) => d?.index ?? -1), ...fires.map((f) => f.device)]);
  const current = [...own].map((d) => kernel.domains.current.get(d) - 1);
  return { devices: own, domains: new Set(current.map((d) => kernel.domains.paging(d))) };
}
