/**
 * The silicon of one topology, wired. The kernel side holds this and nothing else of the hardware.
 */
import type { EventLog } from '../events/event-log.ts';
import type { Store } from '../state/store.ts';
import { type Resolved, vectorsBehindBridge } from '../topology/resolve.ts';
import type {
  GicV2m,
  GicV3Its,
  GicV3Mbi,
  InBridge,
  Iommu,
  MsiController,
  PercpuDoorbell,
  RiscvImsic,
} from '../topology/topology.ts';
import { Bus } from './bus.ts';
import { Fabric } from './fabric.ts';
import { Distributor, FIRST_SPI } from './gic/distributor.ts';
import { GicV2mFrameBlock } from './gic/gicv2m.ts';
import { Its } from './gic/its.ts';
import type { ItsVirtual } from './gic/its-tables.ts';
import { Redistributors } from './gic/redistributor.ts';
import { VirtualLpis } from './gic/virtual-lpis.ts';
import type { CpuInterfaces } from './interrupts.ts';
import { MbiFrame } from './gic/mbi.ts';
import { InBridgeMsi } from './msi/in-bridge.ts';
import { DOORBELL_REGISTER, PercpuDoorbells } from './msi/percpu-doorbell.ts';
import { MsiFunctions } from './pci/msi-function.ts';
import { PageTables } from './smmu/page-table.ts';
import { SmmuV2Block } from './smmu/smmu-v2.ts';
import { SmmuV3Block } from './smmu/smmu-v3.ts';
import { Tlb } from './smmu/tlb.ts';

export interface Hardware {
  readonly distributor: Distributor;
  readonly redistributors: Redistributors;
  readonly virtualLpis: VirtualLpis;
  readonly functions: MsiFunctions;
  readonly tables: PageTables;
  readonly tlb: Tlb;
  readonly bus: Bus;
  readonly fabric: Fabric;
  /** By controller index; holes where the controller is of another kind. */
  readonly its: readonly (Its | undefined)[];
  readonly v2mFrames: readonly (readonly GicV2mFrameBlock[] | undefined)[];
  readonly percpu: readonly (PercpuDoorbells | undefined)[];
  readonly inBridge: readonly (InBridgeMsi | undefined)[];
  /** By IOMMU index. */
  readonly smmus: readonly (SmmuV2Block | SmmuV3Block)[];
}

/** What the kernel's boot sets in the hardware, and no driver changes later. */
export interface HardwareConfig {
  /** sCR0.USFCFG where the topology leaves it to the kernel. */
  readonly faultUnmatched: boolean;
  /** Whether SMMUs keep translations and STEs that they have read; both are allowed to them. */
  readonly caches: boolean;
  /**
   * Commands wait in the queue: the driver leaves out the SYNC after them, or somebody looks while
   * it waits.
   */
  readonly queues: { readonly smmu: boolean; readonly its: boolean };
}

/**
 * Entries of a command queue that nobody SYNCs; real ones have thousands, and a driver that waits
 * for room.
 */
const QUEUE = 8;

