/**
 * SMMUv3: stream table entries. IHI 0070 3.3, 5.2, 7.3; outcomes as booted kernels 6.1 and 6.12
 * showed them.
 *
 * A two-level table has a second level, of 256 StreamIDs, only where a driver probed one of them:
 * any other StreamID is C_BAD_STREAMID. In a second level, and in a linear table, the driver has
 * initialised every STE to abort (arm_smmu_init_initial_stes). So no STE is ever without its valid
 * bit, and nothing here is C_BAD_STE.
 *
 * An STE that was used is kept until CFGI_STE: cleared without it, the old one goes on counting
 * (IHI 0070 3.21; QEMU's SMMU showed it). One that is not valid is not kept. A context descriptor
 * is taken for a part of its STE. Not modelled: CD tables, substreams, ATS and PRI, stalls, GBPA
 * (but see KernelConfig.iommuApi).
 */
import type { EventLog } from '../../events/event-log.ts';
import type { Column, Store } from '../../state/store.ts';
import { SmmuCommands } from './commands.ts';
import { FAULT, type Smmu, type StreamState, walk } from './smmu.ts';
import type { Tlb } from './tlb.ts';

/** STE.Config by what it means here. */
export const STE = { absent: 0, abort: 1, bypass: 2, translate: 3 } as const;

/** STRTAB_SPLIT of arm-smmu-v3.h: bits of a StreamID that the second level resolves. */
const STRTAB_SPLIT = 8;

export class SmmuV3Block implements Smmu {
  readonly kind = 'smmu-v3';
  readonly stage: 1 | 2;
  readonly streamIdBits: number;
  private readonly iovaBits: number;
  private readonly linear: boolean;
  /** First StreamID of each second level that may be needed, and whether it is there. */
  private readonly spans: readonly number[];
  private readonly secondLevel: Column;
  readonly commands: SmmuCommands;
  private readonly slots: ReadonlyMap<number, number>;
  /** The table in memory. */
  private readonly config: Column;
  private readonly domain: Column;
  /** What is kept of it; `absent`: nothing. */
  private readonly cachedConfig: Column;
  private readonly cachedDomain: Column;
  private readonly isKept: boolean;
  private readonly tlb: Tlb;

  constructor(
    store: Store,
    log: EventLog,
    tlb: Tlb,
    spec: {
      index: number;
      /** Whether STEs are cached, and the room of the command queue. */
      caches: boolean;
      queue: number;
      stage: 1 | 2;
      streamIdBits: number;
      streamTable: 'linear' | 'two-level';
      iovaBits: number;
      streamIds: readonly number[];
      /** Index of the only device with the StreamID, or -1. */
      deviceOf: (streamId: number) => number;
    },
  ) {
    this.stage = spec.stage;
    this.streamIdBits = spec.streamIdBits;
    this.iovaBits = spec.iovaBits;
    // arm_smmu_device_hw_probe: StreamIDs that would not fill one second level get a linear table.
    this.linear = spec.streamTable === 'linear' || spec.streamIdBits <= STRTAB_SPLIT;
    const ids = [...new Set(spec.streamIds)];
    this.spans = this.linear ? [] : [...new Set(ids.map(spanOf))];
    this.secondLevel = store.column(this.spans.length, { part: 'stream' });
    this.slots = new Map(ids.map((id, index) => [id, index]));
    const device = (slot: number): number => spec.deviceOf(ids[slot] ?? -1);
    this.config = store.column(ids.length, { part: 'stream', device });
    this.domain = store.column(ids.length, { part: 'stream', device });
    this.cachedConfig = store.column(ids.length, { part: 'tlb', device });
    this.cachedDomain = store.column(ids.length, { part: 'tlb', device });
    this.isKept = spec.caches;
    this.tlb = tlb;
    const { index, queue } = spec;
    this.commands = new SmmuCommands(store, log, { index, capacity: queue }, tlb, (streamId) =>
      this.forget(this.slots.get(streamId) ?? -1),
    );
  }

  /** StreamIDs that have an entry, by its slot. */
  get streams(): number[] {
    return [...this.slots.keys()];
  }

  /** Whether an STE is kept that the table no longer has. */
  isStale(slot: number): boolean {
    const kept = this.cachedConfig.get(slot);
    if (kept === STE.absent) return false;
    return kept !== this.config.get(slot) || this.cachedDomain.get(slot) !== this.domain.get(slot);
  }

  /** CFGI_STE. */
  forget(slot: number): void {
    if (!this.isKept) return;
    this.cachedConfig.set(slot, STE.absent);
    this.cachedDomain.set(slot, 0);
  }

  stateOf(streamId: number): StreamState {
    if (streamId >= 2 ** this.streamIdBits) return 'absent';
    const slot = this.slots.get(streamId);
    const kept = slot === undefined ? STE.absent : this.cachedConfig.get(slot);
    switch (kept === STE.absent && slot !== undefined ? this.config.get(slot) : kept) {
      case STE.translate:
        return 'translate';
      case STE.bypass:
        return 'bypass';
      case STE.abort:
        return 'abort';
      default:
        return this.hasEntry(streamId) ? 'abort' : 'absent';
    }
  }

  private hasEntry(streamId: number): boolean {
    if (this.linear) return true;
    const span = this.spans.indexOf(spanOf(streamId));
    return span >= 0 && this.secondLevel.get(span) !== 0;
  }

  domainOf(streamId: number): number {
    const slot = this.slots.get(streamId) ?? -1;
    const isKept = this.cachedConfig.get(slot) !== STE.absent;
    return (isKept ? this.cachedDomain : this.domain).get(slot);
  }

  /**
   * The driver writes an STE; CFGI_STE makes it count for a stream that was in use. The first of a
   * second level makes that (arm_smmu_init_l2_strtab).
   */
  writeSte(streamId: number, config: number, domain: number): void {
    const span = this.spans.indexOf(spanOf(streamId));
    if (span >= 0) this.secondLevel.set(span, 1);
    const slot = this.slots.get(streamId) ?? -1;
    this.config.set(slot, config);
    this.domain.set(slot, domain);
  }

  translate(streamId: number, address: number): number {
    return this.look(streamId, address, false);
  }

  access(streamId: number, address: number): number {
    const slot = this.slots.get(streamId);
    if (this.isKept && slot !== undefined && this.cachedConfig.get(slot) === STE.absent) {
      this.cachedConfig.set(slot, this.config.get(slot));
      this.cachedDomain.set(slot, this.domain.get(slot));
    }
    return this.look(streamId, address, true);
  }

  private look(streamId: number, address: number, keep: boolean): number {
    switch (this.stateOf(streamId)) {
      case 'absent':
        return -FAULT.C_BAD_STREAMID;
      case 'abort':
      case 'fault':
        return -FAULT.ABORT;
      case 'bypass':
        return address < OUTPUT_LIMIT ? address : -FAULT.F_ADDR_SIZE;
      case 'translate':
        return walk(this.tlb, this.domainOf(streamId), address, this.iovaBits, WALK, keep);
    }
  }
}

/** The second level that a StreamID belongs to. */
export const spanOf = (streamId: number): number => Math.floor(streamId / 2 ** STRTAB_SPLIT);

/** Output addresses have at most 52 bits (FEAT_LPA). */
const OUTPUT_LIMIT = 2 ** 52;

const WALK = { translation: FAULT.F_TRANSLATION, permission: FAULT.F_PERMISSION } as const;
