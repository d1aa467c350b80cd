/**
 * SMMUv3: stream table entries. IHI 0070 3.3, 5.2, 7.3; outcomes as booted kernels 6.1 and 6.12 showed them.
 *
 * A two-level table has a second level only for streams that a driver probed: any other StreamID is
 * C_BAD_STREAMID. In a linear table the driver initialises every STE to abort. Not modelled: CD tables,
 * substreams, ATS and PRI, stalls, the command queue, GBPA (but see KernelConfig.iommuApi).
 */
import type { Column, Store } from '../../state/store.ts';
import type { PageTables } from './page-table.ts';
import { bypass, FAULT, type Smmu, type StreamState, walk } from './smmu.ts';

/** STE.Config by what it means here. */
export const STE = { absent: 0, abort: 1, bypass: 2, translate: 3 } as const;

export class SmmuV3Block implements Smmu {
  readonly kind = 'smmu-v3';
  readonly stage: 1 | 2;
  readonly streamIdBits: number;
  private readonly iovaBits: number;
  private readonly linear: boolean;
  private readonly slots: ReadonlyMap<number, number>;
  private readonly config: Column;
  private readonly domain: Column;
  private readonly tables: PageTables;

  constructor(
    store: Store,
    tables: PageTables,
    spec: {
      stage: 1 | 2;
      streamIdBits: number;
      streamTable: 'linear' | 'two-level';
      iovaBits: number;
      streamIds: readonly number[];
    },
  ) {
    this.stage = spec.stage;
    this.streamIdBits = spec.streamIdBits;
    this.iovaBits = spec.iovaBits;
    this.linear = spec.streamTable === 'linear';
    const ids = [...new Set(spec.streamIds)];
    this.slots = new Map(ids.map((id, index) => [id, index]));
    this.config = store.column(ids.length, { part: 'stream' });
    this.domain = store.column(ids.length, { part: 'stream' });
    this.tables = tables;
  }

  stateOf(streamId: number): StreamState {
    if (streamId >= 2 ** this.streamIdBits) return 'absent';
    const slot = this.slots.get(streamId);
    switch (slot === undefined ? STE.absent : this.config.get(slot)) {
      case STE.translate:
        return 'translate';
      case STE.bypass:
        return 'bypass';
      case STE.abort:
        return 'abort';
      default:
        return this.linear ? 'abort' : 'absent';
    }
  }

  domainOf(streamId: number): number {
    return this.domain.get(this.slots.get(streamId) ?? -1);
  }

  /** The driver writes an STE (and the CFGI that makes it count). */
  writeSte(streamId: number, config: number, domain: number): void {
    const slot = this.slots.get(streamId) ?? -1;
    this.config.set(slot, config);
    this.domain.set(slot, domain);
  }

  translate(streamId: number, address: number): number {
    switch (this.stateOf(streamId)) {
      case 'absent':
        return -FAULT.C_BAD_STREAMID;
      case 'abort':
      case 'fault':
        return -FAULT.ABORT;
      case 'bypass':
        return bypass(address);
      case 'translate':
        return walk(this.tables, this.domainOf(streamId), address, this.iovaBits, {
          translation: FAULT.F_TRANSLATION,
          permission: FAULT.F_PERMISSION,
        });
    }
  }
}
