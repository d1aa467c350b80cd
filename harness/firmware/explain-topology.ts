/**
 * A topology in the form of an explanation: what `explain` says of a machine that was imported, or
 * written by hand. Names are those of the firmware where `origin:` has them. Doorbells follow from
 * the parts, as in the model.
 */
import type {
  BridgeExplanation,
  ControllerNode,
  Explanation,
  IommuAnswer,
  MsiAnswer,
  PlatformExplanation,
  RidRange,
} from '../../src/firmware/explanation.ts';
import type { Device, MsiController, PciDevice, Topology } from '../../src/topology/topology.ts';
import {
  type HostBridge,
  iommuAt,
  type IommuRange,
  isPath,
  msiAt,
  type MsiRange,
} from '../spec/host-bridges.ts';

export interface NamedTopology {
  readonly topology: Topology;
  readonly bridges: readonly HostBridge[];
  /** Where the file says that a device is, by its name. */
  readonly places: ReadonlyMap<string, { readonly bridge?: string; readonly segment?: number }>;
  readonly nodes: ReadonlyMap<string, string>;
  readonly source: Explanation['source'];
  readonly diagnostics: Explanation['diagnostics'];
}

/** Devices that no host bridge holds. */
const DEVICES = 'devices';
const hex = (value: number): string => `0x${value.toString(16)}`;

export function explainTopology(
  { topology, bridges, nodes, source, diagnostics }: NamedTopology,
  rids: readonly number[] | undefined,
): Explanation {
  const names = new Names(topology, nodes);
  return {
    version: 1,
    source,
    bridges:
      bridges.length > 0
        ? bridges.map((bridge) => bridgeOf(bridge, names, rids))
        : loose(topology, names, rids),
    platform: Object.entries(topology.devices).flatMap(([name, device]) =>
      device.bus === 'platform' ? [platformOf(name, device, names)] : [],
    ),
    controllers: Object.entries(topology.msiControllers).map(([name, controller]) =>
      controllerOf(names.path(name), controller),
    ),
    iommus: Object.entries(topology.iommus).map(([name, { kind }]) => ({
      path: names.path(name),
      kind,
      name: kind,
    })),
    diagnostics,
  };
}

/** From names of parts to the firmware's paths, and to what the parts are. */
class Names {
  readonly #topology: Topology;
  readonly #nodes: ReadonlyMap<string, string>;

  constructor(topology: Topology, nodes: ReadonlyMap<string, string>) {
    this.#topology = topology;
    this.#nodes = nodes;
  }

  path(name: string): string {
    return this.#nodes.get(name) ?? name;
  }

  msi(
    name: string,
    deviceId: number | undefined,
  ): Pick<MsiTo, 'controller' | 'deviceId' | 'doorbell'> {
    const controller = this.#topology.msiControllers[name];
    const id = deviceId === undefined ? {} : { deviceId };
    // What the model has no part for: its path, and the ID that firmware gives.
    if (controller === undefined) return { controller: name, ...id };
    const doorbell = doorbellOf(controller, deviceId ?? 0);
    return {
      controller: this.path(name),
      ...(controller.kind === 'gicv3-its' ? id : {}),
      ...(doorbell === undefined ? {} : { doorbell: BigInt(doorbell) }),
    };
  }

  iommu(name: string): { readonly iommu: string; readonly hwMsi?: true } {
    const smmu = this.#topology.iommus[name];
    return {
      iommu: isPath(name) ? name : this.path(name),
      ...(smmu?.hwMsi === undefined ? {} : { hwMsi: true }),
    };
  }
}
type MsiTo = Exclude<MsiAnswer, { readonly none: unknown }>;

/** Where the first CPU's message goes, of controllers with a doorbell for each. */
function doorbellOf(controller: MsiController, deviceId: number): number | undefined {
  switch (controller.kind) {
    // The choice of its driver: firmware does not say it.
    case 'in-bridge':
      return undefined;
    case 'gicv3-its':
      return controller.preIts === undefined
        ? controller.base + 0x1_0040
        : controller.preIts + 4 * deviceId;
    case 'gicv2m':
      return (controller.frames[0]?.base ?? 0) + 0x40;
    case 'gicv3-mbi':
      return (controller.alias ?? controller.base) + 0x40;
    case 'riscv-imsic':
    case 'percpu-doorbell':
      return controller.base;
  }
}