export function buildHardware(
  store: Store,
  log: EventLog,
  topology: Resolved,
  cpus: CpuInterfaces,
  config: HardwareConfig,
): Hardware {
  const frames = topology.controllers.flatMap(({ spec }) => spiRanges(spec));
  const firstSpi = Math.min(...frames.map((frame) => frame.baseSpi), FIRST_SPI + 1000);
  const endSpi = Math.max(...frames.map((frame) => frame.baseSpi + frame.count), firstSpi);
  const distributor = new Distributor(store, firstSpi, endSpi - firstSpi, cpus);
  const lpis = Math.max(
    0,
    ...topology.controllers.map(({ spec }) => (isIts(spec) ? spec.lpis : 0)),
  );
  const redistributors = new Redistributors(store, lpis, cpus, lpiCapacity(topology));
  const functions = new MsiFunctions(
    store,
    topology.devices.map(({ firstVector, spec }) => ({
      firstVector,
      msi: spec.bus === 'pci' ? spec.msi : undefined,
      ...(spec.bus === 'platform' && spec.via?.kind === 'wired'
        ? { fixedDoorbell: spec.via.doorbell }
        : {}),
      ...(spec.bus === 'pci' && spec.msix?.masksMsi === true ? { masksMsi: true } : {}),
    })),
    topology.vectors,
  );
  // Each doorbell page and each user mapping is a range; unmapping the middle of one makes two.
  const capacity = topology.doorbellPages + 2 * topology.userMappings + 2;
  const tables = new PageTables(store, log, topology.domains.length, capacity);
  const tlb = new Tlb(
    store,
    tables,
    topology.domains.map(({ parent }) => parent),
    config.caches,
  );
  const smmus = topology.iommus.map(({ spec }, index) =>
    buildSmmu({ store, log, tlb, index, topology, config }, spec),
  );

  const virtualLpis = new VirtualLpis(store, topology.guests, cpus);
  const virtual = virtualParts(store, topology, virtualLpis);
  const its = topology.controllers.map(({ spec }, index) =>
    isIts(spec)
      ? new Its(store, log, redistributors, {
          index,
          base: spec.base,
          preIts: spec.preIts,
          eventIdBits: spec.eventIdBits,
          deviceIdBits: spec.deviceIdBits,
          deviceTable: spec.deviceTable,
          cpus: topology.cpus,
          virtual: virtual(spec),
          devices: itsDevices(topology, index, spec.eventIdBits),
          queue: config.queues.its ? QUEUE : 0,
        })
      : undefined,
  );
  const v2mFrames = topology.controllers.map(({ spec }) =>
    isV2m(spec)
      ? spec.frames.map((frame) => new GicV2mFrameBlock(frame, distributor, spec.variant))
      : undefined,
  );
  const percpu = topology.controllers.map(({ spec }, index) =>
    isPerCpu(spec)
      ? new PercpuDoorbells(
          store,
          { index, ...spec, ...LAYOUT[spec.kind], cpus: topology.cpus },
          cpus,
        )
      : undefined,
  );
  const inBridge = topology.controllers.map(({ spec }, index) =>
    isInBridge(spec) ? new InBridgeMsi(store, { index, ...spec }, cpus) : undefined,
  );
  const bus = new Bus(
    v2mFrames.flatMap((f) => f ?? []),
    its.flatMap((i) => i ?? []),
    percpu.flatMap((p) => p ?? []),
    topology.controllers.flatMap(({ spec }) =>
      isMbi(spec)
        ? [spec.base, ...(spec.alias === undefined ? [] : [spec.alias])].map(
            (base) => new MbiFrame(base, distributor),
          )
        : [],
    ),
  );
  const fabric = new Fabric(
    topology.devices.map((device) => ({
      firstVector: device.firstVector,
      // No driver: GBPA resets to bypass, so the SMMU might as well not be there.
      smmu: device.iommu >= 0 && topology.kernel.iommuApi ? smmus[device.iommu] : undefined,
      streamId: device.streamIds[0] ?? 0,
      untranslatedMsi: topology.iommus[device.iommu]?.spec.hwMsi !== undefined,
      deviceId: device.deviceId,
      bridge: inBridge[device.controller],
    })),
    bus,
    functions,
    log,
  );
  return {
    distributor,
    redistributors,
    virtualLpis,
    functions,
    tables,
    tlb,
    bus,
    fabric,
    its,
    v2mFrames,
    percpu,
    inBridge,
    smmus,
  };
}

/**
 * EventIDs that a DeviceID may come to use: what its_msi_prepare rounds up to (powers of two,
 * at least 32 where devices share the id), within what the ITS supports.
 */
export function eventCapacity(
  topology: Resolved,
  controller: number,
  deviceId: number,
  bits: number,
): number {
  const own = topology.devices.filter(
    (device) => device.controller === controller && device.deviceId === deviceId,
  );
  const vectors = Math.max(
    own.reduce((sum, device) => sum + device.vectors, 0),
    ...own.map((device) => vectorsBehindBridge(topology.devices, device)),
  );
  return Math.min(2 ** bits, Math.max(32, 2 ** Math.ceil(Math.log2(Math.max(vectors, 1)))));
}

/**
 * LPIs that a table must have room for: those of the machine, or fewer where its devices can never
 * come to use more. First fit with blocks of up to 2**11 out of M LPIs in use needs less than M *
 * (1 + 11 / 2) (Robson's bound), so the allocator cannot tell.
 */
