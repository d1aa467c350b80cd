/**
 * A machine's firmware as a topology of the model: the parts that the model has, and a list of those that
 * it has not. What only hardware knows (GITS_TYPER, SMMU_IDR1, MSI_TYPER of a frame without a range) is
 * assumed, and said in `assumes`.
 */
import type {
  BridgeExplanation,
  ControllerNode,
  Explanation,
  IommuAnswer,
  IommuNode,
  MsiAnswer,
  PlatformExplanation,
} from './explanation.ts';

interface Part {
  readonly name: string;
  /** The node that it came from. */
  readonly path: string;
  /** What hardware would tell and firmware does not. */
  readonly assumes?: string;
}
export interface ImportedIts extends Part {
  readonly kind: 'gicv3-its';
  readonly base: bigint;
  readonly deviceIdBits: number;
}
export interface ImportedFrame {
  readonly path: string;
  readonly base: bigint;
  readonly baseSpi: number;
  readonly count: number;
}
export interface ImportedGicv2m extends Part {
  readonly kind: 'gicv2m';
  readonly frames: readonly ImportedFrame[];
}
export interface ImportedSmmu extends Part {
  readonly kind: 'smmu-v2' | 'smmu-v3';
  readonly streamIdBits: number;
}
export interface ImportedDevice extends Part {
  /** Of a PCI device. */
  readonly rid?: number;
  readonly controller: string;
  readonly deviceId?: number;
  readonly iommu?: string;
  readonly streamIds: readonly number[];
}
export interface ImportedTopology {
  readonly cpus: number;
  readonly controllers: readonly (ImportedIts | ImportedGicv2m)[];
  readonly iommus: readonly ImportedSmmu[];
  readonly devices: readonly ImportedDevice[];
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

const MAX_CPUS = 256;
/** GITS_TRANSLATER; an ITS behind a pre-ITS has its doorbells elsewhere. */
const TRANSLATER = 0x1_0040n;

/** @param explanation For PCI devices: asked for their RIDs, and its bridges those that are meant. */
export function importTopology(explanation: Explanation, pci: boolean): ImportedTopology {
  const names = new Names();
  const leftOut: { path: string; why: string }[] = [];
  const ids = highestIds(explanation, pci);
  const controllers = controllersOf(explanation.controllers, names, ids, leftOut);
  const iommus = iommusOf(explanation.iommus, names, ids, leftOut);
  const wired = new Wiring(controllers, iommus, leftOut);
  const devices = [
    ...(pci
      ? oncePerAddress(
          explanation.bridges.flatMap((bridge) => pciDevices(bridge, names, wired)),
          leftOut,
        )
      : []),
    ...explanation.platform.flatMap((device) => platformDevice(device, names, wired)),
  ];
  const cpus = Math.min(Math.max(explanation.source.cpus ?? 1, 1), MAX_CPUS);
  return { cpus, controllers, iommus, devices, leftOut };
}

/** `its@fe640000` is `its-fe640000`; a second of the name gets a number. */
class Names {
  readonly #taken = new Set<string>();

  for(path: string): string {
    const last = path.split('/').at(-1) ?? '';
    const plain = last.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
    const base = (/^[A-Za-z]/.test(plain) ? plain : `node-${plain}`).slice(0, 80);
    let name = base;
    for (let n = 2; this.#taken.has(name); n++) name = `${base}-${n}`;
    this.#taken.add(name);
    return name;
  }
}

type Ids = ReadonlyMap<string, number>;

/** The largest ID that anybody has at each controller and IOMMU. */
function highestIds({ bridges, platform }: Explanation, pci: boolean): Ids {
  const highest = new Map<string, number>();
  const see = (path: string, id: number | undefined): void => {
    if (id !== undefined) highest.set(path, Math.max(highest.get(path) ?? 0, id));
  };
  for (const { msi, iommu } of [...(pci ? bridges : []), ...platform]) {
    for (const each of msi) if ('controller' in each) see(each.controller, each.deviceId);
    for (const each of iommu) if ('iommu' in each) see(each.iommu, each.streamId);
  }
  return highest;
}

const bitsFor = (id: number): number => Math.max(1, Math.ceil(Math.log2(id + 1)));

function controllersOf(
  nodes: readonly ControllerNode[],
  names: Names,
  ids: Ids,
  leftOut: { path: string; why: string }[],
): (ImportedIts | ImportedGicv2m)[] {
  const found: (ImportedIts | ImportedGicv2m)[] = [];
  const frames: ControllerNode[] = [];
  for (const node of nodes) {
    const { path, kind, unused, base, doorbell } = node;
    if (kind === 'gicv2m' && (unused === undefined || unused === 'not-first-frame')) {
      frames.push(node);
      continue;
    }
    const why =
      unused !== undefined
        ? `Linux does not use it (${unused})`
        : kind !== 'gicv3-its'
          ? `the model has no ${node.name}`
          : base === undefined || doorbell !== base + TRANSLATER || base % 0x1_0000n !== 0n
            ? 'the model has no ITS with its doorbell elsewhere (pre-ITS)'
            : undefined;
    if (why !== undefined || base === undefined) {
      leftOut.push({ path, why: why ?? 'its registers are not known' });
      continue;
    }
    const deviceIdBits = Math.max(16, bitsFor(ids.get(path) ?? 0));
    const assumes = 'GITS_TYPER: DeviceID and EventID bits';
    found.push({ kind: 'gicv3-its', name: names.for(path), path, base, deviceIdBits, assumes });
  }
  const gicv2m = gicv2mOf(frames, names, leftOut);
  return gicv2m === undefined ? found : [...found, gicv2m];
}

/** One controller: Linux makes one MSI domain of all frames. */
function gicv2mOf(
  nodes: readonly ControllerNode[],
  names: Names,
  leftOut: { path: string; why: string }[],
): ImportedGicv2m | undefined {
  const frames: ImportedFrame[] = [];
  let assumed = false;
  // QEMU's range, for frames that say it in MSI_TYPER alone.
  let next = 80;
  for (const { path, base, spis } of nodes) {
    const [baseSpi, count] = spis?.[0] ?? [next, 64];
    if (base === undefined || base % 4096n !== 0n || baseSpi < 32 || baseSpi + count > 1020) {
      leftOut.push({ path, why: 'its page or its SPIs are none that the model takes' });
      continue;
    }
    assumed ||= spis?.[0] === undefined;
    next = Math.max(next, baseSpi + count);
    frames.push({ path, base, baseSpi, count });
  }
  const first = frames[0];
  if (first === undefined) return undefined;
  return {
    kind: 'gicv2m',
    name: names.for(first.path),
    path: first.path,
    frames,
    ...(assumed ? { assumes: 'MSI_TYPER: the SPIs of a frame' } : {}),
  };
}

function iommusOf(
  nodes: readonly IommuNode[],
  names: Names,
  ids: Ids,
  leftOut: { path: string; why: string }[],
): ImportedSmmu[] {
  return nodes.flatMap(({ path, kind, unused, name }) => {
    if (unused !== undefined || kind === 'other') {
      const why =
        unused === undefined ? `the model has no ${name}` : `Linux does not use it (${unused})`;
      leftOut.push({ path, why });
      return [];
    }
    const bits = bitsFor(ids.get(path) ?? 0);
    const streamIdBits = kind === 'smmu-v2' ? (bits > 15 ? 16 : 15) : Math.max(16, bits);
    const assumes =
      kind === 'smmu-v2' ? 'IDR0: groups and context banks' : 'SMMU_IDR1: StreamID bits';
    return [{ kind, name: names.for(path), path, streamIdBits, assumes }];
  });
}

/** From answers to names of parts, or why a device cannot be wired. */
class Wiring {
  readonly #controllers = new Map<string, { name: string; its: boolean }>();
  readonly #iommus = new Map<string, string>();
  readonly leftOut: { path: string; why: string }[];

