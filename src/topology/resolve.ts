/**
 * A topology with its names replaced by indices, and the capacities that follow from it. Nothing
 * here changes after open().
 */
import { groupsOf } from './groups.ts';
import type {
  Device,
  Domain,
  Granule,
  Iommu,
  KernelConfig,
  MsiController,
  Topology,
} from './topology.ts';

export interface ResolvedDevice {
  readonly name: string;
  readonly index: number;
  readonly spec: Device;
  readonly controller: number;
  readonly deviceId: number;
  /** Index of the IOMMU, or -1. */
  readonly iommu: number;
  readonly streamIds: readonly number[];
  /** Vectors have machine-wide numbers: this device's are [firstVector, firstVector + vectors). */
  readonly firstVector: number;
  readonly vectors: number;
  /** StreamID bits that the SMMU does not compare. */
  readonly streamMask: number;
  /** All devices of its iommu_group, itself among them, by index: they are attached together. */
  readonly group: readonly number[];
  /** An SMMUv2's driver refuses it at probe (groups.ts). */
  readonly isRefused: boolean;
  /** Index of the group's default DMA domain, or -1 without an IOMMU. */
  readonly defaultDomain: number;
}

export interface ResolvedDomain {
  readonly name: string;
  readonly index: number;
  readonly spec: Domain;
  /** iommufd context, or -1. */
  readonly iommufd: number;
  /** Domain whose tables are the stage 2 of this one, or -1. */
  readonly parent: number;
}

export interface ResolvedGuest {
  readonly name: string;
  readonly index: number;
  readonly vcpus: number;
  readonly lpis: number;
  /**
   * vPEs have machine-wide numbers, which are their vPEIDs: this guest's are [firstVpe, firstVpe +
   * vcpus).
   */
  readonly firstVpe: number;
}

export interface Resolved {
  readonly cpus: number;
  readonly numaNodes: readonly (readonly number[])[];
  readonly kernel: KernelConfig;
  readonly controllers: readonly { readonly name: string; readonly spec: MsiController }[];
  readonly iommus: readonly { readonly name: string; readonly spec: Iommu }[];
  readonly devices: readonly ResolvedDevice[];
  readonly domains: readonly ResolvedDomain[];
  readonly iommufds: readonly string[];
  readonly guests: readonly ResolvedGuest[];
  /** vPE -> guest index. */
  readonly guestOfVpe: readonly number[];
  /** Vectors of all devices. */
  readonly vectors: number;
  /** vector -> device index. */
  readonly deviceOfVector: Int32Array;
  readonly deviceByName: ReadonlyMap<string, ResolvedDevice>;
  readonly domainByName: ReadonlyMap<string, ResolvedDomain>;
  /** Doorbell pages at the finest granule: sizes the tables of bindings. */
  readonly doorbellPages: number;
  readonly userMappings: number;
}

export const defaultDomainName = (device: string): string => `default/${device}`;

/** Vectors that a device can have at most: the larger of its capabilities. */
export function vectorCapacity(device: Device): number {
  if (device.bus === 'platform') return device.msis;
  return Math.max(device.msi?.vectors ?? 0, device.msix?.vectors ?? 0);
}

/**
 * Vectors of all functions behind the bridge that this one is behind: of one bus, they share a
 * DeviceID. 0: behind none.
 */
export function vectorsBehindBridge(devices: readonly ResolvedDevice[], { spec }: ResolvedDevice) {
  const bridge = bridgeOf(spec);
  if (bridge === undefined) return 0;
  return devices.reduce(
    (sum, other) => sum + (bridgeOf(other.spec) === bridge ? other.vectors : 0),
    0,
  );
}

const bridgeOf = (spec: Device): number | undefined =>
  spec.bus === 'pci' ? spec.behind : undefined;

