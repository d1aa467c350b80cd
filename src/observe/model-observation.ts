/**
 * An observation of the model: reads the state and the log of the last operation when asked, so
 * that a step nobody looks at costs nothing.
 */
import { EVENT, type EventKind } from '../events/event-log.ts';
import { faultName, hasAddress, pteOf } from '../hardware/smmu/smmu.ts';
import { WINDOW } from '../kernel/domains.ts';
import { domainNamed } from '../kernel/call.ts';
import { IRQ } from '../kernel/irqs.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  type Command,
  type Delivery,
  type ErrnoName,
  type Fault,
  type Loss,
  type Mapping,
  type Message,
  type Observation,
  type Observed,
  seen,
  type TraceEvent,
  type Translation,
  unobservable,
  type WindowUse,
} from '../observation.ts';
import {
  commandOf,
  invalidationOf,
  lossText,
  protText,
  traceOf,
  vcpuName,
  vectorName,
  wide,
} from './decode.ts';
import { explainPath } from './explain-path.ts';

/** Most steps: nothing of the kind happened, and nothing is allocated to say so. */
const NOTHING: Observed<readonly never[]> = seen([]);

export class ModelObservation implements Observation {
  readonly error: ErrnoName | undefined;
  private readonly k: Kernel;

  constructor(k: Kernel, error: ErrnoName | undefined) {
    this.k = k;
    this.error = error;
  }

