/**
 * A host bridge as a whole: requesters without MSIs or without an IOMMU beside others that have
 * one.
 */
import type { IommuAnswer, IommuKind, MsiAnswer } from '../../explanation.ts';
import type { Finding } from '../../finding.ts';
import { hex, type Board } from '../board.ts';
import { busRangeOf, requesterOf } from '../explain.ts';
import { iommuOf } from '../iommu.ts';
import { msiMaps, msiOf } from '../msi.ts';
import { piecesOf, type Piece } from '../pieces.ts';
import { referencesOf } from '../phandles.ts';
import type { DtNode } from '../tree.ts';
import { sharedItts } from './itt.ts';

interface Part<A> extends Piece {
  readonly answer: A;
}

export function bridgeFindings(board: Board, bridge: DtNode): Finding[] {
  const [firstBus, lastBus] = busRangeOf(bridge);
  const [first, last] = [firstBus << 8, (lastBus << 8) | 0xff];
  const msi = piecesOf(msiMaps(board, bridge), first, last).map((piece) => ({
    ...piece,
    answer: msiOf(board, bridge, piece.first, piece.constant, false),
  }));
  const iommuMap = board.map(bridge, 'iommu-map');
  const iommu = piecesOf([iommuMap], first, last).map((piece) => ({
    ...piece,
    answer: iommuOf(board, bridge, piece.first, piece.constant, false),
  }));
  return [
    ...parents(board, bridge),
    ...withoutMsi(board, bridge, msi, first),
    ...withoutIommu(board, bridge, iommu, msi),
    ...oneStream(board, bridge, iommuMap.mask, iommu),
    ...sharedItts(board, bridge, msi),
  ];
}

/** `msi-parent` that leads to nothing usable. */
function parents(board: Board, bridge: DtNode): Finding[] {
  if (!bridge.has('msi-parent') || bridge.has('msi-map')) return [];
  const answer = msiOf(board, bridge, 0, false);
  if (!('none' in answer)) return [];
  const { broken, at } = referencesOf(bridge, 'msi-parent', '#msi-cells', 0);
  return [
    {
      severity: 'error',
      rule: 'msi-parent',
      node: bridge.path,
      property: 'msi-parent',
      message:
        broken === 'too-few-cells'
          ? `${at?.path ?? ''} has #msi-cells = <${at?.u32('#msi-cells') ?? 0}>, and msi-parent gives fewer`
          : `leads to no MSI controller that Linux uses: ${answer.none} (${answer.at ?? bridge.path})`,
      linux: 'gives the devices no MSIs',
      meant:
        broken === 'too-few-cells'
          ? 'msi-map = <0x0 &its 0x0 0x10000>: a DeviceID for each requester'
          : 'the phandle of a controller that is there and okay',
    },
  ];
}

function withoutMsi(
  board: Board,
  bridge: DtNode,
  parts: readonly Part<MsiAnswer>[],
  firstRid: number,
): Finding[] {
  const none = parts.filter(({ answer }) => 'none' in answer && answer.none === 'no-match');
  const some = parts.some(({ answer }) => !('none' in answer));
  if (none.length > 0)
    return [
      {
        severity: !some ? 'error' : coversOneDevice(none, firstRid) ? 'note' : 'warning',
        rule: 'msi-map-partial',
        node: bridge.path,
        property: 'msi-map',
        message: `no entry for RIDs ${spans(none)} of the bridge's buses`,
        linux: some
          ? 'gives these no domain; behind a root port that has one they take that, with the RID as DeviceID'
          : 'gives the devices no MSIs',
        meant: 'a map of all RIDs that bus-range allows, or a smaller bus-range',
      },
    ];
  const first = parts[0]?.answer;
  const usable = board.controllers.all.some(({ unused, pci }) => unused === undefined && pci);
  if (first === undefined || !('none' in first) || first.none !== 'no-map' || !usable) return [];
  return [
    {
      severity: 'note',
      rule: 'bridge-without-msi',
      node: bridge.path,
      message: 'neither msi-map nor msi-parent, and no controller inside the bridge that is known',
      linux: 'gives the devices no MSIs unless the bridge driver has a controller of its own',
      meant: 'msi-map, if the MSI controller of the machine serves this bridge',
    },
  ];
}

/**
 * Where MSIs end inside the bridge they never meet the IOMMU: those of the root port need no
 * StreamID.
 */
