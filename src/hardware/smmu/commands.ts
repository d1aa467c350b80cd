/**
 * How a driver ends what an SMMU has cached: commands in a queue and CMD_SYNC (SMMUv3, IHI 0070 4.3
 * to 4.7), or TLBI registers and TLBSYNC (SMMUv2, IHI 0062 2.6.3). The names in a trace are those
 * of the generation and stage.
 */
import { EVENT, type EventLog } from '../../events/event-log.ts';
import type { Store } from '../../state/store.ts';
import { CommandFifo } from '../command-fifo.ts';
import type { Tlb } from './tlb.ts';

/** As they travel in event records and in the queue. */
export const SMMU_COMMAND = { SYNC: 0, TLBI_VA: 1, TLBI_ASID: 2, CFGI_STE: 3 } as const;

const TWO_32 = 2 ** 32;
const UNIT = 4096;

export class SmmuCommands {
  /** What was posted and has not taken effect. */
  readonly queue: CommandFifo;
  private readonly log: EventLog;
  private readonly index: number;

  /**
   * `capacity`: of the queue; 0 where a SYNC follows each command at once and nobody looks in
   * between. `forgetSte`: what CFGI_STE does.
   */
  constructor(
    store: Store,
    log: EventLog,
    { index, capacity }: { readonly index: number; readonly capacity: number },
    tlb: Tlb,
    forgetSte: (streamId: number) => void,
  ) {
    this.log = log;
    this.index = index;
    this.queue = new CommandFifo(store, capacity, (op, a, address, size) => {
      if (op === SMMU_COMMAND.TLBI_VA) tlb.invalidate(a, address, size);
      else if (op === SMMU_COMMAND.TLBI_ASID) tlb.invalidateAll(a);
      else forgetSte(a);
    });
  }

  tlbiVa(tag: number, address: number, size: number): void {
    this.post(SMMU_COMMAND.TLBI_VA, tag, address, size);
  }

  tlbiAsid(tag: number): void {
    this.post(SMMU_COMMAND.TLBI_ASID, tag, 0, 0);
  }

  cfgiSte(streamId: number): void {
    this.post(SMMU_COMMAND.CFGI_STE, streamId, 0, 0);
  }

  sync(): void {
    this.log.emit(EVENT.smmu, this.index, SMMU_COMMAND.SYNC);
    this.queue.sync();
  }

  private post(op: number, operand: number, address: number, size: number): void {
    this.tell(op, operand, address, size);
    this.queue.post(op, operand, address, size);
  }

  /** Tells the log of a command that was posted, or of one that waits. */
  tell(op: number, operand: number, address: number, size: number): void {
    this.log.emit(EVENT.smmu, this.index, op, operand, address / TWO_32, address | 0, size / UNIT);
  }
}
