/**
 * The Linux target: a guest for each kind of machine that cases need, kept from case to case as long as it comes
 * out of each one clean, and a new one when it does not.
 */
import type { Machine, OpenRequest, Target, Unsupported } from '../target.ts';
import { Agent } from './agent.ts';
import type { GuestMaker, RunningGuest } from './guest-port.ts';
import { LinuxMachine } from './machine.ts';
import type { CasePlan } from './plan.ts';
import { supportOf } from './support.ts';

export interface LinuxTargetOptions {
  readonly guests: GuestMaker;
  /** Guests that may run at once: each has its memory and its CPUs. */
  readonly most: number;
  /** Told of what a reader of the report should know, such as a reboot between cases. */
  readonly notice: (text: string) => void;
  /** Given the protocol of a case when it ends. */
  readonly log?: (id: string, lines: readonly string[]) => void;
}

interface Kept {
  readonly key: string;
  readonly guest: RunningGuest;
  /** Devices that a driver has had in this boot. */
  readonly probed: Set<string>;
}

export class LinuxTarget implements Target {
  readonly name = 'linux';
  readonly release: string;
  private readonly options: LinuxTargetOptions;
  /** Least recently used first. */
  private kept: Kept[] = [];

  constructor(options: LinuxTargetOptions) {
    this.options = options;
    this.release = options.guests.release;
  }

  async open(request: OpenRequest): Promise<Machine | Unsupported> {
    const { guests } = this.options;
    const support = supportOf(request, guests.release, guests.place);
    if ('unsupported' in support) return support;
    const { plan } = support;
    const kept = await this.guestFor(plan);
    const from = kept.guest.transcript.length;
    const machine = new LinuxMachine(kept.guest, plan, guests.keepers(plan));
    for (const name of Object.keys(plan.topology.devices)) {
      if (!plan.unprobed.includes(name)) kept.probed.add(name);
    }
    for (const name of plan.unprobed) kept.probed.add(name);
    await this.guarded(kept, () => machine.start());
    return {
      perform: (operation) => this.guarded(kept, () => machine.perform(operation)),
      observe: () => machine.observe(),
      close: async () => {
        await this.settle(kept, machine, request.id);
        this.options.log?.(request.id, kept.guest.transcript.slice(from));
      },
    };
  }

  async close(): Promise<void> {
    const all = this.kept;
    this.kept = [];
    await Promise.all(all.map(({ guest }) => guest.close()));
    await this.options.guests.close?.();
  }

  private async guestFor(plan: CasePlan): Promise<Kept> {
    const key = this.options.guests.key(plan);
    const found = this.kept.find((each) => each.key === key);
    if (found !== undefined) {
      const spoilt = plan.unprobed.filter((name) => found.probed.has(name));
      if (spoilt.length === 0) {
        this.kept = [...this.kept.filter((each) => each !== found), found];
        return found;
      }
      this.options.notice(`${spoilt.join(', ')} had a driver already: a new guest`);
      await this.discard(found);
    }
    while (this.kept.length >= this.options.most) await this.discard(this.kept[0] as Kept);
    const kept = { key, guest: await this.options.guests.boot(plan), probed: new Set<string>() };
    this.kept.push(kept);
    return kept;
  }

  private async discard(kept: Kept): Promise<void> {
    this.kept = this.kept.filter((each) => each !== kept);
    await kept.guest.close();
  }

  /** After a failure the guest is not to be trusted with another case. */
  private async guarded<T>(kept: Kept, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      await this.discard(kept);
      throw error;
    }
  }

  private async settle(kept: Kept, machine: LinuxMachine, id: string): Promise<void> {
    if (!this.kept.includes(kept)) return;
    let left: string | undefined;
    try {
      await machine.close();
      left = await leftover(kept.guest);
    } catch (error) {
      left = `it could not be cleaned: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (left === undefined) return;
    this.options.notice(`${id}: ${left}; a new guest for the next case`);
    await this.discard(kept);
  }
}

/** What a case should not leave behind, or undefined. */
async function leftover(guest: RunningGuest): Promise<string | undefined> {
  const agent = new Agent(guest);
  const irqs = await agent.interrupts();
  const ours = irqs.filter((line) => /vfio-msi|ITS-PCI|ITS-MSI|\bMSI\b/.test(line));
  if (ours.length > 0) return `interrupts are left: ${ours[0]?.trim()}`;
  const affinity = await agent.shell('cat /proc/irq/default_smp_affinity');
  const cpus = await agent.shell('nproc');
  const all = (2 ** Number(cpus.lines[0])).toString(2).length - 1;
  if (Number.parseInt(affinity.lines[0] ?? '0', 16) !== 2 ** all - 1)
    return `the default affinity is left at ${affinity.lines[0]}`;
  return undefined;
}
