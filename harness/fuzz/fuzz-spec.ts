/**
 * An input as a spec: the machine, the steps that make sense on it, the errors that the reference
 * gives.
 */
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { DESIGNS } from '../../src/designs/designs.ts';
import { operationText } from '../../src/operation-text.ts';
import type { Operation } from '../../src/operation.ts';
import type { ErrnoName } from '../../src/observation.ts';
import { operationData } from '../spec/operation-data.ts';
import { Reader } from '../spec/reader.ts';
import { Report } from '../spec/report.ts';
import { topologyOf } from '../spec/topology-of.ts';
import type { DataMap } from '../spec/data.ts';
import { yamlText } from '../spec/yaml-text.ts';
import type { FuzzMachine } from './machines.ts';
import { plainOperation, Reference, type ReferenceOptions } from './reference.ts';
import type { FuzzInput } from './wishes.ts';

export interface FuzzSpec {
  readonly text: string;
  readonly operations: readonly { readonly op: Operation['op']; readonly error?: ErrnoName }[];
  /** Interrupts that came under the reference. */
  readonly interrupts: number;
  readonly interleaved: boolean;
}

/** `title`: says which input it is of. Undefined where nothing of it makes sense. */
export function fuzzSpec(
  { machine, wishes, threads }: FuzzInput,
  design: string,
  title: string,
  options: ReferenceOptions,
): FuzzSpec | undefined {
  const topology = topologyOf(machine.topology, new Reader(new Report(new Map())));
  const reference = new Reference(machine, topology, options);
  for (const wish of wishes) reference.grant(wish);
  const { steps, interrupts } = reference;
  const setUp = new Set(steps.flatMap(({ operation }) => devicesSetUp(operation)));
  const lists = threads
    .map((list) => list.filter((wish) => wish.what !== 'setup' || reference.isProbed(wish)))
    .map((list) => list.flatMap((wish) => plainOperation(machine, wish) ?? []))
    .map((list) => list.map(ofOneVector))
    .map((list) => list.filter((operation) => options.liveMoves || !isMove(operation)));
  for (const operation of lists.flat()) for (const name of devicesSetUp(operation)) setUp.add(name);
  const useful = lists
    .map((list) => list.filter((operation) => setUp.has(deviceIn(operation)) || isMove(operation)))
    .map((list) => list.filter((operation) => !isTorn(machine, operation)))
    .filter((list) => list.length > 0);
  if (useful.length > 1) reference.unmaskAll();
  if (steps.length === 0) return undefined;
  const interleaved = useful.length > 1;
  const isLastTornDown = reference.isTornDown;
  const data: DataMap = {
    title,
    description:
      'Written by doorbell fuzz. The errors expected of steps are those that the reference design gives.',
    source: 'doorbell fuzz',
    tags: ['fuzz'],
    topology: machine.topology,
    designs: [design],
    steps: steps.map(({ operation, error }) => ({
      ...operationData(operation),
      ...(error === undefined ? {} : { expect: { error } }),
    })),
    ...(interleaved
      ? {
          interleave: Object.fromEntries(
            useful.map((list, n) => [`thread-${n + 1}`, list.map(operationData)]),
          ),
        }
      : {}),
    expect: { leaks: 'none', ...(isLastTornDown && counts(design) ? { mappings: 'none' } : {}) },
  };
  return {
    text: yamlText(data, ' Written by doorbell fuzz; doorbell run repeats it.'),
    operations: [
      ...steps.map(({ operation: { op }, error }) =>
        error === undefined ? { op } : { op, error },
      ),
      ...(interleaved ? useful.flat().map(({ op }) => ({ op })) : []),
    ],
    interrupts,
    interleaved,
  };
}

/**
 * Address and data both change between per-CPU doorbells. Where nothing masks the vector meanwhile
 * the message is torn (specs/explore/torn-message.spec.yaml); where nothing pushes a device's
 * writes, one may come to a page that tracked has dropped
 * (specs/explore/write-in-flight-of-a-platform-device.spec.yaml).
 */
const isTorn = ({ controller, devices }: FuzzMachine, operation: Operation): boolean =>
  controller === 'percpu-doorbell' &&
  operation.op === 'affinity' &&
  devices.some(({ name, isMaskedAround }) => !isMaskedAround && name === operation.vector.device);

/**
 * A set-up that fails at its second vector undoes the first without irq_desc.lock, and an affinity
 * change in between leaves its message and its reference behind. The model lets affinity change
 * once a vector is allocated; in Linux its /proc/irq/N is there from request_irq on, so that nobody
 * can.
 */
const ofOneVector = (operation: Operation): Operation =>
  operation.op === 'setup' ? { ...operation, vectors: 1 } : operation;

/** Pages of other designs live as long as their domain. */
const counts = (design: string): boolean =>
  DESIGN_NAMES.some((name) => name === design && DESIGNS[name].held !== undefined);

const isMove = ({ op }: Operation): boolean => op === 'attach' || op === 'detach';
const devicesSetUp = (operation: Operation): string[] =>
  operation.op === 'setup' ? [operation.device] : [];

function deviceIn(operation: Operation): string {
  if ('device' in operation) return operation.device;
  if ('vector' in operation) return operation.vector.device;
  throw new Error(`IMPOSSIBLE: ${operationText(operation)} is of no device`);
}
