/**
 * What comes of an exploration, in words that two designs have in common: how operations end, what
 * becomes of writes, and what is left where nobody is at work. IOVAs are left out: where in its
 * window a design maps a doorbell is its own affair.
 */
import { EVENT } from '../../events/event-log.ts';
import { faultName } from '../../hardware/smmu/smmu.ts';
import { errnoName } from '../../kernel/call.ts';
import { IRQ } from '../../kernel/irqs.ts';
import { hex, lossText, vcpuName, vectorName, wide } from '../../observe/decode.ts';
import { explainPath } from '../../observe/explain-path.ts';
import { operationText } from '../../operation-text.ts';
import { labelOf } from './labels.ts';
import type { ExploreMachine } from './machine.ts';

/** After a step, with its events in the log. */
export function outcomesOf(machine: ExploreMachine, label: number): string[] {
  const found = [...endOf(machine, label), ...eventsOf(machine)];
  if (machine.allIdle && !machine.isAnythingInFlight) found.push(...restOf(machine));
  return found;
}

function endOf(machine: ExploreMachine, label: number): string[] {
  const what = labelOf(label);
  if (machine.ended === 1 || (what.kind !== 'begin' && what.kind !== 'step')) return [];
  const operation = machine.plan.threads[what.thread]?.operations[machine.lastEnded];
  if (operation === undefined) return [];
  return [`${operationText(operation)}: ${errnoName(machine.ended) ?? 'done'}`];
}

function eventsOf({ log, kernel: { topology } }: ExploreMachine): string[] {
  const found: string[] = [];
  log.forEach((w, at) => {
    const field = (n: number): number => w[at + 2 + n] as number;
    const name = (vector: number): string =>
      vector > 0 ? vectorName(topology, vector - 1) : 'nobody (spurious)';
    if (w[at] === EVENT.fault)
      found.push(`a write of ${topology.devices[field(0)]?.name ?? '?'}: ${faultName(field(4))}`);
    else if (w[at] === EVENT.lost) found.push(`${name(field(0))} is lost: ${lossText(field(1))}`);
    else if (w[at] === EVENT.interrupt)
      found.push(
        field(3) > 0
          ? `an interrupt of ${name(field(0))} at vCPU ${vcpuName(topology, field(3) - 1)}`
          : `an interrupt of ${name(field(0))} at CPU ${field(1)}`,
      );
  });
  return found;
}

/** Where no thread is at work and nothing is in flight. */
function restOf({ kernel }: ExploreMachine): string[] {
  const { topology, hw, design, domains, bindings, irqs } = kernel;
  const found: string[] = [];
  const used: { readonly domain: number; readonly address: number }[] = [];
  for (let vector = 0; vector < topology.vectors; vector++) {
    const device = topology.deviceOfVector[vector] as number;
    const row = hw.functions.rowOf(device, vector);
    const address = wide(hw.functions.hi(row), hw.functions.lo(row));
    if (address !== 0n)
      used.push({ domain: domains.current.get(device) - 1, address: Number(address) });
    if (!irqs.is(vector, IRQ.allocated)) continue;
    const end = explainPath(kernel, device, vector).at(-1) ?? '';
    const way = end.replace(/^\s*0x[0-9a-f]+: /, '').replace(/\s+/g, ' ');
    found.push(`at rest, the way of ${vectorName(topology, vector)} ends: ${way}`);
  }
  for (const { index, name } of topology.domains) {
    let leaked = 0;
    for (let slot = index * bindings.perDomain; slot < (index + 1) * bindings.perDomain; slot++) {
      if (!bindings.isUsed(slot)) continue;
      if (design.held !== undefined)
        leaked += bindings.refs.get(slot) - design.held(kernel, index, slot);
      const iova = bindings.iova.get(slot);
      const end = iova + domains.windowGranule(index);
      const isUsed = used.some((u) => u.domain === index && u.address >= iova && u.address < end);
      const pa = hex(BigInt(bindings.pa.get(slot)));
      if (!isUsed) found.push(`at rest, ${name} maps ${pa} and no message uses it`);
    }
    if (leaked !== 0) found.push(`at rest, ${name} counts references that no message accounts for`);
  }
  return found;
}
