/**
 * A guest that goes from case to case. Every case begins alike, whichever came before: no driver has a device, each
 * device has its group, nothing is open. So a case's log is the same in a new guest and in one that had a hundred.
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
  private before: State = [];
  private from = 0;

  constructor(guest: RunningGuest) {
    this.guest = guest;
    this.agent = new Agent(guest);
  }

  /**
   * Why this case cannot be run in this boot. All devices here share the 256 entries of one level 2 stream table, which
   * the first probed one brings (arm_smmu_init_l2_strtab): from then on no stream is without an entry.
   */
  spoiltFor(plan: CasePlan): string | undefined {
    if (plan.unprobed.length === 0 || this.probed.size === 0) return undefined;
    return `${plan.unprobed.join(', ')} must have no stream table entry, and a device had a driver already`;
  }

  /** Brings the devices to where a case begins; what this says is of no case. */
  async begin(plan: CasePlan, keepers: readonly string[]): Promise<void> {
    this.devices = [...addresses(plan), ...keepers];
    if (plan.unprobed.length === 0) await this.probe(this.devices);
    else for (const bdf of this.devices) this.probed.add(bdf);
    this.before = await this.state();
    await this.drain();
    this.from = this.guest.transcript.length;
    this.guest.console();
  }

  /** After the case has closed what it opened: what it left behind nevertheless, or undefined. */
  async settle(): Promise<string | undefined> {
    let after = await this.state();
    const bound = after.flatMap((line) => /^pci (\S+) vfio-pci/.exec(line)?.[1] ?? []);
    if (bound.length > 0) {
      await Promise.all(bound.map((bdf) => this.agent.unbind(bdf)));
      after = await this.state();
    }
    const bare = after.flatMap((line) => /^pci (\S+) - -$/.exec(line)?.[1] ?? []);
    const plugged = this.devices.filter((bdf) => bare.includes(bdf) && this.hadGroup(bdf));
    const retyped = changedTypes(this.before, after).filter(({ bdf }) =>
      this.devices.includes(bdf),
    );
    if (plugged.length + retyped.length > 0) {
      for (const bdf of plugged) this.probed.delete(bdf);
      await this.probe(plugged);
      for (const { bdf, type } of retyped) await this.agent.must(`settype ${bdf} ${type}`);
      after = await this.state();
    }
    const faults = await this.drain();
    const bytes = bytesLeft(this.kernelEvents());
    if (bytes !== 0n) return `${bytes} bytes are still mapped`;
    if (faults.length > 0) return `the SMMU recorded an event while all was closed: ${faults[0]}`;
    return difference(this.before, after);
  }

  log(): CaseLog {
    const protocol = this.guest.transcript.slice(this.from);
    return { command: this.guest.command, console: this.guest.console(), protocol };
  }

  /** A device has its group once a driver had it (device tree boot). */
  private async probe(devices: readonly string[]): Promise<void> {
    for (const bdf of devices.filter((each) => !this.probed.has(each))) {
      await this.agent.bind(bdf, 'vfio-pci');
      await this.agent.unbind(bdf);
      this.probed.add(bdf);
    }
  }

  private hadGroup(bdf: string): boolean {
    return this.before.some((line) => line.startsWith(`pci ${bdf} - `) && !line.endsWith(' -'));
  }

  private async state(): Promise<State> {
    return stateOf((await this.agent.must('state')).lines);
  }

  /** Reads what waits in all buffers; the SMMU events among it. */
  private async drain(): Promise<readonly string[]> {
    await this.agent.trace();
    const lines = await this.guest.hardware();
    await this.guest.kernelLog();
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
