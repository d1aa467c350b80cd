/** What Linux makes of a device tree: `explainTree`. */
import {
  type BridgeExplanation,
  type ControllerNode,
  type Era,
  type Explanation,
  type FirmwareDiagnostic,
  type IommuAnswer,
  type MsiAnswer,
  type RidRange,
} from '../explanation.ts';
import { regionOf } from './address.ts';
import { Board } from './board.ts';
import { iommuOf } from './iommu.ts';
import { msiMaps, msiOf } from './msi.ts';
import { MAX_PIECES, piecesOf, type Piece } from './pieces.ts';
import { platformDevices } from './platform.ts';
import { disabledBy } from './status.ts';
import type { DtNode, DtTree } from './tree.ts';
import { FSL_MC } from './vendors.ts';

export interface ExplainOptions {
  readonly era: Era;
  /** Requester IDs to answer for; without them, ranges that cover each bridge's buses. */
  readonly rids?: readonly number[];
}

/**
 * @param diagnostics What reading the tree said; they are handed on.
 */
export function explainTree(
  tree: DtTree,
  { era, rids }: ExplainOptions,
  diagnostics: readonly FirmwareDiagnostic[] = [],
): Explanation {
  const board = new Board(tree, era);
  const found = hostBridges(tree);
  const bridges = found.slice(0, MAX_BRIDGES);
  const most = Math.max(1, Math.min(MAX_PIECES, Math.floor(MAX_ANSWERS / bridges.length)));
  const explained = bridges.map((bridge) => explainBridge(board, bridge, rids, most));
  const title = tree.root.string('model') ?? tree.root.compatible[0];
  return {
    version: 1,
    source: {
      kind: 'device-tree',
      era,
      ...(title === undefined ? {} : { title }),
      cpus: countCpus(tree),
    },
    bridges: explained,
    platform: platformDevices(board, new Set(found)),
    controllers: [
      ...board.controllers.all.map(
        ({ node, kind, name, unused, region, doorbell, spis, deviceIdBits }) => ({
          path: node.path,
          kind,
          name,
          ...(unused === undefined ? {} : { unused: unused.why }),
          ...region,
          ...(doorbell === undefined ? {} : { doorbell }),
          ...(spis === undefined ? {} : { spis }),
          ...(deviceIdBits === undefined ? {} : { deviceIdBits }),
        }),
      ),
      ...explained.flatMap((each, at) => insideOf(bridges[at] as DtNode, each)),
    ],
    iommus: board.iommus.all.map(({ node, kind, name, unused, region, streamIdBits }) => ({
      path: node.path,
      kind,
      name,
      ...(unused === undefined ? {} : { unused: unused.why }),
      ...region,
      ...(streamIdBits === undefined ? {} : { streamIdBits }),
    })),
    diagnostics: found.length > MAX_BRIDGES ? [...diagnostics, tooMany(found.length)] : diagnostics,
  };
}

/** The controller in a bridge that takes the MSIs of its devices itself. */
function insideOf(
  bridge: DtNode,
  { path, available, compatible, msi }: BridgeExplanation,
): ControllerNode[] {
  const own = msi.some((answer) => 'controller' in answer && answer.controller === path);
  if (!available || !own) return [];
  return [{ path, kind: 'in-bridge', name: compatible ?? '', ...regionOf(bridge) }];
}

/**
 * The largest machine known has 64 host bridges: these keep a tree made to hurt from filling the
 * memory.
 */
const MAX_BRIDGES = 1024;
const MAX_ANSWERS = 65_536;
/** What a topology's `msi-map` and `iommu-map` may have. */
const MAX_LISTED = 1024;

const tooMany = (bridges: number): FirmwareDiagnostic => ({
  code: 'DB615',
  severity: 'warning',
  message: `${bridges} host bridges: the first ${MAX_BRIDGES} are explained`,
});

/** PCI host bridges (not the root ports below them) and fsl-mc buses, in the order of the tree. */
export function hostBridges(tree: DtTree): DtNode[] {
  const found = new Set<DtNode>();
  for (const node of tree.having('device_type', 'msi-map', 'iommu-map', 'msi-parent')) {
    if (node.string('device_type') === 'pci') {
      if (!hasAncestor(node, found)) found.add(node);
    } else if (node.mentions('compatible', FSL_MC)) found.add(node);
  }
  return [...found];
}

function hasAncestor(node: DtNode, among: ReadonlySet<DtNode>): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) if (among.has(at)) return true;
  return false;
}

/**
 * The bridge and the RID of a device with a node below a host bridge: the first cell of its `reg`
 * has the bus, device and function (IEEE 1275 PCI binding). Bus numbers in a tree that nobody
 * enumerated are those that its author wrote, mostly 0.
 */
export function requesterOf(
  tree: DtTree,
  path: string,
): { readonly bridge: string; readonly rid: number } | undefined {
  const node = tree.at(path);
  const bridges = new Set(hostBridges(tree));
  const address = node?.u32('reg');
  if (node === undefined || address === undefined) return undefined;
  for (let at = node.parent; at !== undefined; at = at.parent)
    if (bridges.has(at)) return { bridge: at.path, rid: (address >>> 8) & 0xffff };
  return undefined;
}

function countCpus(tree: DtTree): number {
  const cpus = tree.root.child('cpus')?.children ?? [];
  return cpus.filter((node) => node.string('device_type') === 'cpu').length;
}