function controllerOf(path: string, controller: MsiController): ControllerNode {
  const { kind } = controller;
  const known =
    kind === 'gicv2m' || kind === 'gicv3-its' || kind === 'gicv3-mbi' || kind === 'in-bridge';
  const doorbell = doorbellOf(controller, 0);
  const spis =
    kind === 'gicv2m'
      ? controller.frames.map(({ baseSpi, count }) => [baseSpi, count] as const)
      : kind === 'gicv3-mbi'
        ? controller.ranges.map(({ baseSpi, count }) => [baseSpi, count] as const)
        : undefined;
  return {
    path,
    kind: known ? kind : 'other',
    name: kind,
    ...(doorbell === undefined ? {} : { doorbell: BigInt(doorbell) }),
    ...(spis === undefined ? {} : { spis }),
  };
}

function bridgeOf(
  bridge: HostBridge,
  names: Names,
  rids: readonly number[] | undefined,
): BridgeExplanation {
  const { path, compatible, available, segment, fslMc, busRange } = bridge;
  const [first, last] = [busRange[0] << 8, (busRange[1] << 8) | 0xff];
  const pieces = (ranges: readonly RidRange[]): readonly RidRange[] =>
    rids?.map((rid) => ({ rid, lastRid: rid })) ?? piecesOf(ranges, first, last);
  return {
    path,
    ...(compatible === undefined ? {} : { compatible }),
    available,
    ...(segment === undefined ? {} : { segment }),
    ...(fslMc ? { bus: 'fsl-mc' as const } : {}),
    busRange,
    msi: pieces(bridge.msi).map((piece) => ({
      ...piece,
      ...msiOf(bridge, msiAt(bridge, piece.rid), piece.rid, names),
    })),
    iommu: pieces(bridge.iommu).map((piece) => ({
      ...piece,
      ...iommuOf(bridge, iommuAt(bridge, piece.rid), piece.rid, names),
    })),
  };
}

/** [first, last] cut wherever a range begins or ends. */
function piecesOf(ranges: readonly RidRange[], first: number, last: number): RidRange[] {
  const cuts = new Set([first]);
  for (const { rid, lastRid } of ranges)
    for (const cut of [rid, lastRid + 1]) if (cut > first && cut <= last) cuts.add(cut);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.map((rid, i) => ({ rid, lastRid: (sorted[i + 1] ?? last + 1) - 1 }));
}

function stage(
  { name }: HostBridge,
  property: string,
  range: MsiRange | IommuRange | undefined,
  rid: number,
  to: string,
): { node: string; property: string; says: string } {
  const says = range === undefined ? `no range holds ${hex(rid)}` : `${hex(rid)} -> ${to}`;
  return { node: `host-bridges: ${name}`, property, says };
}

function msiOf(
  bridge: HostBridge,
  range: MsiRange | undefined,
  rid: number,
  names: Names,
): MsiAnswer {
  if (range?.controller === undefined) {
    const why = range?.none ?? (bridge.msi.length === 0 ? 'no-map' : 'no-match');
    const at = range === undefined ? bridge.path : range.at;
    const stages = [stage(bridge, 'msi-map', range, rid, why)];
    return { none: why, ...(at === undefined ? {} : { at }), stages };
  }
  const { controller, id, constant } = range;
  const to = names.msi(controller, id);
  const ids = to.deviceId === undefined ? '' : ` DeviceID ${hex(to.deviceId)}`;
  return {
    ...to,
    ...(constant && to.deviceId !== undefined ? { constant } : {}),
    stages: [stage(bridge, 'msi-map', range, rid, `${controller}${ids}`)],
  };
}

