/**
 * The MSI controllers of a tree, and which of them Linux makes an MSI domain of.
 *
 * - ITS (irq-gic-v3-its.c: `its_of_probe`): available itself (the nodes above are not asked), has
 *   `msi-controller`, registers that translate, and stands after the GICv3 in the tree.
 * - GICv2m (irq-gic-v2m.c: `gicv2m_of_init`): the status is not looked at. One domain serves all
 *   frames, at the first; a GICv3 with LPIs does not use frames.
 * - MBI (irq-gic-v3-mbi.c: `mbi_init`): a GICv3 with `msi-controller` and pairs in `mbi-ranges`.
 * - Others are platform drivers: the node and all above must be available.
 */
import type { ControllerKind } from '../explanation.ts';
import type { Why } from '../why.ts';
import { regionOf, toCpu, type Region } from './address.ts';
import { disabledBy, isAvailable } from './status.ts';
import type { DtNode, DtTree } from './tree.ts';
import {
  GICV2,
  GICV3,
  isVirtual,
  ITS,
  PCI_MSI,
  PLATFORM_MSI,
  V2M,
  VIRTUAL_ID_BITS,
} from './vendors.ts';

/** GITS_TRANSLATER; MSI_SETSPI_NS; GICD_SETSPI_NSR. */
const ITS_DOORBELL = 0x1_0040n;
const V2M_DOORBELL = 0x40n;
const MBI_DOORBELL = 0x40n;

export interface Controller {
  readonly node: DtNode;
  readonly kind: ControllerKind;
  readonly name: string;
  /** Why there is no domain, and the property that says so. */
  readonly unused?: { readonly why: Why; readonly at: DtNode; readonly property?: string };
  /** PCI devices can use its domain. */
  readonly pci: boolean;
  readonly region?: Region;
  readonly doorbell?: bigint;
  /**
   * Distance between the doorbells of two DeviceIDs: 4 behind a pre-ITS. Without it there is one.
   */
  readonly stride?: bigint;
  readonly spis?: readonly (readonly [number, number])[];
  readonly deviceIdBits?: number;
}

/** What one tree has; asked for by node. */
export class Controllers {
  readonly all: readonly Controller[];
  readonly #byNode = new Map<DtNode, Controller>();

  constructor(tree: DtTree) {
    this.all = findControllers(tree);
    for (const controller of this.all) this.#byNode.set(controller.node, controller);
  }

  at(node: DtNode): Controller | undefined {
    return this.#byNode.get(node);
  }
}

function findControllers(tree: DtTree): Controller[] {
  const found: Controller[] = [];
  let gicv3: DtNode | undefined;
  let gicv2: DtNode | undefined;
  let firstFrame: DtNode | undefined;
  const frames: DtNode[] = [];
  for (const node of tree.having('msi-controller'))
    if (!node.mentions('compatible', 'gic') && isOther(node))
      found.push(other(node, node.compatible[0] ?? ''));
  // Names of GICs, ITSs and frames all say so.
  for (const node of tree.having('compatible')) {
    if (!node.mentions('compatible', 'gic')) continue;
    const names = node.compatible;
    if (names.some((name) => GICV3.has(name)) && isAvailable(node)) {
      gicv3 ??= node;
      if (node.has('mbi-ranges') || node.has('msi-controller')) found.push(mbi(node, names));
    } else if (names.includes(ITS)) found.push(its(node, gicv3));
    else if (names.includes(V2M)) frames.push(node);
    else if (names.some((name) => GICV2.has(name)) && isAvailable(node)) gicv2 ??= node;
    else if (isOther(node)) found.push(other(node, names[0] ?? ''));
  }
  const lpis = found.some(({ kind, unused }) => kind === 'gicv3-its' && unused === undefined);
  for (const node of frames) {
    const frame = v2m(node, gicv3 ?? gicv2, gicv3 !== undefined && lpis, firstFrame);
    if (frame.unused === undefined) firstFrame = node;
    found.push(frame);
  }
  return found.sort((a, b) => a.node.index - b.node.index);
}

/** Bridges with `msi-controller` are found by their own `msi-parent`; see `msi.ts`. */
const isOther = (node: DtNode): boolean =>
  node.has('msi-controller') && node.string('device_type') !== 'pci';

function its(node: DtNode, gic: DtNode | undefined): Controller {
  const region = regionOf(node);
  const unused = !isAvailable(node)
    ? ({ why: 'disabled', at: node, property: 'status' } as const)
    : !node.has('msi-controller')
      ? ({ why: 'no-msi-controller', at: node, property: 'msi-controller' } as const)
      : gic === undefined
        ? ({ why: 'wrong-place', at: node } as const)
        : region === undefined
          ? ({ why: 'bad-registers', at: node, property: 'reg' } as const)
          : undefined;
  return {
    node,
    kind: 'gicv3-its',
    name: ITS,
    pci: true,
    ...(unused === undefined ? {} : { unused }),
    ...(region === undefined ? {} : { region, ...doorbellOf(node, region.base) }),
    ...deviceIdBits(node),
  };
}

