/** Devices of an imported topology: platform devices, and the PCI devices that were asked for. */
import type {
  BridgeExplanation,
  IommuAnswer,
  MsiAnswer,
  PlatformExplanation,
} from '../explanation.ts';
import type {
  ImportedController,
  ImportedDevice,
  ImportedSmmu,
  LeftOut,
  NameOf,
  Names,
} from './parts.ts';

/** From answers to names of parts, or why a device cannot be wired. */
export class Wiring {
  readonly #names: NameOf;
  /** Bits of DeviceIDs and StreamIDs, by the part's name. */
  readonly #bits: ReadonlyMap<string, number>;
  readonly leftOut: LeftOut;

  constructor(
    names: NameOf,
    controllers: readonly ImportedController[],
    iommus: readonly ImportedSmmu[],
    leftOut: LeftOut,
  ) {
    this.#names = names;
    this.#bits = new Map([
      ...controllers.flatMap((each) =>
        each.kind === 'gicv3-its' ? [[each.name, each.deviceIdBits] as const] : [],
      ),
      ...iommus.map((each) => [each.name, each.streamIdBits] as const),
    ]);
    this.leftOut = leftOut;
  }

  of(
    path: string,
    msi: readonly MsiAnswer[],
    iommu: readonly IommuAnswer[],
  ): Omit<ImportedDevice, 'name' | 'path' | 'rid'> | undefined {
    const refuse = (why: string): undefined => {
      this.leftOut.add(path, why);
      return undefined;
    };
    const to = msi.find((each) => 'controller' in each);
    if (to === undefined || !('controller' in to)) {
      const [first] = msi;
      return refuse(`no MSIs: ${first !== undefined && 'none' in first ? first.none : 'no-map'}`);
    }
    const controller = this.#names.get(to.controller);
    if (controller === undefined) return refuse(`the model has no ${to.controller}`);
    const streams = iommu.filter((each) => 'iommu' in each);
    const smmu = streams[0]?.iommu;
    const name = smmu === undefined ? undefined : this.#names.get(smmu);
    if (smmu !== undefined && name === undefined) return refuse(`the model has no ${smmu}`);
    const waits = iommu.some((each) => 'bypass' in each && each.bypass === 'bad-cells');
    if (waits) return refuse('no driver binds: its SMMU does not start');
    const streamIds = streams
      .filter((each) => each.iommu === smmu)
      .flatMap(({ streamId }) => (streamId === undefined ? [] : [streamId]));
    const deviceId = this.#bits.has(controller) ? to.deviceId : undefined;
    const tooWide =
      this.#tooWide('DeviceID', deviceId, controller) ??
      streamIds.map((id) => this.#tooWide('StreamID', id, name)).find((why) => why !== undefined);
    if (tooWide !== undefined) return refuse(tooWide);
    return {
      controller,
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(name === undefined ? {} : { iommu: name }),
      streamIds: [...new Set(streamIds)],
    };
  }

  #tooWide(what: string, id: number | undefined, name: string | undefined): string | undefined {
    const bits = name === undefined ? undefined : this.#bits.get(name);
    if (id === undefined || bits === undefined || id < 2 ** bits) return undefined;
    return `its ${what} 0x${id.toString(16)} takes more than the ${bits} bits that there are`;
  }
}

/** @param asked Bridges that were asked for RIDs: one answer each. */
export function pciDevices(
  asked: readonly BridgeExplanation[],
  names: Names,
  wiring: Wiring,
): ImportedDevice[] {
  const found = asked.flatMap((bridge) => behind(bridge, names, wiring));
  // The model has one segment: of two devices with one address the first stays.
  const seen = new Set<number | undefined>();
  return found.filter(({ rid, path }) => {
    const again = seen.has(rid);
    seen.add(rid);
    if (again) wiring.leftOut.add(path, 'the model has one segment, and its address is taken');
    return !again;
  });
}

function behind(bridge: BridgeExplanation, names: Names, wiring: Wiring): ImportedDevice[] {
  return bridge.msi.flatMap((msi) => {
    const { rid } = msi;
    const [bus, device, fn] = [rid >> 8, (rid >> 3) & 31, rid & 7];
    // Several bridges are asked for several devices: each has those of its own buses.
    if (bus < bridge.busRange[0] || bus > bridge.busRange[1]) return [];
    const address = [bus, device].map((n) => n.toString(16).padStart(2, '0')).join(':');
    const path = `${bridge.path} ${address}.${fn}`;
    const iommu = bridge.iommu.filter((each) => each.rid === rid);
    const links = wiring.of(path, [msi], iommu);
    return links === undefined
      ? []
      : [{ name: names.for(`pci-${address}-${fn}`), path, rid, ...links }];
  });
}

/**
 * Devices that send MSIs; an SMMU's own, and those that turn wires into MSIs, are no devices of the
 * model.
 */
export function platformDevice(
  { path, available, role, msi, iommu }: PlatformExplanation,
  names: Names,
  wiring: Wiring,
): ImportedDevice[] {
  if (!available || msi.length === 0 || role === 'iommu') return [];
  const links = wiring.of(path, msi, iommu);
  return links === undefined ? [] : [{ name: names.for(path), path, ...links }];
}

/** The streams of a device that sends no MSIs, in the words of `explain`. */
export function streamsAlone({
  path,
  available,
  role,
  msi,
  iommu,
}: PlatformExplanation): { readonly path: string; readonly streams: readonly string[] }[] {
  if (!available || msi.length > 0 || role === 'iommu') return [];
  const streams = iommu.flatMap((each) => {
    if (!('iommu' in each)) return [];
    const id = each.streamId === undefined ? '' : ` StreamID 0x${each.streamId.toString(16)}`;
    const mask = each.mask === undefined ? '' : ` mask 0x${each.mask.toString(16)}`;
    return [`${each.iommu}${id}${mask}`];
  });
  return streams.length === 0 ? [] : [{ path, streams }];
}
