/**
 * What the two SMMU generations have in common: a stream is matched to a context, the context says
 * what happens to a write, and a refusal has an architectural name.
 */
import type { SmmuCommands } from './commands.ts';
import { PROT } from './page-table.ts';
import type { Tlb, WalkNames } from './tlb.ts';

/**
 * Faults and the silent refusals, as they travel in event records. Names: IHI 0070 7.3 (SMMUv3
 * events), IHI 0062 (SMMUv2 fault status registers).
 */
export const FAULT = {
  F_TRANSLATION: 1,
  F_ADDR_SIZE: 2,
  F_PERMISSION: 3,
  C_BAD_STREAMID: 4,
  C_BAD_STE: 5,
  /** STE.Config = abort: the write is terminated and no event recorded. */
  ABORT: 6,
  /** Context bank fault status. */
  'CB_FSR.TF': 7,
  'CB_FSR.PF': 8,
  /** Global fault status: unidentified stream. */
  'sGFSR.USF': 9,
  /** Global fault status: S2CR.TYPE is fault (invalid context). */
  'sGFSR.ICF': 10,
  /** Not an SMMU's: the kernel touched memory that it had freed, as KASAN would say. */
  'use-after-free': 11,
  /** As lockdep or might_sleep would say. */
  'sleep-in-atomic': 12,
  /** BUG_ON, a NULL dereference. */
  'kernel-bug': 13,
} as const;
export type FaultName = keyof typeof FAULT;
export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULT).filter(
  (name): name is FaultName => name in FAULT,
);

/** IHI 0070 7.3.2 and 7.3.4: configuration faults are recorded without an input address. */
export const hasAddress = (code: number): boolean =>
  code !== FAULT.C_BAD_STREAMID && code !== FAULT.C_BAD_STE;

export const faultName = (code: number): FaultName => FAULT_NAMES[code - 1] ?? 'ABORT';

/** What a stream's context does with a write. `domain` counts only for `translate`. */
export type StreamState = 'absent' | 'abort' | 'fault' | 'bypass' | 'translate';

export interface Smmu {
  readonly kind: 'smmu-v2' | 'smmu-v3';
  readonly stage: 1 | 2;
  /** What the hardware does with this StreamID now. */
  stateOf(streamId: number): StreamState;
  /** Domain whose tables the stream's context uses; only when stateOf() is `translate`. */
  domainOf(streamId: number): number;
  /**
   * Physical address of a write to `address` (a non-negative number, rounded if above 2**53, which
   * every case refuses anyway), or minus a FAULT code. Changes nothing.
   */
  translate(streamId: number, address: number): number;
  /** As translate(), for a write that takes place: what was read for it stays cached. */
  access(streamId: number, address: number): number;
  /** What ends the life of what is cached. */
  readonly commands: SmmuCommands;
}

/** The walk: stage 1 out-of-range input is a translation fault (no TTBR covers it). */
export function walk(
  tlb: Tlb,
  domain: number,
  address: number,
  iovaBits: number,
  names: WalkNames,
  keep: boolean,
): number {
  if (address >= 2 ** iovaBits) return -names.translation;
  return tlb.translate(domain, address, names, keep);
}

/** Stage 1 descriptors have no write-only: AP[2] clear means read and write. */
export function pteOf(prot: number, stage: 1 | 2): 'R' | 'W' | 'RW' {
  const write = (prot & PROT.WRITE) !== 0;
  const read = (prot & PROT.READ) !== 0;
  if (!write) return 'R';
  return read || stage === 1 ? 'RW' : 'W';
}