function withoutIommu(
  board: Board,
  bridge: DtNode,
  parts: readonly Part<IommuAnswer>[],
  msi: readonly Part<MsiAnswer>[],
): Finding[] {
  const smmu = parts
    .map(({ answer }) => ('iommu' in answer ? answer.iommu : undefined))
    .find((path) => path !== undefined);
  const kind = kindOf(board, smmu);
  if (smmu === undefined || kind === undefined || bridge.string('device_type') !== 'pci') return [];
  const none = parts.filter(
    ({ answer, first, last }) =>
      'bypass' in answer && answer.bypass === 'no-match' && !isItself(board, smmu, first, last),
  );
  const [first, lastPart] = [parts[0]?.first ?? 0, parts.at(-1)];
  if (none.length === 0) return [];
  const isFree = (rid: number): boolean =>
    none.some((part) => part.first <= rid && rid <= part.last);
  const inside = msi.every(
    ({ answer }) => 'controller' in answer && answer.controller === bridge.path,
  );
  // A root port and the one device behind it: what a board with a soldered device needs.
  const behind = first + 0x100;
  const enough =
    (inside && behind <= (lastPart?.last ?? 0) ? true : !isFree(first)) && !isFree(behind);
  const what = inside ? ': DMA fails; MSIs end in the bridge and arrive' : ', MSIs included';
  return [
    {
      severity: enough ? 'note' : 'warning',
      rule: 'iommu-map-partial',
      node: bridge.path,
      property: 'iommu-map',
      message: `no entry for RIDs ${spans(none)} of the bridge's buses`,
      linux:
        kind === 'smmu-v3'
          ? `gives these no StreamID; the SMMU aborts streams that nobody set up${what}`
          : kind === 'smmu-v2'
            ? `gives these no StreamID; arm-smmu faults unmatched streams (disable_bypass is the default)${what}`
            : 'lets these pass the IOMMU by',
      meant: enough
        ? 'the devices that the board has; others in these slots would not work'
        : 'a map of all RIDs that bus-range allows; some boot firmware fills it in',
    },
  ];
}

function kindOf(board: Board, path: string | undefined): IommuKind | undefined {
  const node = path === undefined ? undefined : board.tree.at(path);
  return node === undefined ? undefined : board.iommus.at(node)?.kind;
}

/** virtio-iommu is a function of the bus that it serves: the map leaves out that one alone. */
function isItself(board: Board, iommu: string, first: number, last: number): boolean {
  const address = board.tree.at(iommu)?.u32('reg');
  return first === last && address !== undefined && requesterOf(board.tree, iommu)?.rid === first;
}

/** A root port and the device behind it are served: what a board with a soldered device needs. */
function coversOneDevice(free: readonly Piece[], first: number): boolean {
  const isFree = (rid: number): boolean =>
    free.some((part) => part.first <= rid && rid <= part.last);
  return !isFree(first) && !isFree(first + 0x100);
}

function oneStream(
  board: Board,
  bridge: DtNode,
  mask: number,
  parts: readonly Part<IommuAnswer>[],
): Finding[] {
  const used = parts.flatMap(({ answer }) => ('iommu' in answer ? [answer.iommu] : []));
  if (used.length === 0 || (mask & 0xff) === 0xff || !bridge.has('iommu-map-mask')) return [];
  return [
    {
      severity: 'note',
      rule: 'streams-shared',
      node: bridge.path,
      property: 'iommu-map-mask',
      message: `iommu-map-mask ${hex(mask)} gives several functions one StreamID`,
      linux:
        kindOf(board, used[0]) === 'smmu-v3'
          ? 'puts them in one IOMMU group; the SMMUv3 driver refuses a second device with the StreamID unless they are aliases'
          : 'puts them in one IOMMU group: they have one domain, and go to one VFIO user together',
      meant: 'this, where the hardware does not tell them apart',
    },
  ];
}

function spans(parts: readonly Piece[]): string {
  const ranges: [number, number][] = [];
  for (const { first, last } of parts) {
    const before = ranges.at(-1);
    if (before !== undefined && before[1] + 1 === first) before[1] = last;
    else ranges.push([first, last]);
  }
  const shown = ranges
    .slice(0, 4)
    .map(([first, last]) => (first === last ? hex(first) : `${hex(first)} to ${hex(last)}`));
  return shown.join(', ') + (ranges.length > 4 ? ' and others' : '');
}
