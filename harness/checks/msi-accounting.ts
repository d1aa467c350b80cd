/**
 * Every MSI that a device sends arrives, once, at a CPU that the vector's affinity allows, and
 * nothing else arrives: checked after every step unless the spec says itself what becomes of the
 * vector.
 */
import type { Delivery, Observation } from '../../src/observation.ts';
import type { Operation, VectorName } from '../../src/operation.ts';
import type { RunCode } from '../run/codes.ts';
import type { Case, Expectation, Step } from '../spec/case.ts';
import { failed, HELD, type Outcome, type Scene, unseen } from './finding.ts';
import { deliveryText, vectorNamed } from './interrupts.ts';
import { lossReasons } from './losses.ts';
import { count } from './text.ts';

/** Most steps: nothing was sent and nothing came. */
const NONE: readonly Outcome[] = [];

const keyOf = ({ device, index }: VectorName): string => `${device}/${index}`;

export class MsiAccounting {
  private readonly masked = new Set<string>();
  /** Raised while masked: one interrupt may come when the mask goes. */
  private readonly pending = new Set<string>();
  /** Forwarded vectors, each with the vCPU that is to have it. */
  private readonly forwarded = new Map<string, string>();
  private readonly end: readonly Expectation[];

  constructor(spec: Case) {
    this.end = spec.expect;
  }

  /** To be called once for each step, in order: it follows masks. */
  check(step: Step, scene: Scene): readonly Outcome[] {
    const { operation } = step;
    const seen = scene.interrupts;
    if (
      seen.seen &&
      seen.value.length === 0 &&
      operation.op !== 'fire' &&
      operation.op !== 'unmask'
    ) {
      this.follow(operation, scene.observation);
      return NONE;
    }
    const outcomes = seen.seen
      ? [...this.strays(step, seen.value, scene), ...this.arrivals(step, seen.value, scene)]
      : [unseen(seen.reason)];
    if (seen.seen) for (const { vector } of seen.value) this.pending.delete(vector);
    this.follow(operation, scene.observation);
    return outcomes.length === 0 && operation.op === 'fire' ? [HELD] : outcomes;
  }

  /** Interrupts that should not have come, or not there. */
  private strays(step: Step, deliveries: readonly Delivery[], scene: Scene): Outcome[] {
    return deliveries.flatMap((delivery): Outcome[] => {
      const { vector: name, cpu } = delivery;
      if (this.isSpokenOf(name, step)) return [];
      const vector = vectorNamed(name);
      const fail = (code: RunCode, message: string, expected: string): Outcome[] => [
        this.failure(step, code, message, expected, deliveryText(delivery), vector),
      ];
      if (vector === undefined)
        return fail(
          'DB413',
          `an interrupt arrived at CPU ${cpu} that belongs to no vector`,
          'none',
        );
      if (!this.maySound(step.operation, name)) {
        const why = this.masked.has(name) ? 'it is masked' : 'nothing of it was pending';
        return fail('DB414', `an interrupt of ${name} arrived, but ${why}`, 'none');
      }
      const wanted = this.forwarded.get(name);
      if (delivery.vcpu !== wanted) {
        const where = wanted === undefined ? 'the host' : `vCPU ${wanted}`;
        return fail('DB413', `${deliveryText(delivery)}; it is to go to ${where}`, where);
      }
      if (wanted !== undefined) return [];
      const allowed = scene.observation.affinity(vector.device, vector.index);
      if (allowed.includes(cpu)) return [];
      const where = allowed.length === 0 ? 'none: it is not set up' : `CPU ${allowed.join(', ')}`;
      return fail('DB413', `${name} arrived at CPU ${cpu}; its affinity allows ${where}`, where);
    });
  }

  private maySound(operation: Operation, name: string): boolean {
    const sent = operation.op === 'fire' && keyOf(operation.vector) === name;
    if (sent) return !this.masked.has(name);
    if (!this.pending.has(name)) return false;
    return (
      !this.masked.has(name) || (operation.op === 'unmask' && keyOf(operation.vector) === name)
    );
  }

