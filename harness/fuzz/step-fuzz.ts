/**
 * Random steps on one machine: nothing throws, what can be seen can be looked at after each, the
 * same steps come to the same state, and `tracked` keeps its word (its counts are those of the
 * messages that are programmed, no page is kept without one, and what it has programmed arrives
 * somewhere).
 */
import type { DesignChoice } from '../../src/designs/design.ts';
import type { KernelChoice } from '../../src/kernel/changes/changes.ts';
import { IRQ } from '../../src/kernel/irqs.ts';
import { type ModelMachine, openModel } from '../../src/machine.ts';
import type { Observation } from '../../src/observation.ts';
import type { Operation } from '../../src/operation.ts';
import { operationText } from '../../src/operation-text.ts';
import { defaultDomainName, vectorCapacity } from '../../src/topology/resolve.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { type Draw, operationFrom } from './random-steps.ts';

export interface StepTally {
  steps: number;
  errors: number;
  interrupts: number;
  faults: number;
  refused: number;
}

export interface StepFuzz {
  readonly topology: Topology;
  readonly design: DesignChoice;
  readonly kernel?: KernelChoice;
  /** Judge the design by what `tracked` promises; left out: where it is that. */
  readonly promises?: boolean;
}

/**
 * What is wrong, with the steps up to there, or undefined. Undefined, too, for a design that the
 * topology cannot have.
 */
export function fuzzSteps(
  { topology, design, kernel, promises = design.name === 'tracked' }: StepFuzz,
  draws: readonly Draw[],
  tally: StepTally,
): string | undefined {
  const focus = draws[0]?.[3] ?? 0;
  const operations = draws.flatMap((draw) => operationFrom(topology, draw, focus) ?? []);
  const userMappings = operations.filter(({ op }) => op === 'map').length;
  const request = { topology, design, userMappings, ...(kernel === undefined ? {} : { kernel }) };
  const machine = openModel(request);
  if ('unsupported' in machine) return undefined;
  const done: string[] = [];
  const wrong = (what: string): string => `${what}, after\n  ${done.join('\n  ')}`;
  for (const operation of operations) {
    done.push(operationText(operation));
    let problem: string | undefined;
    try {
      const seen = carryOut(machine, operation, topology, tally);
      if (promises) problem = brokenPromise(machine, operation, seen);
    } catch (error) {
      problem = `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    if (problem !== undefined) return wrong(problem);
  }
  const end = machine.store.snapshot();
  machine.reset();
  for (const operation of operations) machine.perform(operation);
  const again = machine.store.snapshot();
  if (!end.every((word, n) => word === again[n])) return wrong('a second time it ended otherwise');
  return undefined;
}

function carryOut(
  machine: ModelMachine,
  operation: Operation,
  topology: Topology,
  tally: StepTally,
): Observation {
  const seen = machine.perform(operation);
  tally.steps++;
  if (seen.error !== undefined) tally.errors++;
  look(seen, topology, tally);
  return seen;
}

/** Everything that an observation offers. */
function look(seen: Observation, { domains, devices }: Topology, tally: StepTally): void {
  const interrupts = seen.interrupts();
  const faults = seen.faults();
  if (interrupts.seen) tally.interrupts += interrupts.value.length;
  if (faults.seen) tally.faults += faults.value.length;
  tally.refused += seen.refusals ?? 0;
  seen.commands();
  seen.losses();
  seen.trace();
  const defaults = Object.entries(devices).flatMap(([name, { iommu }]) =>
    iommu === undefined ? [] : [defaultDomainName(name)],
  );
  for (const domain of [...Object.keys(domains), ...defaults]) {
    seen.mappings(domain);
    seen.leaks(domain);
    seen.window(domain);
  }
  for (const [device, spec] of Object.entries(devices)) {
    const last = vectorCapacity(spec) - 1;
    for (const index of last > 0 ? [0, last] : [0]) {
      seen.message(device, index);
      seen.affinity(device, index);
      seen.explainPath(device, index);
    }
  }
}

function brokenPromise(
  { kernel: k }: ModelMachine,
  operation: Operation,
  seen: Observation,
): string | undefined {
  if (k.design.held === undefined) return undefined;
  const { bindings } = k;
  for (const { index: domain, name } of k.topology.domains) {
    const end = (domain + 1) * bindings.perDomain;
    for (let slot = domain * bindings.perDomain; slot < end; slot++) {
      if (!bindings.isUsed(slot)) continue;
      const refs = bindings.refs.get(slot);
      const held = k.design.held(k, domain, slot);
      if (refs !== held) return `${name} counts ${refs} references, and ${held} messages hold one`;
      if (refs === 0) return `${name} keeps a page that no message uses`;
    }
  }
  if (operation.op !== 'fire') return undefined;
  const device = k.topology.deviceByName.get(operation.vector.device);
  const faults = seen.faults();
  if (device === undefined || !faults.seen || faults.value.length === 0) return undefined;
  const vector = device.firstVector + operation.vector.index;
  // Programmed, still in the device (a reset or D3 may have kept it out) and referenced: then the
  // write is translated, whatever becomes of it behind the SMMU.
  const { functions } = k.hw;
  const row = functions.rowOf(device.index, vector);
  const isThere =
    functions.lo(row) === k.irqs.messageLo.get(row) >>> 0 &&
    functions.hi(row) === k.irqs.messageHi.get(row) >>> 0;
  // A guest's own stage 1 may lack the host's window: that is the guest's affair.
  const domain = k.domains.forDevice(device.index);
  if (domain >= 0 && k.domains.paging(domain) !== domain) return undefined;
  const isHeld = isThere && k.irqs.is(vector, IRQ.started) && k.irqs.binding.get(row) > 0;
  return isHeld
    ? `a message that holds a reference faults: ${faults.value[0]?.name ?? ''}`
    : undefined;
}
