/**
 * SMMUv1/v2: stream match registers, stream-to-context registers, context banks. IHI 0062 2.6 to
 * 2.8; arm-smmu.c. A group matches the StreamIDs that differ from SMR.ID in bits of SMR.MASK alone;
 * the number of groups and of context banks is what runs out. Not modelled: stream indexing,
 * stalls, nested contexts.
 */
import type { EventLog } from '../../events/event-log.ts';
import type { Column, Store } from '../../state/store.ts';
import { SmmuCommands } from './commands.ts';
import { FAULT, type Smmu, type StreamState, walk } from './smmu.ts';
import type { Tlb } from './tlb.ts';

/** SMMU_S2CRn.TYPE; 0 is our mark for an SMR that is not valid. */
export const S2CR = { invalid: 0, translate: 1, bypass: 2, fault: 3 } as const;

export class SmmuV2Block implements Smmu {
  readonly kind = 'smmu-v2';
  readonly stage: 1 | 2;
  readonly streamIdBits: number;
  private readonly iovaBits: number;
  private readonly faultUnmatched: boolean;
  private readonly smrId: Column;
  private readonly smrMask: Column;
  private readonly s2crType: Column;
  private readonly s2crBank: Column;
  /** Domain + 1 whose tables the bank's TTBR holds; 0: the bank is free. */
  private readonly bankDomain: Column;
  readonly commands: SmmuCommands;
  private readonly tlb: Tlb;

  constructor(
    store: Store,
    log: EventLog,
    tlb: Tlb,
    spec: {
      index: number;
      queue: number;
      stage: 1 | 2;
      streamIdBits: number;
      streamMappingGroups: number;
      contextBanks: number;
      faultUnmatched: boolean;
      iovaBits: number;
    },
  ) {
    this.stage = spec.stage;
    this.streamIdBits = spec.streamIdBits;
    this.iovaBits = spec.iovaBits;
    this.faultUnmatched = spec.faultUnmatched;
    this.smrId = store.column(spec.streamMappingGroups, { part: 'stream' });
    this.smrMask = store.column(spec.streamMappingGroups, { part: 'stream' });
    this.s2crType = store.column(spec.streamMappingGroups, { part: 'stream' });
    this.s2crBank = store.column(spec.streamMappingGroups, { part: 'stream' });
    this.bankDomain = store.column(spec.contextBanks, { part: 'stream' });
    this.tlb = tlb;
    const { index, queue } = spec;
    // Its registers are no cache's business: there is no configuration to invalidate.
    this.commands = new SmmuCommands(store, log, { index, capacity: queue }, tlb, () => undefined);
  }

  get banks(): number {
    return this.bankDomain.length;
  }

  /** The group that matches a StreamID, or -1. */
  match(streamId: number): number {
    for (let n = 0; n < this.smrId.length; n++) {
      if (this.s2crType.get(n) === S2CR.invalid) continue;
      if (((this.smrId.get(n) ^ streamId) & ~this.smrMask.get(n)) === 0) return n;
    }
    return -1;
  }

  freeGroup(): number {
    for (let n = 0; n < this.smrId.length; n++) if (this.s2crType.get(n) === S2CR.invalid) return n;
    return -1;
  }

  /**
   * Group for an SMR of this ID and mask, as arm_smmu_find_sme has it: one that contains it; else a
   * free one; -1: none is left. One that only overlaps another does not come here:
   * src/topology/groups.ts.
   */
  findGroup(id: number, mask: number): number {
    for (let n = 0; n < this.smrId.length; n++) {
      if (this.s2crType.get(n) === S2CR.invalid) continue;
      const [otherId, otherMask] = [this.smrId.get(n), this.smrMask.get(n)];
      if ((mask & otherMask) === mask && ((id ^ otherId) & ~otherMask) === 0) return n;
    }
    return this.freeGroup();
  }

  isValid(group: number): boolean {
    return this.s2crType.get(group) !== S2CR.invalid;
  }

  /** The bank that holds a domain's tables, or -1. */
  bankOf(domain: number): number {
    for (let n = 0; n < this.banks; n++) if (this.bankDomain.get(n) === domain + 1) return n;
    return -1;
  }

  freeBank(): number {
    for (let n = 0; n < this.banks; n++) if (this.bankDomain.get(n) === 0) return n;
    return -1;
  }

  /** SMMU_CBn_TTBR0 and friends; -1 takes the bank out of use. */
  writeBank(bank: number, domain: number): void {
    this.bankDomain.set(bank, domain + 1);
  }

  /** The group matches nothing any more. */
  clearGroup(group: number): void {
    this.writeSmr(group, 0, 0);
    this.writeS2cr(group, S2CR.invalid, 0);
  }

  /** SMMU_SMRn. */
  writeSmr(group: number, id: number, mask: number): void {
    this.smrId.set(group, id);
    this.smrMask.set(group, mask);
  }

  /** SMMU_S2CRn. */
  writeS2cr(group: number, type: number, bank: number): void {
    this.s2crType.set(group, type);
    this.s2crBank.set(group, bank);
  }

  stateOf(streamId: number): StreamState {
    const group = this.match(streamId);
    if (group < 0) return this.faultUnmatched ? 'absent' : 'bypass';
    const type = this.s2crType.get(group);
    if (type === S2CR.bypass) return 'bypass';
    return type === S2CR.translate ? 'translate' : 'fault';
  }

  domainOf(streamId: number): number {
    return this.bankDomain.get(this.s2crBank.get(this.match(streamId))) - 1;
  }

  translate(streamId: number, address: number): number {
    return this.look(streamId, address, false);
  }

  access(streamId: number, address: number): number {
    return this.look(streamId, address, true);
  }

  private look(streamId: number, address: number, keep: boolean): number {
    switch (this.stateOf(streamId)) {
      case 'absent':
        return -FAULT['sGFSR.USF'];
      case 'abort':
      case 'fault':
        return -FAULT['sGFSR.ICF'];
      case 'bypass':
        // No context bank, so no size to check: the bus in front of it has SMMU_IDR2.UBS bits, 49
        // at most, and what is above them no part behind it answers to.
        return address;
      case 'translate':
        return walk(this.tlb, this.domainOf(streamId), address, this.iovaBits, WALK, keep);
    }
  }
}

const WALK = { translation: FAULT['CB_FSR.TF'], permission: FAULT['CB_FSR.PF'] } as const;
