/**
 * iommu-map and msi-map of an available host bridge: what is broken, unreachable, or left out by
 * one.
 */
import type { Finding } from '../../finding.ts';
import { entryText, hex, mapStage, type Board } from '../board.ts';
import type { IdMap, MapEntry } from '../map-id.ts';
import type { DtNode } from '../tree.ts';

export function mapFindings(board: Board, bridge: DtNode): Finding[] {
  return (['msi-map', 'iommu-map'] as const)
    .filter((name) => bridge.has(name))
    .flatMap((name) => {
      const map = board.map(bridge, name);
      return [
        ...broken(map),
        ...targets(board, map),
        ...overlaps(map),
        ...zeroLengths(map),
        ...shortByOne(map),
      ];
    });
}

const effect = ({ name }: IdMap): string =>
  name === 'msi-map' ? 'the devices get no MSIs from it' : 'the devices have no IOMMU';

/** Asking for an ID that no entry takes leads to whatever ends the scan. */
function broken(map: IdMap): Finding[] {
  const found: Finding[] = [];
  const blame = (at: number, why: string, says: string, meant: string): void => {
    found.push({
      severity: 'error',
      rule: 'broken-map',
      node: map.node.path,
      property: map.name,
      message: `${says}${at > 0 ? `, from cell ${at} on` : ''} (${why})`,
      linux: `gives the map up there: ${effect(map)}`,
      meant,
    });
  };
  for (const entry of map.entries.slice(0, LIMIT))
    if (entry.target === undefined)
      blame(
        entry.at,
        'bad-phandle',
        `${entryText(entry)} goes to phandle ${hex(entry.phandle)}, which no node has`,
        'the phandle of the controller',
      );
  const end = map.end;
  if (end.kind === 'error')
    blame(end.at, end.why, mapStage(map, 0, end).says, MEANT[end.why] ?? 'entries of four cells');
  return found;
}

const MEANT: Readonly<Record<string, string>> = {
  'bad-length': 'entries of four cells: <id-base &target output-base length>',
  'base-outside-mask': 'a base within the mask, or a wider mask',
  'bad-phandle': 'the phandle of the controller',
};

function targets(board: Board, map: IdMap): Finding[] {
  const seen = new Set<DtNode>();
  return map.entries.flatMap(({ target, length }) => {
    if (target === undefined || length === 0 || seen.has(target)) return [];
    seen.add(target);
    return map.name === 'msi-map' ? msiTarget(board, map, target) : iommuTarget(board, map, target);
  });
}

function msiTarget(board: Board, map: IdMap, target: DtNode): Finding[] {
  const controller = board.controllers.at(target);
  const why =
    controller === undefined
      ? 'no MSI controller'
      : controller.unused !== undefined
        ? `${controller.name}, but not used: ${controller.unused.why}`
        : controller.pci
          ? undefined
          : `a ${controller.name}, which takes no MSIs of PCI devices`;
  if (why === undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'msi-map-target',
      node: map.node.path,
      property: map.name,
      message: `leads to ${target.path}: ${why}`,
      linux: map.node.has('msi-parent')
        ? 'falls back to msi-parent, with the RID as DeviceID'
        : 'gives the devices no MSIs',
      meant:
        controller?.unused?.why === 'not-first-frame'
          ? `the first GICv2m frame, ${controller.unused.at.path}: Linux makes one domain of all`
          : controller?.unused?.why === 'disabled'
            ? 'status = "okay" on the controller'
            : 'an MSI controller: a node with msi-controller that a driver takes',
    },
  ];
}

function iommuTarget(board: Board, map: IdMap, target: DtNode): Finding[] {
  const iommu = board.iommus.at(target);
  if (iommu !== undefined && iommu.unused?.why !== 'disabled') return [];
  const off = iommu?.unused;
  return [
    {
      severity: off === undefined ? 'error' : 'warning',
      rule: off === undefined ? 'iommu-map-target' : 'iommu-disabled',
      node: map.node.path,
      property: map.name,
      message:
        off === undefined
          ? `leads to ${target.path}, which is no IOMMU`
          : `leads to ${target.path}, which is off: status of ${off.at.path} is "${off.at.string('status') ?? ''}"`,
      linux:
        off === undefined
          ? 'lets the devices do DMA untranslated'
          : 'does not touch the IOMMU and lets the devices do DMA untranslated: if boot firmware left it on, their DMA and MSIs are stopped there',
      meant:
        off === undefined
          ? 'the phandle of an IOMMU'
          : 'status = "okay" if Linux owns it; no iommu-map if somebody else does and lets traffic through',
    },
  ];
}

function overlaps(map: IdMap): Finding[] {
  const found: Finding[] = [];
  const useful = map.entries.filter(({ length }) => length > 0);
  for (const [index, entry] of useful.slice(0, LIMIT).entries()) {
    const before = useful
      .slice(0, index)
      .find((other) => entry.base < other.end && other.base < entry.end);
    if (before === undefined || sameWay(before, entry)) continue;
    found.push({
      severity: 'warning',
      rule: 'map-overlap',
      node: map.node.path,
      property: map.name,
      message: `${entryText(entry)} overlaps ${entryText(before)}`,
      linux: 'takes the first entry for the IDs that are in both',
      meant: 'ranges that touch: length is a number of IDs, and base + length is the first behind',
    });
  }
  return found;
}

const LIMIT = 1000;
const sameWay = (a: MapEntry, b: MapEntry): boolean =>
  a.target === b.target &&
  ((a.outputs[0] ?? 0) - a.base) >>> 0 === ((b.outputs[0] ?? 0) - b.base) >>> 0;

function zeroLengths(map: IdMap): Finding[] {
  return map.entries
    .filter(({ length }) => length === 0)
    .slice(0, 1)
    .map((entry) => ({
      severity: 'note' as const,
      rule: 'empty-range',
      node: map.node.path,
      property: map.name,
      message: `${entryText(entry)} has length 0 and takes no ID`,
      linux: 'passes over it',
      meant: 'a placeholder that boot firmware fills in, or a length',
    }));
}

/**
 * A last RID of 0xffff, 0xfff..., one short of a round end: written as if the end belonged to the
 * range.
 */
function shortByOne(map: IdMap): Finding[] {
  return map.entries
    .filter(
      ({ base, end, length }) => length >= 0xff && (end & 0xff) === 0xff && (base & 0xff) === 0,
    )
    .filter(({ end }) => map.map(end).kind === 'no-match')
    .map((entry) => ({
      severity: 'warning' as const,
      rule: 'short-by-one',
      node: map.node.path,
      property: map.name,
      message: `${entryText(entry)} ends before ID ${hex(entry.end)}, the last function of the last bus`,
      linux: `maps ${hex(entry.base)} to ${hex(entry.end - 1)}; for ${hex(entry.end)} ${effect(map)}`,
      meant: `length ${hex(entry.length + 1)}: it is a number of IDs, not the last one`,
    }));
}
