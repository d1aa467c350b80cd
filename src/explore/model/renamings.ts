/**
 * Permutations of names under which a plan stays what it is: of devices, CPUs and vectors, and with
 * them threads and their operations.
 */
import type { KernelOperation } from '../../operation-kinds.ts';
import { operationText } from '../../operation-text.ts';
import { type Alike, alikeOf, deviceName, type Kept } from './alike.ts';
import { askedCpus } from './judge.ts';
import type { ExploreMachine } from './machine.ts';
import type { ThreadPlan } from './plan.ts';
import type { Sight } from './watch.ts';

/**
 * By number: the new number of each device, vector, CPU and thread; of each thread's operations.
 */
export interface Renaming extends Named {
  readonly thread: readonly number[];
  readonly operation: readonly (readonly number[])[];
}

interface Named {
  readonly device: readonly number[];
  readonly vector: readonly number[];
  readonly cpu: readonly number[];
}

/**
 * Of devices and CPUs with more orders than that, and all orders together: to find the least costs
 * more than it saves.
 */
const MOST_ORDERS = 120;
const MOST_RENAMINGS = 720;

export interface Renamings {
  /** All but the one that changes nothing. */
  readonly renamings: readonly Renaming[];
  /** What these rename, and what keeps its name. */
  readonly renamed: readonly string[];
  readonly kept: readonly Kept[];
}

const KINDS = ['device', 'cpu', 'vector'] as const;
type Kind = (typeof KINDS)[number];

/** `whyNot`: what in the machine is not the same after it; undefined: all is. */
export function renamingsOf(
  machine: ExploreMachine,
  whyNot: (renaming: Renaming) => string | undefined,
  sight?: Sight,
): Renamings {
  const alike = alikeOf(machine, sight);
  const kept = [...alike.kept];
  const failed = new Map<Kind, string>();
  const renamings = candidates(machine, alike, kept).flatMap((named) => {
    const moved = KINDS.filter((kind) => isMoved(machine, named, kind));
    if (moved.length === 0) return [];
    const found = renamingOf(machine, named);
    const why = typeof found === 'string' ? found : whyNot(found);
    if (typeof found !== 'string' && why === undefined) return [found];
    const [kind] = moved;
    if (moved.length === 1 && kind !== undefined && why !== undefined && !failed.has(kind))
      failed.set(kind, why);
    return [];
  });
  const renamed: string[] = [];
  for (const kind of KINDS) {
    const names = namesOf(machine, alike, kind);
    if (names === undefined) continue;
    if (renamings.some((one) => isMoved(machine, one, kind))) renamed.push(names);
    else if (failed.has(kind)) kept.push({ of: names, why: failed.get(kind) ?? '' });
  }
  return { renamings, renamed, kept };
}

function namesOf(machine: ExploreMachine, alike: Alike, kind: Kind): string | undefined {
  const { topology } = machine.kernel;
  const device = (d: number): string => topology.devices[d]?.name ?? '?';
  const list = (of: readonly number[], name: (n: number) => string): string =>
    of.map(name).join(', ');
  switch (kind) {
    case 'device':
      return alike.devices.length === 0
        ? undefined
        : `devices ${alike.devices.map((set) => list(set, device)).join('; ')}`;
    case 'cpu':
      return alike.cpus.length === 0 ? undefined : `CPUs ${list(alike.cpus, String)}`;
    case 'vector':
      return alike.vectors.length === 0
        ? undefined
        : `vectors of ${list(
            alike.vectors.map(([v = 0]) => topology.deviceOfVector[v] ?? -1),
            device,
          )}`;
  }
}

/** Whether something of the kind has another name after it; a vector: within its device. */
function isMoved({ kernel }: ExploreMachine, named: Named, kind: Kind): boolean {
  if (kind !== 'vector') return named[kind].some((to, n) => to !== n);
  const { devices, deviceOfVector } = kernel.topology;
  return named.vector.some((to, v) => {
    const [from, there] = [deviceOfVector[v] ?? -1, deviceOfVector[to] ?? -1];
    return to - (devices[there]?.firstVector ?? 0) !== v - (devices[from]?.firstVector ?? 0);
  });
}

type Order = (n: number) => number;

/** Every order of each set, with every order of the others. */
function ordersOf(sets: readonly (readonly number[])[]): Order[] {
  return sets.reduce<Order[]>(
    (all, set) => {
      const own = permutations(set).map((to) => (n: number) => to[set.indexOf(n)] ?? n);
      return all.flatMap((one) => own.map((other) => (n: number) => other(one(n))));
    },
    [(n) => n],
  );
}

