/**
 * A state as names and values: what the devices hold, what is mapped for whom, who waits for which
 * lock.
 */
import { hex, vectorName, wide } from '../../observe/decode.ts';
import { awaitedLock } from '../../kernel/executor.ts';
import { IRQ } from '../../kernel/irqs.ts';
import type { ExploreMachine } from './machine.ts';

export function describeState(machine: ExploreMachine): Readonly<Record<string, string | number>> {
  const { kernel } = machine;
  const { topology, hw, bindings, design } = kernel;
  const state: Record<string, string | number> = {};
  for (let vector = 0; vector < topology.vectors; vector++) {
    if (!kernel.irqs.is(vector, IRQ.allocated)) continue;
    const device = topology.deviceOfVector[vector] as number;
    const row = hw.functions.rowOf(device, vector);
    const address = hex(wide(hw.functions.hi(row), hw.functions.lo(row)));
    const data = hex(BigInt(hw.functions.sentData(device, vector)));
    state[vectorName(topology, vector)] =
      `message ${address} / ${data}, cpu ${kernel.irqs.cpu.get(vector)}`;
  }
  for (const { index, name } of topology.domains) {
    for (let slot = index * bindings.perDomain; slot < (index + 1) * bindings.perDomain; slot++) {
      if (!bindings.isUsed(slot)) continue;
      const refs =
        design.held === undefined
          ? ''
          : `, refs ${bindings.refs.get(slot)}, ${usedBy(design.held(kernel, index, slot))}`;
      state[`${name} ${hex(BigInt(bindings.iova.get(slot)))}`] =
        `-> ${hex(BigInt(bindings.pa.get(slot)))}${refs}`;
    }
  }
  topology.devices.forEach(({ name }, device) => {
    const vector = machine.inFlight.get(device) - 1;
    if (vector >= 0) state[`${name} in flight`] = vectorName(topology, vector);
  });
  machine.threads.forEach((thread, n) => {
    const lock = machine.isIdle(n) ? -1 : awaitedLock(kernel, thread);
    if (lock < 0) return;
    const { kind, vector, device } = kernel.locks.nameOf(lock);
    const of =
      vector === undefined ? kernel.device(device ?? -1).name : vectorName(topology, vector);
    const holder = machine.plan.threads[kernel.locks.holder(lock)]?.name ?? '?';
    state[`${machine.plan.threads[n]?.name ?? '?'} waits`] =
      `for ${kind} of ${of}, which ${holder} has`;
  });
  for (const { owner, fifo } of machine.hardware.queues)
    if (fifo.length > 0)
      state[`${owner} queue`] =
        `${fifo.length} posted${fifo.isAwaited ? ', and a driver waits for its SYNC' : ''}`;
  for (const doorbells of hw.percpu) {
    const found = doorbells?.waitsForNobody(
      (cpu, identity) => kernel.controllers.identityOwner(doorbells.index, cpu, identity) >= 0,
    );
    const name = topology.controllers[doorbells?.index ?? -1]?.name ?? '?';
    if (found !== undefined)
      state[name] = `identity ${found.identity} is pending at CPU ${found.cpu}, and nobody's`;
  }
  machine.hardware.forEachStale((n) => {
    const { owner, what } = machine.hardware.stale(n);
    state[`${owner} keeps`] = what;
  });
  return state;
}

/** What a reference is for: a leak is then there to be read. */
const usedBy = (messages: number): string =>
  `used by ${messages === 0 ? 'no message' : messages === 1 ? '1 message' : `${messages} messages`}`;
