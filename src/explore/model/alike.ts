/**
 * What a plan treats alike, so that it may change names: devices, CPUs, the vectors of one device.
 * Where it does not, why not, in words for whoever wonders why a search has so many states.
 *
 * Pages of IOVA never are: an allocator takes the first page that is free, and a write in flight,
 * or a device whose old message was forgotten, may still name one that was given back. Which of two
 * such pages is next is then the difference between a fault and a write to somebody else's
 * doorbell.
 */
import { spanOf } from '../../hardware/smmu/smmu-v3.ts';
import { DRIVERS } from '../../kernel/controllers/drivers.ts';
import type { KernelOperation } from '../../operation-kinds.ts';
import { operationText } from '../../operation-text.ts';
import { domainGranule } from '../../topology/resolve.ts';
import type { Device } from '../../topology/topology.ts';
import type { ExploreMachine } from './machine.ts';
import type { Sight } from './watch.ts';

export interface Kept {
  /** What keeps its name. */
  readonly of: string;
  readonly why: string;
}

/**
 * Sets of things that may change names among themselves, by number, if the plan and the machine
 * agree.
 */
export interface Alike {
  readonly devices: readonly (readonly number[])[];
  readonly cpus: readonly number[];
  readonly vectors: readonly (readonly number[])[];
  readonly kept: readonly Kept[];
}

/** What treats all devices alike. */
const ALIKE: ReadonlySet<string> = new Set(['setup', 'teardown', 'affinity', 'mask', 'unmask']);
/**
 * What treats all CPUs and vectors alike, but not devices: domains are named, and the ASID that one
 * gets is the lowest that is free.
 */
const MOVES: ReadonlySet<string> = new Set(['attach', 'detach']);
/** Bits of a mask that is one word. */
const MOST_CPUS = 32;

export function alikeOf(machine: ExploreMachine, sight?: Sight): Alike {
  const { plan } = machine;
  const operations = plan.threads.flatMap((thread) => thread.operations);
  const strange = operations.find(({ op }) => !ALIKE.has(op) && !MOVES.has(op));
  if (strange !== undefined) {
    const why = `${operationText(strange)} is not about one device or CPU alone`;
    return { devices: [], cpus: [], vectors: [], kept: [{ of: 'devices, CPUs, vectors', why }] };
  }
  const kept: Kept[] = [];
  const own = "the spec's own properties tell them apart";
  if (sight?.tellsDevices) kept.push({ of: 'devices, vectors', why: own });
  if (sight?.tellsCpus) kept.push({ of: 'CPUs', why: own });
  const move = operations.find(({ op }) => MOVES.has(op));
  if (move !== undefined)
    kept.push({
      of: 'devices',
      why: `${operationText(move)} names a domain, and a domain takes the lowest ASID that is free`,
    });
  const devices =
    sight?.tellsDevices || move !== undefined ? [] : alikeDevices(machine, operations, kept);
  const cpus = sight?.tellsCpus ? [] : alikeCpus(machine, operations, kept);
  const vectors = sight?.tellsDevices ? [] : alikeVectors(machine, operations, kept);
  if (machine.kernel.topology.doorbellPages > 1)
    kept.push({ of: 'pages of IOVA', why: 'the first that is free is taken' });
  return { devices, cpus, vectors, kept };
}

export const deviceName = (operation: KernelOperation): string | undefined => {
  if ('device' in operation) return operation.device;
  return 'vector' in operation ? operation.vector.device : undefined;
};

function alikeDevices(
  { kernel: { topology } }: ExploreMachine,
  operations: readonly KernelOperation[],
  kept: Kept[],
): number[][] {
  const names = new Set(operations.map(deviceName));
  const used = topology.devices.filter(({ name }) => names.has(name));
  const classes = new Map<string, number[]>();
  for (const { index, spec, group, isRefused } of used) {
    // The locks and the domain of a group are those of its first device.
    const isOwn = group.length > 1 || isRefused;
    const looks = isOwn ? `group of ${index}` : looksOf(spec);
    classes.set(looks, [...(classes.get(looks) ?? []), index]);
  }
  const alike = [...classes.values()].filter(({ length }) => length > 1);
  if (used.length > 1 && alike.length === 0)
    kept.push({
      of: `devices ${used.map(({ name }) => name).join(', ')}`,
      why: 'they are built differently, or share an IOMMU group',
    });
  return alike;
}

/**
 * A device without its names on the buses; of its StreamIDs counts which part of a stream table
 * holds them.
 */
function looksOf(device: Device): string {
  const names = ['requesterId', 'deviceId', 'streamIds'];
  const looks = JSON.stringify(device, (key, value: unknown) =>
    names.includes(key) ? undefined : value,
  );
  return `${looks} ${(device.iommu?.streamIds ?? []).map(spanOf).join(' ')}`;
}