/** A DeviceID has four bytes of a pre-ITS's window, which is `<base size>`. */
function deviceIdBits(node: DtNode): { readonly deviceIdBits?: number } {
  const size = node.cells('socionext,synquacer-pre-its')?.[1];
  if (size !== undefined && size >= 8) return { deviceIdBits: Math.floor(Math.log2(size)) - 2 };
  return isVirtual(node.tree) ? { deviceIdBits: VIRTUAL_ID_BITS } : {};
}

/**
 * Synquacer and TI K3: a pre-ITS takes the writes and makes the DeviceID out of the address, which
 * `its_of_probe`'s quirk (its_enable_quirk_socionext_synquacer) programs as base + 4 * DeviceID.
 */
function doorbellOf(node: DtNode, base: bigint): { doorbell: bigint; stride?: bigint } {
  const preIts = node.u32('socionext,synquacer-pre-its');
  return preIts === undefined
    ? { doorbell: base + ITS_DOORBELL }
    : { doorbell: BigInt(preIts), stride: 4n };
}

function v2m(
  node: DtNode,
  gic: DtNode | undefined,
  beside: boolean,
  first: DtNode | undefined,
): Controller {
  const region = regionOf(node);
  const unused =
    gic === undefined || node.index < gic.index
      ? ({ why: 'wrong-place', at: node } as const)
      : beside
        ? ({ why: 'beside-its', at: node } as const)
        : !node.has('msi-controller')
          ? ({ why: 'no-msi-controller', at: node, property: 'msi-controller' } as const)
          : region === undefined
            ? ({ why: 'bad-registers', at: node, property: 'reg' } as const)
            : first !== undefined
              ? ({ why: 'not-first-frame', at: first } as const)
              : undefined;
  const [base, count] = [node.u32('arm,msi-base-spi'), node.u32('arm,msi-num-spis')];
  return {
    node,
    kind: 'gicv2m',
    name: V2M,
    pci: true,
    ...(unused === undefined ? {} : { unused }),
    ...(region === undefined ? {} : { region, doorbell: region.base + V2M_DOORBELL }),
    spis: base === undefined || count === undefined ? [] : [[base, count]],
  };
}

function mbi(node: DtNode, names: readonly string[]): Controller {
  const region = regionOf(node);
  const cells = node.cells('mbi-ranges') ?? [];
  const whole = (node.lengthOf('mbi-ranges') ?? 0) % 4 === 0;
  const base = mbiBase(node) ?? region?.base;
  const unused = !node.has('msi-controller')
    ? ({ why: 'no-msi-controller', at: node, property: 'msi-controller' } as const)
    : cells.length === 0 || cells.length % 2 !== 0 || !whole
      ? ({ why: 'not-a-controller', at: node, property: 'mbi-ranges' } as const)
      : base === undefined
        ? ({ why: 'bad-registers', at: node, property: 'reg' } as const)
        : undefined;
  const spis: [number, number][] = [];
  for (let i = 0; i + 1 < cells.length; i += 2)
    spis.push([cells[i] as number, cells[i + 1] as number]);
  return {
    node,
    kind: 'gicv3-mbi',
    name: names.find((name) => GICV3.has(name)) ?? '',
    pci: true,
    ...(unused === undefined ? {} : { unused }),
    ...(region === undefined ? {} : { region }),
    ...(base === undefined ? {} : { doorbell: base + MBI_DOORBELL }),
    spis,
  };
}

/** `mbi-alias`: another page that the distributor answers at. */
function mbiBase(node: DtNode): bigint | undefined {
  const cells = node.cells('mbi-alias');
  if (cells === undefined || node.parent === undefined) return undefined;
  const address = cells.slice(0, 2).reduce((value, cell) => (value << 32n) | BigInt(cell), 0n);
  return toCpu(node.parent, address);
}

function other(node: DtNode, name: string): Controller {
  const at = disabledBy(node);
  const region = regionOf(node);
  const driver = node.compatible.find((each) => PCI_MSI.has(each) || PLATFORM_MSI.has(each));
  return {
    node,
    kind: 'other',
    name: driver ?? name,
    pci: driver === undefined || PCI_MSI.has(driver),
    ...(at === undefined ? {} : { unused: { why: 'disabled', at, property: 'status' } as const }),
    ...(region === undefined ? {} : { region }),
  };
}