export function resolve(topology: Topology, userMappings: number): Resolved {
  const controllers = entries(topology.msiControllers);
  const iommus = entries(topology.iommus);
  const fds = new Map<string, number>();
  const domains: ResolvedDomain[] = entries(topology.domains).map(({ name, spec }, index) => {
    const fd = spec.kind === 'unmanaged' ? spec.iommufd : undefined;
    if (fd !== undefined && !fds.has(fd)) fds.set(fd, fds.size);
    const parent = spec.kind === 'nested' ? Object.keys(topology.domains).indexOf(spec.parent) : -1;
    return { name, index, spec, iommufd: fd === undefined ? -1 : (fds.get(fd) ?? -1), parent };
  });
  const domainByName = new Map(domains.map((domain) => [domain.name, domain]));
  const { groups, refused } = groupsOf(topology);

  const devices: ResolvedDevice[] = [];
  let vectors = 0;
  for (const { name, spec } of entries(topology.devices)) {
    const iommu = spec.iommu ? indexOf(iommus, spec.iommu.iommu) : -1;
    let defaultDomain = -1;
    const group = groups[devices.length] ?? [];
    if (iommu >= 0) {
      const leader = devices[group[0] ?? -1];
      defaultDomain = leader?.defaultDomain ?? domains.length;
      if (leader === undefined)
        domains.push({
          name: defaultDomainName(name),
          index: defaultDomain,
          spec: { kind: 'dma' },
          iommufd: -1,
          parent: -1,
        });
      domainByName.set(defaultDomainName(name), domains[defaultDomain] as ResolvedDomain);
    }
    devices.push({
      name,
      index: devices.length,
      spec,
      controller: indexOf(controllers, spec.msiParent.controller),
      deviceId: spec.msiParent.deviceId,
      iommu,
      streamIds: spec.iommu?.streamIds ?? [],
      streamMask: spec.iommu?.streamMask ?? 0,
      group,
      isRefused: refused[devices.length] ?? false,
      firstVector: vectors,
      vectors: vectorCapacity(spec),
      defaultDomain,
    });
    vectors += vectorCapacity(spec);
  }
  const deviceOfVector = new Int32Array(vectors);
  for (const device of devices) {
    deviceOfVector.fill(device.index, device.firstVector, device.firstVector + device.vectors);
  }
  let firstVpe = 0;
  const guests = entries(topology.guests ?? {}).map(({ name, spec }, index): ResolvedGuest => {
    firstVpe += spec.vcpus;
    return { name, index, ...spec, firstVpe: firstVpe - spec.vcpus };
  });
  return {
    cpus: topology.cpus,
    numaNodes: topology.numaNodes ?? [],
    kernel: topology.kernel,
    controllers,
    iommus,
    devices,
    domains,
    iommufds: [...fds.keys()],
    guests,
    guestOfVpe: guests.flatMap(({ index, vcpus }) => Array<number>(vcpus).fill(index)),
    vectors,
    deviceOfVector,
    deviceByName: new Map(devices.map((device) => [device.name, device])),
    domainByName,
    doorbellPages: controllers.reduce(
      (sum, { spec }) => sum + pagesOf(spec, topology.cpus, devices.length),
      0,
    ),
    userMappings,
  };
}

/**
 * The granule of a domain's tables: PAGE_SIZE where the SMMU has it, else the largest below it,
 * else the smallest above. io-pgtable-arm.c:arm_lpae_restrict_pgsizes.
 */
export function domainGranule(granules: readonly Granule[], pageSize: number): number {
  if (granules.some((granule) => granule === pageSize)) return pageSize;
  const below = granules.filter((granule) => granule < pageSize);
  return below.length > 0 ? Math.max(...below) : Math.min(...granules);
}

function pagesOf(controller: MsiController, cpus: number, devices: number): number {
  switch (controller.kind) {
    case 'gicv2m':
      return controller.frames.length * (controller.variant === 'graviton' ? 2 : 1);
    case 'gicv3-its':
      return controller.preIts === undefined ? 1 : devices;
    case 'gicv3-mbi':
      return 1;
    // No page of it is ever mapped.
    case 'in-bridge':
      return 0;
    case 'riscv-imsic':
    case 'percpu-doorbell':
      return cpus;
  }
}

function entries<T>(record: Readonly<Record<string, T>>): { name: string; spec: T }[] {
  return Object.entries(record).map(([name, spec]) => ({ name, spec }));
}

function indexOf(list: readonly { readonly name: string }[], name: string): number {
  const index = list.findIndex((item) => item.name === name);
  if (index < 0) throw new Error(`IMPOSSIBLE: ${name} is not in the topology`);
  return index;
}
