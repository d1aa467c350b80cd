/** Which devices of a plan may change names: permutations of them, with their vectors, threads and operations. */
import type { KernelOperation } from '../../kernel/call.ts';
import { operationText } from '../../operation-text.ts';
import type { Device } from '../../topology/topology.ts';
import type { ExploreMachine } from './machine.ts';
import type { ThreadPlan } from './plan.ts';

/** By number: the new number of each device, vector and thread; of each thread's operations. */
export interface Renaming {
  readonly device: readonly number[];
  readonly vector: readonly number[];
  readonly thread: readonly number[];
  readonly operation: readonly (readonly number[])[];
}

/** What treats all devices alike: none of these looks at the domain that a device is moved to. */
const ALIKE: ReadonlySet<string> = new Set(['setup', 'teardown', 'affinity', 'mask', 'unmask']);
/** Renamings of so many devices are 120; more cost more than they save. */
const MOST_DEVICES = 5;

/** All but the one that changes nothing; none if anything tells the devices apart. */
export function deviceRenamings(machine: ExploreMachine): Renaming[] {
  const { plan, kernel } = machine;
  const { devices } = kernel.topology;
  const operations = plan.threads.flatMap((thread) => thread.operations);
  if (operations.some(({ op }) => !ALIKE.has(op))) return [];
  // For which CPUs a vector was ever asked is in no word of the machine once it is torn down.
  if (plan.before.some(({ operation: { op } }) => op === 'teardown' || op === 'affinity'))
    return [];
  const used = devices
    .map(({ index }) => index)
    .filter((index) => operations.some((o) => deviceName(o) === devices[index]?.name));
  const like = used.filter((d) => looks(devices[d]?.spec) === looks(devices[used[0] ?? 0]?.spec));
  if (like.length < 2 || like.length > MOST_DEVICES) return [];
  return permutations(like)
    .filter((to) => to.some((d, n) => d !== like[n]))
    .flatMap((to) => {
      const device = devices.map((_, d) => to[like.indexOf(d)] ?? d);
      const found = renamingOf(machine, device);
      return found === undefined ? [] : [found];
    });
}

function renamingOf(machine: ExploreMachine, device: readonly number[]): Renaming | undefined {
  const { plan, kernel, fires } = machine;
  const { devices, deviceOfVector } = kernel.topology;
  const vector = Array.from(deviceOfVector, (d, v) => {
    const [from, to] = [devices[d], devices[device[d] as number]];
    return (to?.firstVector ?? 0) + v - (from?.firstVector ?? 0);
  });
  const rename = (operation: KernelOperation): string => {
    const index = devices.find(({ name }) => name === deviceName(operation))?.index ?? -1;
    return operationText(withDevice(operation, devices[device[index] ?? -1]?.name ?? ''));
  };
  const raised = new Set(fires.map((fire) => fire.vector));
  if ([...raised].some((v) => !raised.has(vector[v] as number))) return undefined;
  const pairs = plan.threads.map((thread) => partner(plan.threads, thread, rename));
  const thread = pairs.map((pair) => pair?.thread ?? -1);
  if (thread.includes(-1) || new Set(thread).size < thread.length) return undefined;
  return { device, vector, thread, operation: pairs.map((pair) => pair?.operation ?? []) };
}

/** The thread that does to the renamed devices what this one does. */
function partner(
  threads: readonly ThreadPlan[],
  { free, operations, mayFail = [] }: ThreadPlan,
  rename: (operation: KernelOperation) => string,
): { thread: number; operation: number[] } | undefined {
  const wanted = operations.map(rename);
  const isExpected = operations.map((o) => mayFail.includes(operationText(o)));
  const thread = threads.findIndex((other) => {
    if (other.free !== free || other.operations.length !== wanted.length) return false;
    const texts = other.operations.map(operationText);
    if (new Set(texts).size < texts.length) return false;
    return wanted.every((text, n) => {
      const at = free ? texts.indexOf(text) : texts[n] === text ? n : -1;
      return at >= 0 && (other.mayFail ?? []).includes(text) === isExpected[n];
    });
  });
  const texts = threads[thread]?.operations.map(operationText) ?? [];
  return thread < 0
    ? undefined
    : { thread, operation: wanted.map((text, n) => (free ? texts.indexOf(text) : n)) };
}

const deviceName = (operation: KernelOperation): string | undefined => {
  if ('device' in operation) return operation.device;
  return 'vector' in operation ? operation.vector.device : undefined;
};

function withDevice(operation: KernelOperation, device: string): KernelOperation {
  if ('device' in operation) return { ...operation, device };
  if ('vector' in operation) return { ...operation, vector: { ...operation.vector, device } };
  return operation;
}

/** A device without its names on the buses. */
function looks(device: Device | undefined): string {
  const names = ['requesterId', 'deviceId', 'streamIds'];
  return JSON.stringify(device, (key, value: unknown) => (names.includes(key) ? undefined : value));
}

function permutations(of: readonly number[]): number[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) =>
    permutations(of.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  );
}