function iommuOf(
  bridge: HostBridge,
  range: IommuRange | undefined,
  rid: number,
  names: Names,
): IommuAnswer {
  const id = range?.id === undefined ? {} : { streamId: range.id };
  if (range?.iommu === undefined) {
    const why = range?.bypass ?? (bridge.iommu.length === 0 ? 'no-map' : 'no-match');
    const at = range === undefined ? bridge.path : range.at;
    const stages = [stage(bridge, 'iommu-map', range, rid, why)];
    return { bypass: why, ...(at === undefined ? {} : { at }), ...id, stages };
  }
  const { iommu, constant, mask } = range;
  const to = `${iommu}${range.id === undefined ? '' : ` StreamID ${hex(range.id)}`}`;
  return {
    ...names.iommu(iommu),
    ...id,
    ...(constant ? { constant } : {}),
    ...(mask === undefined ? {} : { mask }),
    stages: [stage(bridge, 'iommu-map', range, rid, to)],
  };
}

function platformOf(name: string, device: Device, names: Names): PlatformExplanation {
  return { path: names.path(name), available: true, ...linksOf(name, device, names) };
}

function linksOf(
  name: string,
  { msiParent, iommu }: Device,
  names: Names,
): { msi: MsiAnswer[]; iommu: IommuAnswer[] } {
  const says = (to: string): { node: string; says: string }[] => [
    { node: `devices: ${name}`, says: to },
  ];
  const { controller, deviceId } = msiParent;
  return {
    msi: [{ ...names.msi(controller, deviceId), stages: says(`msi-parent ${controller}`) }],
    iommu: (iommu?.streamIds ?? []).map((streamId) => ({
      ...names.iommu(iommu?.iommu ?? ''),
      streamId,
      stages: says(`StreamID ${hex(streamId)} at ${iommu?.iommu ?? ''}`),
    })),
  };
}

/** PCI devices of a topology without host bridges: each with the wiring that it has itself. */
function loose(
  { devices }: Topology,
  names: Names,
  rids: readonly number[] | undefined,
): BridgeExplanation[] {
  const pci = Object.entries(devices)
    .filter((entry): entry is [string, PciDevice] => entry[1].bus === 'pci')
    .filter(([, { requesterId }]) => rids === undefined || rids.includes(requesterId))
    .sort(([, a], [, b]) => a.requesterId - b.requesterId);
  if (pci.length === 0) return [];
  const none = (name: string): IommuAnswer => ({
    bypass: 'no-map',
    stages: [{ node: `devices: ${name}`, says: 'no iommus' }],
  });
  const answers = pci.map(([name, device]) => ({
    range: { rid: device.requesterId, lastRid: device.requesterId },
    name,
    links: linksOf(name, device, names),
  }));
  return [
    {
      path: DEVICES,
      available: true,
      busRange: [0, 255],
      msi: answers.flatMap(({ range, links }) => links.msi.map((each) => ({ ...range, ...each }))),
      iommu: answers.map(({ range, name, links }) => ({
        ...range,
        ...(links.iommu[0] ?? none(name)),
      })),
    },
  ];
}

/** The bridge and the RID of a PCI device by its name or its firmware path. */
export function deviceAt(
  { topology, bridges, nodes, places }: NamedTopology,
  name: string,
): { readonly bridge: string; readonly rid: number } | undefined {
  const found = Object.entries(topology.devices).find(
    ([each, { bus }]) => bus === 'pci' && (each === name || nodes.get(each) === name),
  );
  const device = found?.[1];
  if (device?.bus !== 'pci') return undefined;
  const rid = device.requesterId;
  const bus = rid >> 8;
  const place = places.get(found?.[0] ?? '');
  const holding = bridges.find(
    ({ name: bridge, path, available, segment = 0, busRange: [first, last] }) =>
      place?.bridge === undefined
        ? available && bus >= first && bus <= last && segment === (place?.segment ?? segment)
        : place.bridge === bridge || place.bridge === path,
  );
  return { bridge: holding?.path ?? DEVICES, rid };
}
