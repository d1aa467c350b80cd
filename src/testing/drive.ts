/** Driving a machine in a test: open, perform, and read what a test compares. */
import type { DesignName } from '../designs/design.ts';
import { ModelMachine } from '../machine.ts';
import type { Observation, Observed } from '../observation.ts';
import type { Operation } from '../operation.ts';
import type { Topology } from '../topology/topology.ts';

export function open(
  topology: Topology,
  design: DesignName,
  initialCount: 1 | 2 = 1,
): ModelMachine {
  return new ModelMachine({ topology, design: { name: design, initialCount }, userMappings: 64 });
}

/** Performs operations that must not fail; the observation of the last one. */
export function carryOut(machine: ModelMachine, ...operations: Operation[]): Observation {
  let seen = machine.observe();
  for (const operation of operations) {
    seen = machine.perform(operation);
    if (seen.error !== undefined) throw new Error(`${operation.op}: ${seen.error}`);
  }
  return seen;
}

export function valueOf<T>(observed: Observed<T>): T {
  if (!observed.seen) throw new Error(observed.reason);
  return observed.value;
}

/** Names of the kernel's atomic steps, with ITS commands between them, in order. */
export const stepsOf = (seen: Observation): string[] =>
  seen
    .trace()
    .filter(({ kind }) => kind === 'step' || kind === 'command')
    .map(({ kind, text }) => (kind === 'command' ? `> ${text.split(' ')[0]}` : text));

export const commandsOf = (seen: Observation): string[] =>
  valueOf(seen.commands()).map(({ name }) => name);

/** `iova -> pa size prot (refs)` of each mapping of a domain. */
export const mappingsOf = (seen: Observation, domain: string): string[] =>
  valueOf(seen.mappings(domain)).map(({ iova, pa, size, prot, refs }) => {
    const count = refs.seen ? ` refs ${refs.value}` : '';
    return `${iova.toString(16)} -> ${pa.toString(16)} ${size.toString(16)} ${prot}${count}`;
  });

export const attach = (device: string, domain: string): Operation => ({
  op: 'attach',
  device,
  domain,
});
export const setup = (
  device: string,
  vectors: number,
  cpus: readonly number[] = [0, 1, 2],
  capability?: 'msi' | 'msi-x',
): Operation => ({ op: 'setup', device, vectors, cpus, ...(capability && { capability }) });
export const affinity = (device: string, index: number, ...cpus: number[]): Operation => ({
  op: 'affinity',
  vector: { device, index },
  cpus,
});
export const fire = (device: string, index: number, times = 1): Operation => ({
  op: 'fire',
  vector: { device, index },
  times,
});
export const mask = (device: string, index: number): Operation => ({
  op: 'mask',
  vector: { device, index },
});
export const unmask = (device: string, index: number): Operation => ({
  op: 'unmask',
  vector: { device, index },
});
export const teardown = (device: string, index?: number): Operation =>
  index === undefined ? { op: 'teardown', device } : { op: 'teardown', device, index };
export const detach = (device: string): Operation => ({ op: 'detach', device });
export const registerWindow = (domain: string, base: bigint, size: bigint): Operation => ({
  op: 'register-window',
  domain,
  base,
  size,
});
export const map = (
  domain: string,
  iova: bigint,
  size: bigint,
  prot: { read: boolean; write: boolean } = { read: true, write: true },
): Operation => ({ op: 'map', domain, iova, pa: 0x8000_0000n, size, prot });
export const unmap = (domain: string, iova: bigint, size: bigint): Operation => ({
  op: 'unmap',
  domain,
  iova,
  size,
});
