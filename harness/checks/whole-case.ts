/**
 * What happened in the whole case, for expectations at the end. Kept only as far as the end asks, and
 * interrupts are counted, so that a long case takes no more memory than it must.
 */
import {
  type Command,
  type Delivery,
  type Fault,
  type Observation,
  type Observed,
  seen,
} from '../../src/observation.ts';

export class WholeCase {
  private readonly deliveries = new Map<string, Delivery>();
  private readonly faultList: Fault[] = [];
  private readonly lists = { commands: [] as Command[], invalidations: [] as Command[] };
  private readonly blind = new Map<string, Observed<never>>();
  private readonly wanted: ReadonlySet<string>;

  /** `wanted`: kinds of expectation that will be asked about. */
  constructor(wanted: Iterable<string>) {
    this.wanted = new Set(wanted);
  }

  add(observation: Observation, interrupts: Observed<readonly Delivery[]>): void {
    if (this.wanted.has('interrupts')) {
      if (interrupts.seen) for (const delivery of interrupts.value) this.count(delivery);
      else this.blind.set('interrupts', interrupts);
    }
    if (this.wanted.has('faults')) {
      const faults = observation.faults();
      if (faults.seen) for (const fault of faults.value) this.faultList.push(fault);
      else this.blind.set('faults', faults);
    }
    for (const kind of ['commands', 'invalidations'] as const) {
      if (!this.wanted.has(kind)) continue;
      const commands = observation[kind]();
      if (commands.seen) for (const command of commands.value) this.lists[kind].push(command);
      else this.blind.set(kind, commands);
    }
  }

  interrupts(): Observed<readonly Delivery[]> {
    return this.blind.get('interrupts') ?? seen([...this.deliveries.values()]);
  }

  faults(): Observed<readonly Fault[]> {
    return this.blind.get('faults') ?? seen(this.faultList);
  }

  commands(): Observed<readonly Command[]> {
    return this.blind.get('commands') ?? seen(this.lists.commands);
  }

  invalidations(): Observed<readonly Command[]> {
    return this.blind.get('invalidations') ?? seen(this.lists.invalidations);
  }

  private count(delivery: Delivery): void {
    const key = `${delivery.vector} ${delivery.cpu}`;
    const before = this.deliveries.get(key)?.count ?? 0;
    this.deliveries.set(key, { ...delivery, count: before + delivery.count });
  }
}
