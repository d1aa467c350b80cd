/**
 * What was heard in the whole case, for expectations at the end. Kept only as far as the end asks, so that
 * a case of any length takes the same memory; interrupts and faults are counted, not listed.
 */
import type { Command, Delivery, Fault, Observation, Observed } from '../../src/observation.ts';
import type { Case } from '../spec/case.ts';
import type { Heard } from './check.ts';

export class CaseHeard implements Heard {
  /** Something was delivered or faulted: silence elsewhere means something. */
  sound = false;
  private readonly counts = new Map<string, Delivery>();
  private readonly faultList: Fault[] = [];
  private readonly commandList: Command[] = [];
  private unseen: { reason: string } | undefined;
  private readonly wants: ReadonlySet<string>;

  constructor(spec: Case) {
    this.wants = new Set(spec.expect.map((e) => e.kind));
  }

  add(observation: Observation): void {
    const interrupts = observation.interrupts();
    if (!interrupts.seen) this.unseen = interrupts;
    else {
      for (const d of interrupts.value) {
        this.sound = true;
        const key = `${d.vector} ${d.cpu}`;
        this.counts.set(key, { ...d, count: d.count + (this.counts.get(key)?.count ?? 0) });
      }
    }
    const faults = observation.faults();
    if (faults.seen && faults.value.length > 0) {
      this.sound = true;
      if (this.wants.has('faults')) this.faultList.push(...faults.value);
    }
    if (this.wants.has('commands')) {
      const commands = observation.commands();
      if (commands.seen) this.commandList.push(...commands.value);
    }
  }

  interrupts(): Observed<readonly Delivery[]> {
    if (this.unseen) return { seen: false, reason: this.unseen.reason };
    return { seen: true, value: [...this.counts.values()] };
  }

  faults(): Observed<readonly Fault[]> {
    return { seen: true, value: this.faultList };
  }

  commands(): Observed<readonly Command[]> {
    return { seen: true, value: this.commandList };
  }
}
