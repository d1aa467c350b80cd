/**
 * What hardware does by itself, at any moment: it reads the oldest command of a queue that no SYNC
 * has waited for, and it drops what it has cached. To drop what is still right changes nothing that
 * could be seen before the tables change, and then it may be dropped as well: so only what is out
 * of date is dropped here.
 */
import type { CommandFifo } from '../../hardware/command-fifo.ts';
import { FIRST_LPI } from '../../hardware/gic/redistributor.ts';
import type { SmmuV3Block } from '../../hardware/smmu/smmu-v3.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { hex } from '../../observe/decode.ts';

interface Queue {
  /** The ITS or SMMU, as the topology calls it. */
  readonly owner: string;
  readonly fifo: CommandFifo;
  /** Of an SMMU: tells the log what is read next. An ITS does when it carries a command out. */
  readonly tellNext?: () => void;
}

interface Stream {
  readonly owner: string;
  readonly smmu: SmmuV3Block;
  readonly slot: number;
  readonly streamId: number;
}

/** Something cached that is out of date, as a story tells it. */
export interface Stale {
  readonly owner: string;
  readonly what: string;
}

/** Of a GICv3, all together: an LPI is where its collection is. */
export const REDISTRIBUTORS = 'redistributors';

export class HardwareSteps {
  /** Queues that can hold anything. */
  readonly queues: readonly Queue[];
  private readonly kernel: Kernel;
  private readonly streams: readonly Stream[];

  constructor(kernel: Kernel) {
    const { topology, hw } = kernel;
    this.kernel = kernel;
    const all = [
      ...hw.smmus.map(({ commands }, n) => ({
        owner: topology.iommus[n]?.name ?? '?',
        fifo: commands.queue,
        tellNext: () => {
          const [op, operand, address, size] = commands.queue.oldest;
          commands.tell(op, operand, address, size);
        },
      })),
      ...hw.its.flatMap((its) =>
        its === undefined
          ? []
          : [{ owner: topology.controllers[its.index]?.name ?? '?', fifo: its.queue }],
      ),
    ];
    this.queues = all.filter(({ fifo }) => fifo.capacity > 0);
    this.streams = hw.smmus.flatMap((smmu, n) =>
      smmu.kind === 'smmu-v3'
        ? smmu.streams.map((streamId, slot) => ({
            owner: topology.iommus[n]?.name ?? '?',
            smmu,
            slot,
            streamId,
          }))
        : [],
    );
  }

  /** Whether SYNCs wait for the hardware from now on. */
  wait(waits: boolean): void {
    for (const { fifo } of this.queues) fifo.waits = waits;
  }

  /** Whether a driver waits for its SYNC. */
  get isAwaited(): boolean {
    return this.queues.some(({ fifo }) => fifo.isAwaited);
  }

  get isAnythingPosted(): boolean {
    return this.queues.some(({ fifo }) => fifo.length > 0);
  }

  /**
   * Calls `visit` with the number of each cached thing that is out of date: entries of the TLB,
   * STEs, then LPIs.
   */
  forEachStale(visit: (n: number) => void): void {
    const { entries } = this.kernel.hw.tlb;
    for (let tag = 0; tag < entries.domains; tag++)
      for (let i = 0; i < entries.count(tag); i++)
        if (this.kernel.hw.tlb.isStale(tag, i)) visit(tag * entries.capacity + i);
    const base = entries.domains * entries.capacity;
    this.streams.forEach(({ smmu, slot }, n) => {
      if (smmu.isStale(slot)) visit(base + n);
    });
    const ofLpis = base + this.streams.length - FIRST_LPI;
    this.kernel.hw.redistributors.forEachStale((lpi) => visit(ofLpis + lpi));
  }

  forget(n: number): void {
    const { entries } = this.kernel.hw.tlb;
    const [tag, i] = this.entry(n);
    if (tag < entries.domains) entries.unmap(tag, entries.iova(tag, i), entries.size(tag, i));
    else {
      const rest = n - entries.domains * entries.capacity;
      const stream = this.streams[rest];
      if (stream !== undefined) stream.smmu.forget(stream.slot);
      else this.kernel.hw.redistributors.invalidate(rest - this.streams.length + FIRST_LPI);
    }
  }

  stale(n: number): Stale {
    const { hw, topology, domains } = this.kernel;
    const { entries } = hw.tlb;
    const [tag, i] = this.entry(n);
    if (tag >= entries.domains) {
      const rest = n - entries.domains * entries.capacity;
      const stream = this.streams[rest];
      if (stream === undefined) {
        const lpi = rest - this.streams.length + FIRST_LPI;
        return { owner: REDISTRIBUTORS, what: `the configuration of LPI ${lpi}` };
      }
      return {
        owner: stream.owner,
        what: `the STE of StreamID ${hex(stream.streamId)}`,
      };
    }
    const domain = hw.tables.taggedWith(tag);
    const iommu = domain < 0 ? 0 : domains.iommuOf(domain);
    const [from, to] = [entries.iova(tag, i), entries.pa(tag, i)];
    const owner = topology.iommus[iommu]?.name ?? '?';
    return { owner, what: `${hex(from)} -> ${hex(to)} of ASID ${tag}` };
  }

  private entry(n: number): [tag: number, i: number] {
    const { capacity } = this.kernel.hw.tlb.entries;
    return [capacity === 0 ? 0 : Math.floor(n / capacity), capacity === 0 ? n : n % capacity];
  }
}