  constructor(
    controllers: readonly (ImportedIts | ImportedGicv2m)[],
    iommus: readonly ImportedSmmu[],
    leftOut: { path: string; why: string }[],
  ) {
    this.leftOut = leftOut;
    for (const each of controllers) {
      const paths = each.kind === 'gicv2m' ? each.frames.map(({ path }) => path) : [each.path];
      for (const path of paths)
        this.#controllers.set(path, { name: each.name, its: each.kind === 'gicv3-its' });
    }
    for (const { path, name } of iommus) this.#iommus.set(path, name);
  }

  of(
    path: string,
    msi: readonly MsiAnswer[],
    iommu: readonly IommuAnswer[],
  ): Omit<ImportedDevice, 'name' | 'path' | 'rid'> | undefined {
    const refuse = (why: string): undefined => {
      this.leftOut.push({ path, why });
      return undefined;
    };
    const to = msi.find((each) => 'controller' in each);
    if (to === undefined || !('controller' in to)) {
      const [first] = msi;
      return refuse(`no MSIs: ${first !== undefined && 'none' in first ? first.none : 'no-map'}`);
    }
    const controller = this.#controllers.get(to.controller);
    if (controller === undefined) return refuse(`the model has no ${to.controller}`);
    const streams = iommu.filter((each) => 'iommu' in each);
    const smmu = streams[0]?.iommu;
    const name = smmu === undefined ? undefined : this.#iommus.get(smmu);
    if (smmu !== undefined && name === undefined) return refuse(`the model has no ${smmu}`);
    if (streams.some(({ hwMsi }) => hwMsi === true))
      return refuse('the model has no SMMU that MSIs pass untranslated (HW_MSI)');
    const waits = iommu.some((each) => 'bypass' in each && each.bypass === 'bad-cells');
    if (waits) return refuse('no driver binds: its SMMU does not start');
    const streamIds = streams
      .filter((each) => each.iommu === smmu)
      .flatMap(({ streamId }) => (streamId === undefined ? [] : [streamId]));
    return {
      controller: controller.name,
      ...(controller.its && to.deviceId !== undefined ? { deviceId: to.deviceId } : {}),
      ...(name === undefined ? {} : { iommu: name }),
      streamIds: [...new Set(streamIds)],
    };
  }
}

function pciDevices(bridge: BridgeExplanation, names: Names, wiring: Wiring): ImportedDevice[] {
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

/** The model has one segment: of two devices with one address the first stays. */
function oncePerAddress(
  devices: readonly ImportedDevice[],
  leftOut: { path: string; why: string }[],
): ImportedDevice[] {
  const seen = new Set<number | undefined>();
  return devices.filter(({ rid, path }) => {
    const again = seen.has(rid);
    seen.add(rid);
    if (again) leftOut.push({ path, why: 'the model has one segment, and its address is taken' });
    return !again;
  });
}

/** Devices that send MSIs; an SMMU's own, and those that turn wires into MSIs, are no devices of the model. */
function platformDevice(
  { path, available, role, msi, iommu }: PlatformExplanation,
  names: Names,
  wiring: Wiring,
): ImportedDevice[] {
  if (!available || msi.length === 0 || role === 'iommu') return [];
  const links = wiring.of(path, msi, iommu);
  if (links === undefined) return [];
  return [{ name: names.for(path), path, ...links }];
}