function explainBridge(
  board: Board,
  bridge: DtNode,
  rids: readonly number[] | undefined,
  most: number,
): BridgeExplanation {
  const busRange = busRangeOf(bridge);
  const [first, last] = [busRange[0] << 8, (busRange[1] << 8) | 0xff];
  const cut = (maps: Parameters<typeof piecesOf>[0]): readonly Piece[] =>
    rids?.map((rid) => ({ first: rid, last: rid, constant: false })) ??
    piecesOf(maps, first, last, most);
  const msiPieces = cut(msiMaps(board, bridge));
  const iommuPieces = cut([board.map(bridge, 'iommu-map')]);
  const segment = bridge.u32('linux,pci-domain');
  const name = bridge.compatible[0];
  const whole = rids === undefined;
  const msi = answered(msiPieces, whole, (piece, told) =>
    msiOf(board, bridge, piece.first, piece.constant, told),
  );
  const iommu = answered(iommuPieces, whole, (piece, told) =>
    iommuOf(board, bridge, piece.first, piece.constant, told),
  );
  const ends = (list: readonly RidRange[]): boolean => (list.at(-1)?.lastRid ?? last) === last;
  const truncated = whole && !(ends(msi) && ends(iommu));
  return {
    path: bridge.path,
    ...(name === undefined ? {} : { compatible: name }),
    available: disabledBy(bridge) === undefined,
    ...(segment === undefined ? {} : { segment }),
    ...(bridge.string('device_type') === 'pci' ? {} : { bus: 'fsl-mc' as const }),
    busRange,
    msi,
    iommu,
    ...(truncated ? { truncated } : {}),
  };
}

/** `bus-range`, at most 0 to 255; without one, all buses. */
export function busRangeOf(bridge: DtNode): [number, number] {
  const cells = bridge.cells('bus-range');
  const [first = 0, last = 255] = cells ?? [];
  return first > last || first > 255 ? [0, 255] : [first, Math.min(last, 255)];
}

/** A mask makes thousands of pieces and some ranges: only these are told stage by stage. */
function answered<A extends MsiAnswer | IommuAnswer>(
  pieces: readonly Piece[],
  whole: boolean,
  answer: (piece: Piece, told: boolean) => A,
): readonly (RidRange & A)[] {
  const few = !whole || pieces.length <= FEW;
  const ranges = merged(
    pieces.map((piece) => ranged(piece, answer(piece, few))),
    whole,
  );
  if (few) return ranges;
  return ranges.map((range) => {
    const constant = 'constant' in range && range.constant === true;
    const { stages } = answer({ first: range.rid, last: range.lastRid, constant }, true);
    return { ...range, stages };
  });
}
const FEW = 16;

const ranged = <A>({ first, last }: Piece, answer: A): RidRange & A => ({
  rid: first,
  lastRid: last,
  ...answer,
});

function merged<A extends MsiAnswer | IommuAnswer>(
  answers: readonly (RidRange & A)[],
  merge: boolean,
): readonly (RidRange & A)[] {
  if (!merge) return answers;
  const found: (RidRange & A)[] = [];
  for (const next of answers) {
    const before = found.at(-1);
    const touches = before?.lastRid === next.rid - 1;
    if (before !== undefined && touches && goesOn(before, next))
      found[found.length - 1] = { ...withoutId(before, next), lastRid: next.lastRid };
    else found.push(next);
  }
  // A list that ends before the buses do is `truncated`.
  return found.slice(0, MAX_LISTED);
}

/** Two neighbouring ranges say the same. */
function goesOn<A extends MsiAnswer | IommuAnswer>(a: RidRange & A, b: RidRange & A): boolean {
  if ('none' in a || 'none' in b) return isSame(a, b, 'none');
  if ('bypass' in a || 'bypass' in b) return isSame(a, b, 'bypass');
  if ('controller' in a && 'controller' in b) return a.controller === b.controller && risesTo(a, b);
  return 'iommu' in a && 'iommu' in b && a.iommu === b.iommu && risesTo(a, b);
}

/** The ID that a map gave beside a bypass is dropped where it does not hold for the whole range. */
function withoutId<A extends MsiAnswer | IommuAnswer>(
  a: RidRange & A,
  b: RidRange & A,
): RidRange & A {
  if (!('bypass' in a) || risesTo(a, b)) return a;
  const rest = { ...a } as RidRange & A & { streamId?: number };
  delete rest.streamId;
  return rest;
}

const isSame = (a: object, b: object, key: 'none' | 'bypass'): boolean => {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return left[key] === right[key] && left['at'] === right['at'];
};

function risesTo(
  a: RidRange & (MsiAnswer | IommuAnswer),
  b: RidRange & (MsiAnswer | IommuAnswer),
): boolean {
  const [from, to] = [idOf(a), idOf(b)];
  if (from === undefined || to === undefined) return from === to;
  if (isConstant(a) !== isConstant(b)) return false;
  return isConstant(a) ? from === to : to - from === b.rid - a.rid;
}

const idOf = (answer: MsiAnswer | IommuAnswer): number | undefined =>
  'deviceId' in answer ? answer.deviceId : 'streamId' in answer ? answer.streamId : undefined;
const isConstant = (answer: MsiAnswer | IommuAnswer): boolean =>
  'constant' in answer && answer.constant === true;
