/**
 * The vectors of one device: which Linux interrupt each is while it is set up, where it goes, how
 * often it came. Pieced together from /proc/interrupts, sysfs and the messages that were written.
 */
import type { Delivery, Message } from '../../../src/observation.ts';
import type { Aim, Capability } from './agent.ts';
import type { MessageTable } from './known.ts';
import { type InterruptLine, vectorOfAction } from './read/interrupts.ts';

interface Vector {
  readonly index: number;
  irq: number | undefined;
  /** Affinity and effective affinity as the kernel has them, bit by CPU. */
  cpus: number;
  target: number;
}

export class DeviceVectors {
  private readonly name: string;
  private readonly bdf: string;
  private readonly isOnIts: boolean;
  private readonly capability: Capability;
  /** The highest that there ever was: registers outlive vectors. */
  private most = 0;
  private vectors: Vector[] = [];

  /**
   * After free_irq of one vector its interrupt stays allocated, with its affinity, until all are
   * freed.
   */
  private freed: Vector[] = [];

  /**
   * The counts when an interrupt was last in /proc/interrupts, by number: one without
   * an action was left out by booted 6.12, and came back with its counts when it was requested.
   */
  private readonly counted = new Map<number, ReadonlyMap<number, number>>();

  /** Vectors that this operation freed: the zeroes are written for them. */
  private torn: Vector[] = [];

  constructor(name: string, bdf: string, isOnIts: boolean, capability: Capability) {
    this.capability = capability;
    this.name = name;
    this.bdf = bdf;
    this.isOnIts = isOnIts;
  }

  indices(): readonly number[] {
    return this.vectors.map(({ index }) => index);
  }

  irqOf(index: number): number | undefined {
    return this.vectors[this.at(index)]?.irq;
  }

  /** Those from `start` on, before `end`. Again: the others stay as they are. */
  setUp(start: number, end: number): void {
    const kept = [...this.vectors, ...this.freed];
    const known = (index: number): Vector =>
      kept.find((vector) => vector.index === index) ?? {
        index,
        irq: undefined,
        cpus: 0,
        target: 0,
      };
    const isOther = ({ index }: Vector): boolean => index < start || index >= end;
    const asked = Array.from({ length: end - start }, (_, n) => known(start + n));
    this.vectors = [...asked, ...this.vectors.filter(isOther)].sort((a, b) => a.index - b.index);
    this.freed = this.freed.filter(isOther);
  }

  free(index: number): void {
    if (this.at(index) < 0) return;
    this.freed = this.vectors.splice(this.at(index), 1).concat(this.freed);
    this.torn.push(...this.freed.slice(0, 1));
  }

  forget(): void {
    this.torn.push(...this.vectors);
    this.vectors = [];
    this.freed = [];
    this.counted.clear();
  }

  /**
   * After set-up and teardown: which interrupts the vectors are, and the messages written for them.
   */
  settle(
    lines: readonly InterruptLine[],
    aims: readonly Aim[],
    isDriven: boolean,
    writes: readonly (Message & { readonly irq?: number })[],
    messages: MessageTable,
  ): void {
    if (isDriven) this.areInOrder(aims);
    else this.findInterrupts(lines);
    const known = [...this.vectors, ...this.torn];
    writes.forEach(({ irq, address, data }, i) => {
      // Without the interrupt's number: all vectors in turn at allocation, and again when
      // requested.
      const vector =
        known.find((each) => irq !== undefined && each.irq === irq) ?? known[i % known.length];
      if (vector === undefined) return;
      messages.write(`${this.name}/${vector.index}`, { address, data });
      // MSI has one message: the first vector's, whose low bits a device gives the number of
      // another.
      if (this.capability !== 'msi' || vector.index !== 0) return;
      this.most = Math.max(this.most, ...known.map(({ index }) => index));
      for (let index = 1; index <= this.most; index++)
        messages.write(`${this.name}/${index}`, {
          address,
          data: address === 0n ? data : data | index,
        });
    });
    this.torn = [];
  }