  interrupts(): Observed<readonly Delivery[]> {
    if (!this.k.log.has(EVENT.interrupt)) return NOTHING;
    const counts = new Map<string, { vector: string; cpu: number; count: number; vcpu?: string }>();
    this.records(EVENT.interrupt, (w, at) => {
      const owner = w[at + 2] as number;
      const cpu = w[at + 3] as number;
      const vector = owner > 0 ? vectorName(this.k.topology, owner - 1) : SPURIOUS;
      const vpe = w[at + 5] as number;
      const vcpu = vpe > 0 ? { vcpu: vcpuName(this.k.topology, vpe - 1) } : {};
      const key = `${vector} ${cpu} ${vpe}`;
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { vector, cpu, count: 1, ...vcpu });
    });
    return seen([...counts.values()]);
  }

  faults(): Observed<readonly Fault[]> {
    if (!this.k.log.has(EVENT.fault)) return NOTHING;
    const list: Fault[] = [];
    this.records(EVENT.fault, (w, at) => {
      list.push({
        device: this.k.topology.devices[w[at + 2] as number]?.name ?? '?',
        streamId: (w[at + 3] as number) >>> 0,
        ...(hasAddress(w[at + 6] as number)
          ? { address: wide(w[at + 4] as number, w[at + 5] as number) }
          : {}),
        name: faultName(w[at + 6] as number),
      });
    });
    return seen(list);
  }

  commands(): Observed<readonly Command[]> {
    return this.listed(EVENT.command, commandOf);
  }

  invalidations(): Observed<readonly Command[]> {
    return this.listed(EVENT.smmu, invalidationOf);
  }

  get refusals(): number {
    let refused = 0;
    if (this.k.log.has(EVENT.command))
      this.records(EVENT.command, (w, at) => void (refused += w[at + 8] as number));
    return refused;
  }

  losses(): Observed<readonly Loss[]> {
    if (!this.k.log.has(EVENT.lost)) return NOTHING;
    const counts = new Map<string, { vector: string; count: number; why: string }>();
    this.records(EVENT.lost, (w, at) => {
      const vector = (w[at + 2] as number) - 1;
      if (vector < 0) return;
      const name = vectorName(this.k.topology, vector);
      const why = lossText(w[at + 3] as number);
      const known = counts.get(name + why);
      if (known) known.count++;
      else counts.set(name + why, { vector: name, count: 1, why });
    });
    return seen([...counts.values()]);
  }

  translations(): Observed<readonly Translation[]> {
    if (!this.k.log.has(EVENT.write)) return NOTHING;
    const found = new Map<string, Translation>();
    this.records(EVENT.write, (w, at) => {
      const device = this.k.topology.devices[w[at + 2] as number];
      const smmu = this.k.hw.smmus[device?.iommu ?? -1];
      if (device === undefined || smmu === undefined) return;
      const { inBridge } = this.k.hw;
      const isPassedBy = this.k.topology.iommus[device.iommu]?.spec.hwMsi !== undefined;
      if (isPassedBy || inBridge[device.controller] !== undefined) return;
      if ((w[at + 3] as number) === 0) return;
      const iova = wide(w[at + 4] as number, w[at + 5] as number);
      // The tables are as they were at the write: a device's own doing changes none.
      const pa = smmu.translate(device.streamIds[0] ?? 0, Number(iova));
      if (pa >= 0)
        found.set(`${device.name} ${iova}`, { device: device.name, iova, pa: BigInt(pa) });
    });
    return seen([...found.values()]);
  }

  trace(): readonly TraceEvent[] {
    const list: TraceEvent[] = [];
    this.k.log.forEach((w, at) => list.push(traceOf(this.k.topology, w, at)), true);
    return list;
  }

  history(): readonly TraceEvent[] {
    const list: TraceEvent[] = [];
    this.k.log.forEach((w, at) => list.push(traceOf(this.k.topology, w, at)));
    return list;
  }

  mappings(domain: string): Observed<readonly Mapping[]> {
    const { tables } = this.k.hw;
    const d = domainNamed(this.k, domain);
    const stage = this.k.domains.stage(d);
    return seen(
      Array.from({ length: tables.count(d) }, (_, i) => {
        const prot = tables.prot(d, i);
        const slot = this.k.bindings.findIova(d, tables.iova(d, i));
        return {
          iova: BigInt(tables.iova(d, i)),
          pa: BigInt(tables.pa(d, i)),
          size: BigInt(tables.size(d, i)),
          prot: protText(prot),
          pte: pteOf(prot, stage),
          refs: this.refsOf(slot),
          doorbell: slot >= 0,
        };
      }),
    );
  }

  message(device: string, index: number): Observed<Message> {
    const { functions } = this.k.hw;
    const { row, at, vector } = this.vector(device, index);
    const address = wide(functions.hi(row), functions.lo(row));
    // A register of zeroes is a message of zeroes, whatever low bits the device would add.
    return seen({
      address,
      data: address === 0n ? functions.data(row) : functions.sentData(at, vector),
    });
  }

  leaks(domain: string): Observed<number> {
    const { bindings, design } = this.k;
    if (design.held === undefined) return seen(0);
    const d = domainNamed(this.k, domain);
    let leaked = 0;
    for (let slot = d * bindings.perDomain; slot < (d + 1) * bindings.perDomain; slot++) {
      if (bindings.isUsed(slot)) leaked += bindings.refs.get(slot) - design.held(this.k, d, slot);
    }
    return seen(leaked);
  }

  window(domain: string): Observed<WindowUse | undefined> {
    const { domains, bindings } = this.k;
    const d = domainNamed(this.k, domain);
    if (domains.window.get(d) !== WINDOW.valid) return seen(undefined);
    const base = domains.windowBase.get(d);
    const size = domains.windowSize.get(d);
    const pages = Math.floor(size / domains.windowGranule(d));
    let used = 0;
    for (let slot = d * bindings.perDomain; slot < (d + 1) * bindings.perDomain; slot++) {
      if (bindings.isUsed(slot)) used++;
    }
    return seen({ base: BigInt(base), pages, free: pages - used });
  }

  affinity(device: string, index: number): readonly number[] {
    const vector = this.numberOf(device, index);
    if (!this.k.irqs.is(vector, IRQ.allocated)) return [];
    const allowed: number[] = [];
    for (let cpu = 0; cpu < this.k.topology.cpus; cpu++)
      if (this.k.irqs.allows(vector, cpu)) allowed.push(cpu);
    return allowed;
  }

  target(device: string, index: number): number | undefined {
    const vector = this.numberOf(device, index);
    return this.k.irqs.is(vector, IRQ.started) ? this.k.irqs.cpu.get(vector) : undefined;
  }

  explainPath(device: string, index: number): readonly string[] {
    const { at, vector } = this.vector(device, index);
    return explainPath(this.k, at, vector);
  }

  private refsOf(slot: number): Observed<number> {
    if (slot < 0) return unobservable('a mapping of user space: no design counts it');
    if (this.k.design.held === undefined)
      return unobservable(`${this.k.design.name} does not count references`);
    return seen(this.k.bindings.refs.get(slot));
  }

  private vector(device: string, index: number): { at: number; vector: number; row: number } {
    const vector = this.numberOf(device, index);
    const at = this.k.topology.deviceOfVector[vector] ?? -1;
    return { at, vector, row: this.k.hw.functions.rowOf(at, vector) };
  }

  /** Looks at nothing that changes. */
  private numberOf(device: string, index: number): number {
    const found = this.k.topology.deviceByName.get(device);
    if (found === undefined || index >= found.vectors)
      throw new Error(`IMPOSSIBLE: no vector ${device}/${index}`);
    return found.firstVector + index;
  }

  private listed(kind: EventKind, read: typeof commandOf): Observed<readonly Command[]> {
    if (!this.k.log.has(kind)) return NOTHING;
    const list: Command[] = [];
    this.records(kind, (w, at) => list.push(read(this.k.topology, w, at)));
    return seen(list);
  }

  private records(kind: number, visit: (w: Int32Array, at: number) => void): void {
    this.k.log.forEach((w, at) => {
      if (w[at] === kind) visit(w, at);
    }, true);
  }
}

/** Vector name of an interrupt that no vector owns. */
const SPURIOUS = 'spurious';
