/**
 * What is wrong with a step or a state. A step is judged by the events that it caused: what a
 * device's write came to. A state is judged where every thread is between operations and nothing is
 * in flight: only then must references and messages agree.
 */
import { EVENT } from '../../events/event-log.ts';
import { FAULT } from '../../hardware/smmu/smmu.ts';
import type { Operation } from '../../operation.ts';
import type { ExploreMachine } from './machine.ts';
import { PROPERTIES, property } from './properties.ts';

const REFERENCES = property('references equal the programmed messages that use them');
const LOST = property('no interrupt is lost');
const ZERO = property('no binding without a reference');

export class Judge {
  private readonly machine: ExploreMachine;
  /** By vector: bit per CPU that some operation of the plan asks for. */
  private readonly asked: readonly Set<number>[];
  private blame = 0;
  private readonly watched: ReadonlySet<number>;
  /** Vectors that the step just judged delivered. */
  readonly delivered = new Set<number>();

  constructor(machine: ExploreMachine) {
    this.machine = machine;
    this.asked = askedCpus(machine);
    this.watched = new Set((machine.plan.properties ?? PROPERTIES).map(property));
  }

  /** The property that the events in the log break, or 0. `vector`: whose write it was, or -1. */
  step(vector: number): number {
    const { log } = this.machine;
    this.blame = 0;
    this.delivered.clear();
    if (log.has(EVENT.fault) || log.has(EVENT.lost) || log.has(EVENT.interrupt))
      this.events(vector);
    return this.blame;
  }

  /** Apart, so that steps without such events, which are nearly all, make no closure. */
  private events(vector: number): void {
    this.machine.log.forEach((w, at) => this.event(w, at, vector));
  }

  /** The property that does not hold in the machine's state, or 0. */
  state(): number {
    const { machine } = this;
    const { bindings, design, topology } = machine.kernel;
    if (!machine.allIdle || machine.isAnythingInFlight) return 0;
    if (this.watched.has(LOST) && this.isAnyForgotten()) return LOST;
    if (design.held === undefined) return 0;
    for (const { index: domain } of topology.domains) {
      const end = (domain + 1) * bindings.perDomain;
      for (let slot = domain * bindings.perDomain; slot < end; slot++) {
        if (!bindings.isUsed(slot)) continue;
        const refs = bindings.refs.get(slot);
        if (this.watched.has(REFERENCES) && refs !== design.held(machine.kernel, domain, slot))
          return REFERENCES;
        if (this.watched.has(ZERO) && refs === 0) return ZERO;
      }
    }
    return 0;
  }

  /** A doorbell took a write, and no vector will ever ask for it. */
  private isAnyForgotten(): boolean {
    const { hw, controllers } = this.machine.kernel;
    const isOwned = (controller: number, cpu: number, identity: number): boolean =>
      controllers.identityOwner(controller, cpu, identity) >= 0;
    return (
      hw.percpu.some(
        (doorbells) =>
          doorbells?.waitsForNobody((cpu, id) => isOwned(doorbells.index, cpu, id)) !== undefined,
      ) ||
      hw.inBridge.some((bridge) => bridge?.waitsForNobody((id) => isOwned(bridge.index, 0, id)))
    );
  }

  private event(w: Int32Array, at: number, vector: number): void {
    const kind = w[at];
    if (kind === EVENT.fault) {
      const freed = w[at + 6] === FAULT['use-after-free'];
      this.found(property(freed ? 'no use of freed memory' : 'no unexpected fault'));
    } else if (kind === EVENT.lost) this.found(property('no interrupt is lost'));
    else if (kind === EVENT.interrupt)
      this.interrupt((w[at + 2] as number) - 1, w[at + 3] as number, w[at + 5] !== 0, vector);
  }

  /** `isVirtual`: a vCPU took it, wherever that runs. */
  private interrupt(owner: number, cpu: number, isVirtual: boolean, vector: number): void {
    this.delivered.add(owner);
    // A latched interrupt goes out with the kernel's own step: then nobody's write is at hand.
    if (vector >= 0 && owner !== vector)
      this.found(property('no interrupt reaches another vector'));
    else if (!isVirtual && this.asked[owner]?.has(cpu) !== true)
      this.found(property('no interrupt at a CPU that was never asked for'));
  }

  /** The first one is the cause. */
  private found(p: number): void {
    if (this.blame === 0 && this.watched.has(p)) this.blame = p;
  }
}

/** By vector: the CPUs that some operation asks for it. */
export function askedCpus({ kernel, plan }: ExploreMachine): Set<number>[] {
  const all = Array.from({ length: kernel.topology.cpus }, (_, cpu) => cpu);
  const asked = Array.from({ length: kernel.topology.vectors }, () => new Set<number>());
  const add = (vector: number, cpus: readonly number[]): void => {
    for (const cpu of cpus) asked[vector]?.add(cpu);
  };
  const note = (operation: Operation): void => {
    if (operation.op === 'setup') {
      const { firstVector } = kernel.topology.deviceByName.get(operation.device) ?? {
        firstVector: 0,
      };
      for (let n = 0; n < (operation.start ?? 0) + operation.vectors; n++)
        add(firstVector + n, operation.cpus ?? all);
    } else if (operation.op === 'affinity') {
      const { device, index } = operation.vector;
      add((kernel.topology.deviceByName.get(device)?.firstVector ?? 0) + index, operation.cpus);
    }
  };
  for (const { operation } of plan.before) note(operation);
  for (const { operations } of plan.threads) for (const operation of operations) note(operation);
  return asked;
}