  /** Interrupts that should have come. */
  private arrivals(step: Step, deliveries: readonly Delivery[], scene: Scene): Outcome[] {
    const { operation } = step;
    const isFire = operation.op === 'fire';
    if (!isFire && !(operation.op === 'unmask' && scene.observation.error === undefined)) return [];
    const name = keyOf(operation.vector);
    if (isFire ? this.masked.has(name) : !this.pending.has(name)) return [];
    if (this.isSpokenOf(name, step)) return [];
    const sent = isFire ? operation.times : 1;
    const arrived = deliveries
      .filter(({ vector }) => vector === name)
      .reduce((sum, delivery) => sum + delivery.count, 0);
    // A write that ended in a fault which the spec names is accounted for.
    const faulted = this.namedFaults(operation.vector, step, scene.observation);
    if (faulted === undefined || arrived + faulted === sent) return [];
    const lost = arrived + faulted < sent;
    const reason = lost ? lossReasons(scene.observation, name) : '';
    const what = isFire ? `${name} was raised ${count(sent, 'time')}` : `${name} was pending`;
    const message = `${what} and arrived ${count(arrived, 'time')}${reason}`;
    const code = lost ? 'DB411' : 'DB412';
    const expected = `${name} ${count(sent - faulted, 'time')}`;
    return [this.failure(step, code, message, expected, count(arrived, 'time'), operation.vector)];
  }

  /** How many faults of the device the spec names; undefined: nobody can see. */
  private namedFaults(
    { device }: VectorName,
    step: Step,
    observation: Observation,
  ): number | undefined {
    const named = [...step.expect, ...this.end].some(
      (e) =>
        e.kind === 'faults' && e.entries.some((p) => p.device === undefined || p.device === device),
    );
    if (!named) return 0;
    const faults = observation.faults();
    if (!faults.seen) return undefined;
    return faults.value.filter((fault) => fault.device === device).length;
  }

  /** The step or the end says itself what interrupts the vector has. */
  private isSpokenOf(name: string, step: Step): boolean {
    const speaks = (e: Expectation): boolean =>
      e.kind === 'interrupts' && (e.vector === name || e.vector === '*');
    return step.expect.some(speaks) || this.end.some(speaks);
  }

  private failure(
    step: Step,
    code: RunCode,
    message: string,
    expected: string,
    observed: string,
    vector: VectorName | undefined,
  ): Outcome {
    return failed({
      code,
      message,
      place: step.place,
      table: { title: 'interrupts', rows: [{ expected, observed, differs: true }] },
      ...(vector === undefined ? {} : { vector }),
    });
  }

  private follow(operation: Operation, { error }: Observation): void {
    if (error !== undefined) return;
    switch (operation.op) {
      case 'mask':
        this.masked.add(keyOf(operation.vector));
        return;
      case 'unmask':
        this.masked.delete(keyOf(operation.vector));
        this.pending.delete(keyOf(operation.vector));
        return;
      case 'fire':
        if (this.masked.has(keyOf(operation.vector))) this.pending.add(keyOf(operation.vector));
        return;
      case 'teardown':
        this.forget(operation.device, operation.index);
        return;
      case 'unplug':
        this.forget(operation.device, undefined);
        return;
      case 'forward': {
        const { vector, vcpu } = operation;
        this.forwarded.set(keyOf(vector), `${vcpu.guest}/${vcpu.index}`);
        return;
      }
      case 'unforward':
        this.forwarded.delete(keyOf(operation.vector));
        return;
      default:
        return;
    }
  }

  private forget(device: string, index: number | undefined): void {
    for (const set of [this.masked, this.pending, this.forwarded]) {
      if (index !== undefined) set.delete(keyOf({ device, index }));
      else for (const key of set.keys()) if (vectorNamed(key)?.device === device) set.delete(key);
    }
  }
}