  /** The device's own table, where what was written may not be what it has. */
  readTable(table: readonly Message[], messages: MessageTable): void {
    for (const { index } of this.vectors)
      messages.write(`${this.name}/${index}`, table[index] ?? { address: 0n, data: 0 });
  }

  /** Those that say which interrupt they are of, and are of this device. */
  writesOf<T extends { readonly irq?: number }>(writes: readonly T[]): readonly T[] {
    return writes.filter(({ irq }) => this.vectors.some((vector) => vector.irq === irq));
  }

  countOf(lines: readonly InterruptLine[], index: number): number {
    const irq = this.irqOf(index);
    const line = lines.find((each) => each.irq === irq);
    return line === undefined
      ? 0
      : [...line.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  deliveries(before: readonly InterruptLine[], now: readonly InterruptLine[]): Delivery[] {
    return this.vectors.flatMap(({ index, irq }) => {
      if (irq === undefined) return [];
      const old = before.find((line) => line.irq === irq)?.counts ?? this.counted.get(irq);
      const counts = now.find((line) => line.irq === irq)?.counts ?? new Map<number, number>();
      this.counted.set(irq, counts);
      return [...counts].flatMap(([cpu, count]) => {
        // A CPU that came online brings back the counts that it had.
        const more = count - (old === undefined ? 0 : (old.get(cpu) ?? count));
        return more > 0 ? [{ vector: `${this.name}/${index}`, cpu, count: more }] : [];
      });
    });
  }

  /** Where the kernel sends each interrupt of the device, once it is known which vector it is. */
  aim(aims: readonly Aim[]): void {
    for (const vector of [...this.vectors, ...this.freed]) {
      if (vector.irq === undefined) continue;
      const found = aims.find(({ irq }) => irq === vector.irq);
      if (found === undefined)
        throw new Error(
          `${this.name}/${vector.index}: interrupt ${vector.irq} is not its device's`,
        );
      vector.cpus = found.cpus;
      vector.target = found.effective;
    }
  }

  /** Vectors that are allocated, and the CPUs that they may go to. */
  affinities(): [number, readonly number[]][] {
    return [...this.vectors, ...this.freed].map(({ index, cpus }) => [index, cpusOf(cpus)]);
  }

  /** Vectors that are requested, and the CPU that each is sent to. */
  targets(): [number, number | undefined][] {
    return this.vectors.map(({ index, target }) => [index, cpusOf(target)[0]]);
  }

  /** /proc/interrupts has those of a kernel driver by the driver's names. */
  private areInOrder(aims: readonly Aim[]): void {
    for (const vector of this.vectors) vector.irq = aims[vector.index]?.irq;
  }

  private findInterrupts(lines: readonly InterruptLine[]): void {
    const requested = new Set<number>();
    for (const { irq, action, chip } of lines) {
      const found = vectorOfAction(action);
      if (found === undefined || found.bdf !== this.bdf) continue;
      const vector = this.vectors[this.at(found.index)];
      if (vector !== undefined) vector.irq = irq;
      if (chip.startsWith('ITS') !== this.isOnIts)
        throw new Error(
          `${this.name}: its interrupts come from ${chip}, not from what the spec says`,
        );
      requested.add(found.index);
    }
    // A call that was refused may have freed them (vfio_msi_set_block since 6.5).
    const isFreed = ({ index }: Vector): boolean => !requested.has(index);
    this.torn.push(...this.vectors.filter(isFreed));
    this.freed.push(...this.vectors.filter(isFreed));
    this.vectors = this.vectors.filter((vector) => !isFreed(vector));
  }

  private at(index: number): number {
    return this.vectors.findIndex((vector) => vector.index === index);
  }
}

const cpusOf = (mask: number): readonly number[] =>
  Array.from({ length: 32 }, (_, cpu) => cpu).filter((cpu) => (mask >>> cpu) & 1);
