/**
 * A guest that goes from case to case. Every case begins alike, whichever came before: no driver
 * has a device, each device has its group, nothing is open. So a case's log is the same in a new
 * guest and in one that had a hundred.
 */
import { Agent } from './agent.ts';
import { bdfOf } from './bdf.ts';
import type { CaseLog } from './case-log.ts';
import { bytesLeft, changedTypes, difference, type State, stateOf } from './cleanliness.ts';
import type { RunningGuest } from './guest-port.ts';
import type { CasePlan } from './plan.ts';
import { parseHardwareEvent } from './read/qemu-trace.ts';
import { parseTraceLine } from './read/trace-line.ts';

export class KeptGuest {
  readonly guest: RunningGuest;
  private readonly agent: Agent;
  /** Devices that a driver has had in this boot; a stream has its entry from then on. */
  private readonly probed = new Set<string>();
  private devices: readonly string[] = [];
  /** Undefined before the first case. */
  private before: State | undefined;
  private from = 0;

  constructor(guest: RunningGuest) {
    this.guest = guest;
    this.agent = new Agent(guest);
  }

  /**
   * Why this case cannot be run in this boot. All devices here share the 256 entries of one level 2
   * stream table, which the first probed one brings (arm_smmu_init_l2_strtab): from then on no
   * stream is without an entry.
   */
  spoiltFor(plan: CasePlan): string | undefined {
    if (plan.unprobed.length === 0 || this.probed.size === 0) return undefined;
    return `${plan.unprobed.join(', ')} must have no stream table entry, and a device had a driver already`;
  }

  /** Brings the devices to where a case begins; what this says is of no case. */
  async begin(plan: CasePlan, keepers: readonly string[]): Promise<void> {
    this.devices = [...addresses(plan), ...keepers];
    const known = this.probed.size;
    if (plan.unprobed.length === 0) await this.probe(this.devices);
    else for (const bdf of this.devices) this.probed.add(bdf);
    // As the last case left it, unless this is the first or has devices that none had.
    if (this.before === undefined || this.probed.size > known)
      [this.before] = await Promise.all([this.state(), this.drain()]);
    this.from = this.guest.transcript.length;
    this.guest.console();
  }

  /** After the case has closed what it opened: what it left behind nevertheless, or undefined. */
  async settle(): Promise<string | undefined> {
    const before = this.before ?? [];
    const [first, faults] = await Promise.all([this.stateWithoutVfio(), this.drain()]);
    let after = first;
    const bare = after.flatMap((line) => /^pci (\S+) - -$/.exec(line)?.[1] ?? []);
    const plugged = this.devices.filter((bdf) => bare.includes(bdf) && this.hadGroup(bdf));
    const retyped = changedTypes(before, after).filter(({ bdf }) => this.devices.includes(bdf));
    if (plugged.length + retyped.length > 0) {
      for (const bdf of plugged) this.probed.delete(bdf);
      await this.probe(plugged);
      for (const { bdf, type } of retyped) await this.agent.must(`settype ${bdf} ${type}`);
      [after] = await Promise.all([this.state(), this.drain()]);
    }
    const bytes = bytesLeft(this.kernelEvents());
    if (bytes !== 0n) return `${bytes} bytes are still mapped`;
    if (faults.length > 0) return `the SMMU recorded an event while all was closed: ${faults[0]}`;
    return difference(before, after);
  }

  log(): CaseLog {
    const protocol = this.guest.transcript.slice(this.from);
    return { command: this.guest.command, console: this.guest.console(), protocol };
  }

  /** A device has its group once a driver had it (device tree boot). */
  private async probe(devices: readonly string[]): Promise<void> {
    const fresh = devices.filter((each) => !this.probed.has(each));
    for (const bdf of fresh) this.probed.add(bdf);
    await Promise.all(
      fresh.flatMap((bdf) => [this.agent.bind(bdf, 'vfio-pci'), this.agent.unbind(bdf)]),
    );
  }

  private hadGroup(bdf: string): boolean {
    return (this.before ?? []).some(
      (line) => line.startsWith(`pci ${bdf} - `) && !line.endsWith(' -'),
    );
  }

  /** VFIO's driver is left on its devices while a case lasts, and on keepers. */
  private async stateWithoutVfio(): Promise<State> {
    const unbound = this.devices.map((bdf) => this.agent.unbindFrom(bdf, 'vfio-pci'));
    const [state] = await Promise.all([this.state(), ...unbound]);
    return state;
  }

  private async state(): Promise<State> {
    return stateOf((await this.agent.must('state')).lines);
  }

  /** Reads what waits in all buffers; the SMMU events among it. */
  private async drain(): Promise<readonly string[]> {
    await Promise.all([this.agent.trace(), this.guest.kernelLog()]);
    const lines = await this.guest.hardware();
    return lines.filter((line) => parseHardwareEvent(line)?.kind === 'fault');
  }

  private kernelEvents() {
    return this.guest.transcript
      .slice(this.from)
      .flatMap((line) => parseTraceLine(line.replace(/^ {2}\| /, ''))?.event ?? []);
  }
}

/** Those behind the SMMU; without one there is no group, and VFIO takes no device. */
const addresses = ({ topology }: CasePlan): readonly string[] =>
  Object.values(topology.devices).flatMap((spec) =>
    spec.bus === 'pci' && spec.iommu !== undefined ? [bdfOf(spec.requesterId)] : [],
  );