export function lpiCapacity(topology: Resolved): number {
  const lpis = topology.controllers.map(({ spec }) => (isIts(spec) ? spec.lpis : 0));
  const used = topology.devices.reduce((sum, device) => {
    const spec = topology.controllers[device.controller]?.spec;
    return spec && isIts(spec)
      ? sum + eventCapacity(topology, device.controller, device.deviceId, spec.eventIdBits)
      : sum;
  }, 0);
  return Math.min(Math.max(0, ...lpis), 8 * used);
}

/** The vPE table of each GICv4 ITS; GICv4.1's ITSs have one in common. */
function virtualParts(
  store: Store,
  { guestOfVpe }: Resolved,
  lpis: VirtualLpis,
): (spec: GicV3Its) => ItsVirtual | undefined {
  let shared: ItsVirtual['vpes'] | undefined;
  const table = (): ItsVirtual['vpes'] => store.column(guestOfVpe.length);
  return ({ virtual: version }) => {
    if (version === undefined || guestOfVpe.length === 0) return undefined;
    const vpes = version === 'gicv4' ? table() : (shared ??= table());
    return { version, lpis, vpes };
  };
}

function itsDevices(
  topology: Resolved,
  controller: number,
  bits: number,
): { deviceId: number; events: number; device: number }[] {
  const behind = topology.devices.filter((d) => d.controller === controller);
  return [...new Set(behind.map((d) => d.deviceId))].map((deviceId) => ({
    deviceId,
    events: eventCapacity(topology, controller, deviceId, bits),
    device: ownerOf(behind.filter((d) => d.deviceId === deviceId)),
  }));
}

/** Index of the only one, or -1. */
const ownerOf = ([first, ...others]: readonly { readonly index: number }[]): number =>
  first === undefined || others.length > 0 ? -1 : first.index;

function streamsOf(topology: Resolved, iommu: number): number[] {
  return topology.devices
    .filter((device) => device.iommu === iommu)
    .flatMap((device) => device.streamIds);
}

interface SmmuParts {
  readonly store: Store;
  readonly log: EventLog;
  readonly tlb: Tlb;
  readonly index: number;
  readonly topology: Resolved;
  readonly config: HardwareConfig;
}

function buildSmmu(
  { store, log, tlb, index, topology, config }: SmmuParts,
  spec: Iommu,
): SmmuV2Block | SmmuV3Block {
  const queue = config.queues.smmu ? QUEUE : 0;
  if (spec.kind === 'smmu-v3') {
    const { caches } = config;
    const streamIds = streamsOf(topology, index);
    const deviceOf = (id: number): number =>
      ownerOf(topology.devices.filter((d) => d.iommu === index && d.streamIds.includes(id)));
    return new SmmuV3Block(store, log, tlb, { ...spec, index, caches, queue, streamIds, deviceOf });
  }
  const { unmatchedStreams: unmatched } = spec;
  const faultUnmatched =
    unmatched === 'kernel-default' ? config.faultUnmatched : unmatched === 'fault';
  return new SmmuV2Block(store, log, tlb, { ...spec, index, queue, faultUnmatched });
}

const isIts = (spec: { kind: string }): spec is GicV3Its => spec.kind === 'gicv3-its';
const isV2m = (spec: { kind: string }): spec is GicV2m => spec.kind === 'gicv2m';
const isMbi = (spec: { kind: string }): spec is GicV3Mbi => spec.kind === 'gicv3-mbi';
const isInBridge = (spec: { kind: string }): spec is InBridge => spec.kind === 'in-bridge';
export const isPerCpu = (spec: { kind: string }): spec is PercpuDoorbell | RiscvImsic =>
  spec.kind === 'percpu-doorbell' || spec.kind === 'riscv-imsic';

/** Where the doorbell register of a CPU's page is, and the first identity that counts. */
const LAYOUT = {
  'percpu-doorbell': { register: DOORBELL_REGISTER, first: 0 },
  'riscv-imsic': { register: 0, first: 1 },
} as const;

/** SPIs that a controller raises. */
export function spiRanges(
  spec: MsiController,
): readonly { readonly baseSpi: number; readonly count: number }[] {
  if (spec.kind === 'gicv2m') return spec.frames;
  return spec.kind === 'gicv3-mbi' ? spec.ranges : [];
}
