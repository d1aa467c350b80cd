/**
 * A machine's firmware as a topology of the model: the parts that the model has, the host bridges
 * with what they say of each requester, and a list of what the model has not. What only hardware
 * knows (GITS_TYPER, SMMU_IDR1, MSI_TYPER of a frame without a range) is assumed, and said in
 * `assumes`.
 */
import type { BridgeExplanation, Explanation, FirmwareSource } from './explanation.ts';
import { controllersOf } from './import/controllers.ts';
import { pciDevices, platformDevice, streamsAlone, Wiring } from './import/devices.ts';
import { highestIds } from './import/ids.ts';
import { iommusOf } from './import/iommus.ts';
import {
  type ImportedBridge,
  type ImportedController,
  type ImportedDevice,
  type ImportedSmmu,
  LeftOut,
  type NameOf,
  Names,
} from './import/parts.ts';

export interface ImportedTopology {
  readonly source: FirmwareSource;
  readonly cpus: number;
  readonly controllers: readonly ImportedController[];
  readonly iommus: readonly ImportedSmmu[];
  readonly bridges: readonly ImportedBridge[];
  readonly devices: readonly ImportedDevice[];
  /** Platform devices that send no MSIs: nothing of them runs, but their streams are there. */
  readonly withoutMsis: readonly { readonly path: string; readonly streams: readonly string[] }[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

const MAX_CPUS = 256;

/**
 * @param explanation Of the whole machine, not of single RIDs.
 * @param asked Bridges that were asked for RIDs: each becomes a PCI device.
 */
export function importTopology(
  explanation: Explanation,
  asked: readonly BridgeExplanation[] = [],
): ImportedTopology {
  const names = new Names();
  const leftOut = new LeftOut();
  const ids = highestIds(explanation);
  const controllers = controllersOf(explanation.controllers, names, ids, leftOut);
  const iommus = iommusOf(explanation, controllers, names, ids, leftOut);
  const named = namesOf(controllers, iommus);
  const wiring = new Wiring(named, controllers, iommus, leftOut);
  const bridges = explanation.bridges.map((bridge) => bridgeOf(bridge, names, named, leftOut));
  const devices = [
    ...pciDevices(asked, names, wiring),
    ...explanation.platform.flatMap((device) => platformDevice(device, names, wiring)),
  ];
  const cpus = Math.min(Math.max(explanation.source.cpus ?? 1, 1), MAX_CPUS);
  const { source } = explanation;
  const withoutMsis = explanation.platform.flatMap(streamsAlone);
  return {
    source,
    cpus,
    controllers,
    iommus,
    bridges,
    devices,
    withoutMsis,
    leftOut: leftOut.list(),
  };
}

function namesOf(
  controllers: readonly ImportedController[],
  iommus: readonly ImportedSmmu[],
): NameOf {
  const named = new Map<string, string>();
  for (const each of controllers) {
    named.set(each.path, each.name);
    if (each.kind === 'gicv2m') for (const { path } of each.frames) named.set(path, each.name);
  }
  for (const { path, name } of iommus) named.set(path, name);
  return named;
}

function bridgeOf(
  bridge: BridgeExplanation,
  names: Names,
  named: NameOf,
  leftOut: LeftOut,
): ImportedBridge {
  const { path, compatible, available, segment, bus, busRange, msi, iommu, truncated } = bridge;
  const inside = msi.some((each) => 'controller' in each && each.controller === path);
  if (inside && !named.has(path))
    leftOut.add(path, `Linux does not use the MSI controller inside it (disabled)`);
  if (truncated === true) leftOut.add(path, 'the ranges behind those that are listed');
  return {
    name: names.for(path),
    path,
    ...(compatible === undefined ? {} : { compatible }),
    available,
    ...(segment === undefined ? {} : { segment }),
    ...(bus === undefined ? {} : { bus }),
    busRange,
    msi: msi.map((each) =>
      'none' in each
        ? each
        : { ...each, controller: named.get(each.controller) ?? each.controller },
    ),
    iommu: iommu.map((each) =>
      'bypass' in each ? each : { ...each, iommu: named.get(each.iommu) ?? each.iommu },
    ),
  };
}
