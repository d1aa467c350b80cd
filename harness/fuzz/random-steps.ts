/**
 * Any step that a topology can name, from four numbers: what `doorbell fuzz` would not draw because
 * it makes no sense is here, too (a teardown of nothing, a mapping over the window, a guest that
 * ends twice).
 */
import type { Operation, VcpuName, VectorName } from '../../src/operation.ts';
import { vectorCapacity } from '../../src/topology/resolve.ts';
import type { Device, Topology } from '../../src/topology/topology.ts';

/** What step, which device or domain, which vector or address, which CPUs. */
export type Draw = readonly [number, number, number, number];

const KINDS = [
  // Those that make an MSI come about are drawn more often.
  ...['attach', 'attach', 'setup', 'setup', 'fire', 'fire', 'fire', 'affinity', 'affinity'],
  ...['teardown', 'mask', 'unmask', 'release', 'detach', 'reset', 'suspend', 'restore', 'unplug'],
  ...['plug', 'cpu-offline', 'cpu-online', 'map', 'unmap', 'register-window', 'free-window'],
  ...['free-domain', 'dma-write', 'forward', 'unforward', 'move-vcpu', 'end-guest'],
] as const satisfies readonly Operation['op'][];

const at = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];

/** Addresses that mean something to a machine, and some that do not. */
const ADDRESSES = [0n, 0x1000n, 0x800_0000n, 0x808_0000n, 0xffff_f000n, 0x10_0000_0000n, 1n << 52n];
const SIZES = [0x1000n, 0x1_0000n, 0x10_0000n, 0n, 0x800n];

/** CPUs of a mask of eight bits, at least one. */
function cpusOf(topology: Topology, n: number): number[] {
  const cpus = Array.from({ length: topology.cpus }, (_, cpu) => cpu);
  const chosen = cpus.filter((cpu) => ((n >>> (cpu % 8)) & 1) !== 0);
  return chosen.length > 0 ? chosen : [n % topology.cpus];
}

/**
 * The step, or undefined where the machine has nothing that it could be about. Two steps out of
 * three are about the device and the domain that `focus` picks: spread evenly over many, hardly an
 * MSI would come about.
 */
export function operationFrom(
  topology: Topology,
  [kind, a, b, c]: Draw,
  focus: number,
): Operation | undefined {
  const names = Object.keys(topology.devices);
  const device = at(names, focus + (a % 3 === 0 ? a : 0));
  const domain = at(Object.keys(topology.domains), focus + (b % 3 === 0 ? b : 0));
  const spec = device === undefined ? undefined : topology.devices[device];
  const op = at(KINDS, kind);
  if (op === undefined || device === undefined || spec === undefined) return undefined;
  const vector: VectorName = { device, index: b % vectorCapacity(spec) };
  switch (op) {
    case 'attach':
      return spec.iommu && domain !== undefined ? { op, device, domain } : undefined;
    case 'detach':
      return spec.iommu ? { op, device } : undefined;
    case 'setup':
      return setupOf(topology, device, spec, b, c);
    case 'affinity':
      return { op, vector, cpus: cpusOf(topology, c) };
    case 'mask':
    case 'unmask':
      return { op, vector };
    case 'fire':
      return { op, vector, times: 1 + (c % 2) };
    case 'release':
      return spec.bus === 'platform' && spec.level === true ? { op, vector } : undefined;
    case 'reset':
      return { op, device, memory: c % 2 === 0 };
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug':
      return { op, device };
    case 'cpu-offline':
    case 'cpu-online':
      return { op, cpu: c % topology.cpus };
    case 'teardown':
      return c % 3 === 0 ? { op, device, index: vector.index } : { op, device };
    case 'dma-write':
      return { op, device, address: at(ADDRESSES, c) ?? 0n, data: b };
    case 'forward':
    case 'unforward':
    case 'move-vcpu':
    case 'end-guest':
      return ofGuest(topology, op, vector, b, c);
    default:
      return domain === undefined ? undefined : ofDomain(op, domain, a, c);
  }
}

function setupOf(
  topology: Topology,
  device: string,
  spec: Device,
  b: number,
  c: number,
): Operation {
  const vectors = 1 + (b % Math.min(vectorCapacity(spec), 4));
  const both = spec.bus === 'pci' && spec.msi !== undefined && spec.msix !== undefined;
  return {
    op: 'setup',
    device,
    vectors,
    ...(c % 4 === 0 ? { managed: true } : { cpus: cpusOf(topology, c) }),
    ...(c % 8 === 5 ? { start: 1 } : {}),
    ...(both && c % 2 === 1 ? { capability: 'msi' as const } : {}),
  };
}

function ofDomain(
  op: 'map' | 'unmap' | 'register-window' | 'free-window' | 'free-domain',
  domain: string,
  a: number,
  c: number,
): Operation {
  const address = at(ADDRESSES, c) ?? 0n;
  const size = at(SIZES, a) ?? 0n;
  switch (op) {
    case 'map':
      return {
        op,
        domain,
        iova: address,
        pa: at(ADDRESSES, a) ?? 0n,
        size,
        prot: { read: a % 2 === 0, write: c % 2 === 0 },
      };
    case 'unmap':
      return { op, domain, iova: address, size };
    case 'register-window':
      return { op, domain, base: address, size };
    case 'free-window':
    case 'free-domain':
      return { op, domain };
  }
}

function ofGuest(
  topology: Topology,
  op: 'forward' | 'unforward' | 'move-vcpu' | 'end-guest',
  vector: VectorName,
  b: number,
  c: number,
): Operation | undefined {
  const [guest, spec] = at(Object.entries(topology.guests ?? {}), c) ?? [];
  if (guest === undefined || spec === undefined) return undefined;
  const vcpu: VcpuName = { guest, index: b % spec.vcpus };
  switch (op) {
    case 'forward':
      return { op, vector, vcpu, intid: 8192 + (b % spec.lpis) };
    case 'unforward':
      return { op, vector };
    case 'move-vcpu':
      return { op, vcpu, cpu: c % topology.cpus };
    case 'end-guest':
      return { op, guest };
  }
}
