/**
 * What is known of a case's machine, pieced together from what the kernel and QEMU told: mappings
 * by domain, messages by vector. Each event is about the domain or device that the request was
 * about, which is certain because requests are made one at a time.
 */
import type { Mapping, Message } from '../../../src/observation.ts';
import { unobservable } from '../../../src/observation.ts';
import type { KernelEvent } from './read/trace-line.ts';

/** include/linux/iommu.h; bit numbers have not changed since 4.9. */
const PROT: readonly (readonly [string, number])[] = [
  ['READ', 1],
  ['WRITE', 2],
  ['CACHE', 4],
  ['NOEXEC', 8],
  ['MMIO', 16],
  ['PRIV', 32],
];
const READ = 1;
const MMIO = 16;

export const NO_COUNT = unobservable('mainline keeps no reference count on a doorbell page');

interface Known {
  iova: bigint;
  pa: bigint;
  size: bigint;
  prot: number;
}

/** The user mapping that the spec asked for, and what stands for its physical address. */
interface UserMapping {
  readonly iova: bigint;
  readonly pa: bigint;
  readonly size: bigint;
}

export class DomainTable {
  private readonly maps: Known[] = [];
  private readonly user: UserMapping[] = [];

  add(event: Extract<KernelEvent, { kind: 'map' }>, prot: number): void {
    const { iova, pa, size } = event;
    this.maps.push({ iova, pa, size, prot });
  }

  remove(iova: bigint, size: bigint): void {
    for (let i = this.maps.length - 1; i >= 0; i--) {
      const map = this.maps[i] as Known;
      if (map.iova >= iova + size || map.iova + map.size <= iova) continue;
      this.maps.splice(i, 1);
      const before = iova - map.iova;
      if (before > 0n) this.maps.push({ ...map, size: before });
      const after = map.iova + map.size - (iova + size);
      if (after > 0n) {
        const skipped = map.size - after;
        this.maps.push({ ...map, iova: iova + size, pa: map.pa + skipped, size: after });
      }
    }
  }

  addUser(mapping: UserMapping): void {
    this.user.push(mapping);
  }

  /** The domain is gone, and its tables with it. */
  clear(): void {
    this.maps.length = 0;
    this.user.length = 0;
  }

  /**
   * Doorbells as they were mapped; mappings of user space where the tables hold all of their pages,
   * with the physical address by which the spec calls the memory. Other mappings are a driver's own
   * DMA.
   */
  mappings(): Mapping[] {
    const doorbells = this.maps.filter(({ prot }) => (prot & MMIO) !== 0);
    const users = this.user.flatMap((mapping) => {
      const pages = this.maps.filter(
        ({ iova, size, prot }) =>
          (prot & MMIO) === 0 && iova >= mapping.iova && iova + size <= mapping.iova + mapping.size,
      );
      const covered = pages.reduce((sum, { size }) => sum + size, 0n);
      return covered === mapping.size ? [{ ...mapping, prot: pages[0]?.prot ?? 0 }] : [];
    });
    const all = [
      ...doorbells.map((map) => mappingOf(map, true)),
      // IOMMU_CACHE says how the device snoops, which the platform decides, not the one who maps.
      ...users.map((map) => mappingOf({ ...map, prot: map.prot & ~4 }, false)),
    ];
    return all.sort((a, b) => (a.iova < b.iova ? -1 : 1));
  }
}

/** The tables of all domains that a case has met. */
export class DomainTables {
  private readonly tables = new Map<string, DomainTable>();

  of(domain: string): DomainTable {
    const known = this.tables.get(domain) ?? new DomainTable();
    this.tables.set(domain, known);
    return known;
  }

  learn(domain: string, events: readonly KernelEvent[]): void {
    // Maps that do not go through iommu_map (iommu_map_sg of the DMA API) have no protection that
    // is known.
    let called: { iova: bigint; prot: number } | undefined;
    const table = this.of(domain);
    for (const event of events) {
      if (event.kind === 'iommu-map') called = event;
      else if (event.kind === 'map')
        table.add(event, called?.iova === event.iova ? called.prot : 0);
      else if (event.kind === 'unmap') table.remove(event.iova, event.size);
    }
  }

  mappings(): ReadonlyMap<string, readonly Mapping[]> {
    return new Map([...this.tables].map(([name, table]) => [name, table.mappings()]));
  }
}

const mappingOf = ({ iova, pa, size, prot }: Known, doorbell: boolean): Mapping => ({
  iova,
  pa,
  size,
  prot: protText(prot),
  // Stage 1 has no write-only: arm_lpae_prot_to_pte. QEMU's translations say the same (perm=0x3).
  pte: (prot & 2) === 0 && (prot & READ) !== 0 ? 'R' : 'RW',
  refs: NO_COUNT,
  doorbell,
});

const protText = (prot: number): string =>
  PROT.filter(([, bit]) => (prot & bit) !== 0)
    .map(([name]) => name)
    .join('|') || 'none';

/** The last message that was written for each vector. */
export class MessageTable {
  private readonly messages = new Map<string, Message>();

  write(vector: string, message: Message): void {
    this.messages.set(vector, message);
  }

  read(vector: string): Message {
    return this.messages.get(vector) ?? { address: 0n, data: 0 };
  }

  /** Whether some vector of the device has a message to this address. */
  isUsed(device: string, address: bigint): boolean {
    return [...this.messages].some(
      ([vector, message]) => vector.startsWith(`${device}/`) && message.address === address,
    );
  }

  /** As it is now, for an observation that later writes must not change. */
  copy(): MessageTable {
    const table = new MessageTable();
    for (const [vector, message] of this.messages) table.write(vector, message);
    return table;
  }
}
