/**
 * The Linux target: a guest for each kind of machine that cases need, kept from case to case as
 * long as it comes out of each one clean, and a new one when it does not.
 */
import type { Machine, OpenRequest, Target, Unsupported } from '../target.ts';
import { AgentError } from './agent.ts';
import type { CaseLog } from './case-log.ts';
import { GuestPool } from './guest-pool.ts';
import type { GuestMaker } from './guest-port.ts';
import { KeptGuest } from './kept-guest.ts';
import { LinuxMachine } from './machine.ts';
import type { CasePlan } from './plan.ts';
import { supportOf } from './support.ts';

export interface LinuxTargetOptions {
  readonly guests: GuestMaker;
  /** Guests that may run at once: each has its memory and its CPUs. */
  readonly most: number;
  /**
   * Told of what a reader of the report should know, such as a reboot between cases, where a case
   * has no report.
   */
  readonly notice: (text: string) => void;
  /** Given the log of a case when it ends. */
  readonly log?: (id: string, log: CaseLog) => void;
  /** Aborted: guests end, and cases that wait for one. */
  readonly signal?: AbortSignal;
}

/** So many cases may wait for guests, so that those of a machine that runs can go first. */
const CASES_AT_ONCE = 256;

export class LinuxTarget implements Target {
  readonly name = 'linux';
  readonly release: string;
  readonly atOnce = CASES_AT_ONCE;
  private readonly options: LinuxTargetOptions;
  private readonly pool: GuestPool<KeptGuest>;

  constructor(options: LinuxTargetOptions) {
    const { guests, most, signal } = options;
    this.options = options;
    this.release = guests.release;
    this.pool = new GuestPool({ most, close: ({ guest }) => guest.close() });
    const stop = (): void => void this.pool.close(new Error('interrupted before it began'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
  }

  async open(request: OpenRequest): Promise<Machine | Unsupported> {
    const { guests } = this.options;
    const support = supportOf(request, guests.release, guests.place);
    if ('unsupported' in support) return support;
    const { plan } = support;
    const notice = request.notice ?? ((text) => this.options.notice(`${request.id}: ${text}`));
    const kept = await this.pool.take({
      key: guests.key(plan),
      boot: async () => new KeptGuest(await guests.boot(plan)),
      spoilt: (guest) => guest.spoiltFor(plan),
      notice,
    });
    const machine = new LinuxMachine(kept.guest, plan, guests.keepers(plan));
    await this.guarded(kept, request.id, () => begin(kept, plan, guests, machine));
    return {
      perform: (operation) => this.guarded(kept, request.id, () => machine.perform(operation)),
      observe: () => machine.observe(),
      close: () => this.settle(kept, machine, request.id, notice),
    };
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.options.guests.close?.();
  }

  /** After a failure the guest is not to be trusted with another case. */
  private async guarded<T>(kept: KeptGuest, id: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      return this.lost(kept, id, error);
    }
  }

  private async lost(kept: KeptGuest, id: string, error: unknown): Promise<never> {
    this.writeLog(kept, id);
    this.gone.add(kept);
    await this.pool.discard(kept);
    throw error;
  }

  private readonly gone = new WeakSet<KeptGuest>();

  private async settle(
    kept: KeptGuest,
    machine: LinuxMachine,
    id: string,
    notice: (text: string) => void,
  ): Promise<void> {
    if (this.gone.has(kept)) return;
    let left: string | undefined;
    try {
      // What is left is asked for behind the closing.
      [, left] = await Promise.all([machine.close(), kept.settle()]);
    } catch (error) {
      // A guest that dies while all is closed died of the case.
      if (!(error instanceof AgentError)) return this.lost(kept, id, error);
      left = `it could not be cleaned: ${error.message}`;
    }
    this.writeLog(kept, id);
    if (left === undefined) return this.pool.giveBack(kept);
    if (this.options.signal?.aborted !== true)
      notice(`${left}; a new guest is booted for the next case`);
    await this.pool.discard(kept);
  }

  private writeLog(kept: KeptGuest, id: string): void {
    this.options.log?.(id, kept.log());
  }
}

async function begin(
  kept: KeptGuest,
  plan: CasePlan,
  guests: GuestMaker,
  machine: LinuxMachine,
): Promise<void> {
  await kept.begin(plan, guests.keepers(plan));
  await machine.start();
}
