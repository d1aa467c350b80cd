/** Two requesters with one DeviceID at one ITS, or with one StreamID at one IOMMU. */
import type { Finding } from '../../finding.ts';
import { hex, type Board } from '../board.ts';
import { busRangeOf } from '../explain.ts';
import { iommuOf } from '../iommu.ts';
import { msiMaps, msiOf } from '../msi.ts';
import { piecesOf } from '../pieces.ts';
import { platformDevices } from '../platform.ts';
import type { DtNode } from '../tree.ts';

interface Claim {
  readonly who: string;
  readonly target: string;
  readonly first: number;
  readonly last: number;
  /** From `msi-parent` alone: boot firmware of such boards often adds a map. */
  readonly byParent: boolean;
}

export function collisions(board: Board, bridges: readonly DtNode[]): Finding[] {
  const pci = bridges.filter((bridge) => bridge.string('device_type') === 'pci');
  const platform = platformDevices(board, new Set(bridges)).filter(({ available }) => available);
  const deviceIds = [
    ...pci.flatMap((bridge) => claims(board, bridge, 'msi')),
    ...platform.flatMap(({ path, msi }) =>
      msi.flatMap((each) =>
        'none' in each || each.deviceId === undefined
          ? []
          : [claim(path, each.controller, each.deviceId, each.deviceId)],
      ),
    ),
  ];
  return [
    ...shared(deviceIds, 'DeviceID', 'device-ids-shared'),
    ...shared(
      pci.flatMap((bridge) => claims(board, bridge, 'iommu')),
      'StreamID',
      'stream-ids-shared',
    ),
  ];
}

const claim = (who: string, target: string, first: number, last: number): Claim => ({
  who,
  target,
  first,
  last,
  byParent: false,
});

function claims(board: Board, bridge: DtNode, which: 'msi' | 'iommu'): Claim[] {
  const [firstBus, lastBus] = busRangeOf(bridge);
  const maps = which === 'msi' ? msiMaps(board, bridge) : [board.map(bridge, 'iommu-map')];
  const pieces = piecesOf(maps, firstBus << 8, (lastBus << 8) | 0xff);
  return pieces.flatMap(({ first, last, constant }) => {
    const answer =
      which === 'msi'
        ? msiOf(board, bridge, first, constant, false)
        : iommuOf(board, bridge, first, constant, false);
    const [target, id] =
      'controller' in answer
        ? [answer.controller, answer.deviceId]
        : 'iommu' in answer
          ? [answer.iommu, answer.streamId]
          : [undefined, undefined];
    if (target === undefined || id === undefined) return [];
    const end = 'constant' in answer && answer.constant === true ? id : id + last - first;
    return [{ ...claim(bridge.path, target, id, end), byParent: maps.length === 0 }];
  });
}

function shared(claims: readonly Claim[], what: string, rule: string): Finding[] {
  const found: Finding[] = [];
  const told = new Set<string>();
  const sorted = [...claims].sort((a, b) =>
    a.target < b.target ? -1 : a.target > b.target ? 1 : a.first - b.first,
  );
  let widest: Claim | undefined;
  for (const next of sorted) {
    const pair = `${widest?.who ?? ''} ${next.who}`;
    if (
      widest !== undefined &&
      widest.target === next.target &&
      widest.who !== next.who &&
      next.first <= widest.last &&
      !told.has(pair)
    ) {
      told.add(pair);
      found.push(finding(widest, next, what, rule));
    }
    if (widest === undefined || widest.target !== next.target || next.last > widest.last)
      widest = next;
  }
  return found;
}

function finding(a: Claim, b: Claim, what: string, rule: string): Finding {
  const to = Math.min(a.last, b.last);
  const ids = b.first === to ? hex(to) : `${hex(b.first)} to ${hex(to)}`;
  const byParent = a.byParent || b.byParent;
  return {
    severity: 'warning',
    rule,
    node: b.who,
    message: `${what}s ${ids} at ${a.target} are also those of ${a.who}`,
    linux:
      what === 'DeviceID'
        ? 'gives both one interrupt translation table, made for the vectors of whichever comes first; the other gets what is left of it, or no MSIs (-ENOSPC)'
        : 'puts them in one IOMMU group, or refuses the second',
    meant: byParent
      ? 'an msi-map for each bridge; some boot firmware adds it'
      : 'another output base for each of them',
  };
}
