/**
 * What happened in the whole case, for expectations at the end. Kept only as far as the end asks,
 * and interrupts are counted, so that a long case takes no more memory than it must.
 */
import {
  type Command,
  type Delivery,
  type Fault,
  type Observation,
  type Observed,
  seen,
} from '../../src/observation.ts';

/** One kind of happening, of all steps; if one step's could not be seen, neither can the whole. */
class Heard<T> {
  private readonly list: T[] = [];
  private blind: Observed<never> | undefined;

  add(observed: Observed<readonly T[]>): void {
    if (observed.seen) for (const one of observed.value) this.list.push(one);
    else this.blind = observed;
  }

  all(): Observed<readonly T[]> {
    return this.blind ?? seen(this.list);
  }
}

export class WholeCase {
  private readonly deliveries = new Map<string, Delivery>();
  private unheard: Observed<never> | undefined;
  private readonly heard = {
    faults: new Heard<Fault>(),
    commands: new Heard<Command>(),
    invalidations: new Heard<Command>(),
  };
  private readonly wanted: ReadonlySet<string>;
  readonly faults = (): Observed<readonly Fault[]> => this.heard.faults.all();
  readonly commands = (): Observed<readonly Command[]> => this.heard.commands.all();
  readonly invalidations = (): Observed<readonly Command[]> => this.heard.invalidations.all();

  /** `wanted`: kinds of expectation that will be asked about. */
  constructor(wanted: Iterable<string>) {
    this.wanted = new Set(wanted);
  }

  add(observation: Observation, interrupts: Observed<readonly Delivery[]>): void {
    if (this.wanted.has('interrupts')) {
      if (interrupts.seen) for (const delivery of interrupts.value) this.count(delivery);
      else this.unheard = interrupts;
    }
    if (this.wanted.has('faults')) this.heard.faults.add(observation.faults());
    if (this.wanted.has('commands')) this.heard.commands.add(observation.commands());
    if (this.wanted.has('invalidations')) this.heard.invalidations.add(observation.invalidations());
  }

  interrupts(): Observed<readonly Delivery[]> {
    return this.unheard ?? seen([...this.deliveries.values()]);
  }

  private count(delivery: Delivery): void {
    const key = `${delivery.vector} ${delivery.cpu} ${delivery.vcpu ?? ''}`;
    const before = this.deliveries.get(key)?.count ?? 0;
    this.deliveries.set(key, { ...delivery, count: before + delivery.count });
  }
}