function alikeCpus(
  machine: ExploreMachine,
  operations: readonly KernelOperation[],
  kept: Kept[],
): number[] {
  const used = [...new Set(operations.flatMap((o) => ('cpus' in o ? (o.cpus ?? []) : [])))].sort(
    (a, b) => a - b,
  );
  if (used.length < 2) return [];
  const why = whyCpusDiffer(machine, operations);
  if (why === undefined) return used;
  kept.push({ of: `CPUs ${used.join(', ')}`, why });
  return [];
}

function whyCpusDiffer(
  machine: ExploreMachine,
  operations: readonly KernelOperation[],
): string | undefined {
  const { topology, design } = machine.kernel;
  const chosen = operations.find(
    (o) =>
      (o.op === 'setup' && (o.cpus?.length !== 1 || o.managed === true)) ||
      (o.op === 'affinity' && o.cpus.length !== 1),
  );
  if (chosen !== undefined)
    return `in ${operationText(chosen)} the kernel chooses, and takes the first that will do`;
  if (design.mapsAllCpus === true) return `${design.name} maps their doorbells in order`;
  if (topology.cpus > MOST_CPUS) return `there are more than ${MOST_CPUS}`;
  const places = topology.controllers.find(({ spec }) => DRIVERS[spec.kind].startsAnywhere);
  if (places !== undefined && operations.some(({ op }) => op === 'setup'))
    return `${places.name} takes the first of all, or the one with most room, before it moves an interrupt`;
  if (topology.numaNodes.length > 0 || topology.guests.length > 0)
    return 'they belong to nodes or to guests';
  if (topology.controllers.some(({ spec }) => spec.kind === 'in-bridge'))
    return 'the messages of a bridge go to one of them';
  return whyPagesDiffer(machine);
}

/** Pages of IOVA that an allocator of the DMA API can come to, from the top. */
const DMA_REACH = 1 << 28;

/**
 * A number is taken for a physical address if it lies in a doorbell block; no IOVA may look like
 * one.
 */
function whyPagesDiffer({ kernel: { topology, domains, hw } }: ExploreMachine): string | undefined {
  const blocks = hw.percpu.flatMap((block) => block ?? []);
  if (topology.userMappings > 0 && blocks.length > 0) return 'user space maps pages itself';
  const { pageSize } = topology.kernel;
  for (const { base, stride, cpus } of blocks) {
    const end = base + stride * cpus;
    const meets = (from: number, size: number): boolean =>
      from % 2 ** 32 < end && base < (from % 2 ** 32) + size;
    if (base === 0 || end > 2 ** 32) return 'their doorbells lie at 0 or above 4 GiB';
    for (const { spec } of topology.iommus) {
      const page = Math.max(pageSize, domainGranule(spec.granules, pageSize));
      if (base % page !== 0 || stride % page !== 0)
        return `doorbells of several lie in one page of ${page / 1024}K`;
      if (spec.hwMsi !== undefined) return 'a hardware MSI region has IOVAs like addresses';
    }
    for (const { index, spec } of topology.domains) {
      const direct = 'direct' in spec ? spec.direct : undefined;
      if (
        meets(domains.windowBase.get(index), domains.windowSize.get(index)) ||
        (direct !== undefined && meets(direct.base, direct.size))
      )
        return 'a window has IOVAs that are addresses of doorbells';
    }
    for (const { spec, iommu } of topology.devices) {
      const bits = Math.min(spec.dmaBits, topology.iommus[iommu]?.spec.iovaBits ?? 64);
      const top = 2 ** Math.min(32, bits);
      if (iommu >= 0 && meets(Math.max(0, top - DMA_REACH), DMA_REACH))
        return 'DMA domains have IOVAs that are addresses of doorbells';
    }
  }
  return undefined;
}

function alikeVectors(
  { kernel }: ExploreMachine,
  operations: readonly KernelOperation[],
  kept: Kept[],
): number[][] {
  return kernel.topology.devices.flatMap(({ index, name, firstVector }) => {
    const own = operations.filter((o) => deviceName(o) === name);
    const used = new Set<number>();
    for (const o of own) {
      if (o.op === 'setup')
        for (let n = 0; n < (o.start ?? 0) + o.vectors; n++) used.add(firstVector + n);
      if ('vector' in o) used.add(firstVector + o.vector.index);
      if (o.op === 'teardown' && o.index !== undefined) used.add(firstVector + o.index);
    }
    if (used.size < 2) return [];
    const inOrder = own.find(
      (o) => o.op === 'setup' || (o.op === 'teardown' && o.index === undefined),
    );
    const why =
      inOrder !== undefined
        ? `${operationText(inOrder)} takes them in order`
        : kernel.descOf(index, firstVector + 1) === firstVector
          ? 'one message is for all of them'
          : undefined;
    if (why === undefined) return [[...used].sort((a, b) => a - b)];
    kept.push({ of: `vectors of ${name}`, why });
    return [];
  });
}