function candidates({ kernel }: ExploreMachine, alike: Alike, kept: Kept[]): Named[] {
  const { cpus, devices, deviceOfVector } = kernel.topology;
  const count = (sets: readonly (readonly number[])[]): number =>
    sets.reduce((product, { length }) => product * factorial(length), 1);
  const bounded = (of: string, sets: readonly (readonly number[])[]): Order[] => {
    if (count(sets) <= MOST_ORDERS) return ordersOf(sets);
    kept.push({ of, why: `they have more than ${MOST_ORDERS} orders` });
    return ordersOf([]);
  };
  const ofDevices = bounded('devices', alike.devices);
  let ofCpus = bounded('CPUs', alike.cpus.length === 0 ? [] : [alike.cpus]);
  let ofVectors = bounded('vectors', alike.vectors);
  const tooMany = (): boolean =>
    ofDevices.length * ofCpus.length * ofVectors.length > MOST_RENAMINGS;
  const why = `with the others there are more than ${MOST_RENAMINGS} orders`;
  if (tooMany()) {
    kept.push({ of: 'vectors', why });
    ofVectors = ordersOf([]);
  }
  if (tooMany()) {
    kept.push({ of: 'CPUs', why });
    ofCpus = ordersOf([]);
  }
  return ofDevices.flatMap((d) =>
    ofCpus.flatMap((c) =>
      ofVectors.map((v) => ({
        device: devices.map(({ index }) => d(index)),
        cpu: Array.from({ length: cpus }, (_, cpu) => c(cpu)),
        vector: Array.from(deviceOfVector, (from, n) => {
          const nth = v(n) - (devices[from]?.firstVector ?? 0);
          return (devices[d(from)]?.firstVector ?? 0) + nth;
        }),
      })),
    ),
  );
}

/** The whole renaming, or what in the plan is not the same after it. */
function renamingOf(machine: ExploreMachine, named: Named): Renaming | string {
  const { plan, fires } = machine;
  const raised = new Set(fires.map((fire) => fire.vector));
  if ([...raised].some((v) => !raised.has(named.vector[v] as number)))
    return 'the device raises only some of them';
  // For which CPUs a vector was ever asked is in no word of the machine once it is torn down.
  const asked = askedCpus(machine);
  const isAsked = asked.every((set, v) => {
    const other = asked[named.vector[v] as number];
    return (
      [...set].every((cpu) => other?.has(named.cpu[cpu] as number)) && other?.size === set.size
    );
  });
  if (!isAsked) return 'one is asked to CPUs that the other is not';
  const taken = new Set<number>();
  const thread: number[] = [];
  const operation: number[][] = [];
  for (const one of plan.threads) {
    const wanted = one.operations.map((o) => operationText(renamedOperation(machine, o, named)));
    const at = plan.threads.findIndex((other, n) => !taken.has(n) && doesSo(one, other, wanted));
    if (at < 0) return `no thread does, in place of ${one.name}: ${wanted.join('; ')}`;
    taken.add(at);
    thread.push(at);
    const texts = plan.threads[at]?.operations.map(operationText) ?? [];
    operation.push(wanted.map((text, n) => (one.free ? texts.indexOf(text) : n)));
  }
  return { ...named, thread, operation };
}

/** Whether the other thread does what is wanted of one. */
function doesSo(one: ThreadPlan, other: ThreadPlan, wanted: readonly string[]): boolean {
  if (other.free !== one.free || other.atMost !== one.atMost) return false;
  if (other.operations.length !== wanted.length) return false;
  const texts = other.operations.map(operationText);
  if (new Set(texts).size < texts.length && one.free) return false;
  return wanted.every((text, n) => {
    const own = operationText(one.operations[n] as KernelOperation);
    const at = one.free ? texts.indexOf(text) : texts[n] === text ? n : -1;
    return (
      at >= 0 && (other.mayFail?.includes(text) ?? false) === (one.mayFail?.includes(own) ?? false)
    );
  });
}

function renamedOperation(
  { kernel: { topology } }: ExploreMachine,
  operation: KernelOperation,
  { device, vector, cpu }: Named,
): KernelOperation {
  const from = topology.deviceByName.get(deviceName(operation) ?? '');
  const to = topology.devices[device[from?.index ?? -1] ?? -1];
  if (from === undefined || to === undefined) return operation;
  const index = (n: number): number => (vector[from.firstVector + n] ?? 0) - to.firstVector;
  const cpus =
    'cpus' in operation && operation.cpus !== undefined
      ? { cpus: operation.cpus.map((c) => cpu[c] ?? c) }
      : {};
  switch (operation.op) {
    case 'setup':
      return { ...operation, ...cpus, device: to.name };
    case 'teardown': {
      const { index: one } = operation;
      return { ...operation, device: to.name, ...(one === undefined ? {} : { index: index(one) }) };
    }
    case 'affinity':
    case 'mask':
    case 'unmask':
      return {
        ...operation,
        ...cpus,
        vector: { device: to.name, index: index(operation.vector.index) },
      };
    default:
      return operation;
  }
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

function permutations(of: readonly number[]): number[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) =>
    permutations(of.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  );
}
