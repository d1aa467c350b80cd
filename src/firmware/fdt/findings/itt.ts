/**
 * Requesters of one bridge with one DeviceID at an ITS: one ITT, made for the vectors of the first
 * (`its_msi_prepare`: "Reusing ITT for devID"). With msi-map-mask 0xfff8 booted 6.1 and 6.12 gave
 * the second function of a slot no MSI at all.
 */
import type { MsiAnswer } from '../../explanation.ts';
import type { Finding } from '../../finding.ts';
import { hex, type Board } from '../board.ts';
import type { Piece } from '../pieces.ts';
import type { DtNode } from '../tree.ts';

interface Claim {
  readonly first: number;
  readonly last: number;
  readonly piece: Piece;
}

export function sharedItts(
  board: Board,
  bridge: DtNode,
  parts: readonly (Piece & { readonly answer: MsiAnswer })[],
): Finding[] {
  const claims = new Map<string, Claim[]>();
  for (const { answer, ...piece } of parts) {
    if (!('controller' in answer) || answer.deviceId === undefined) continue;
    // An ID that no map gave is the RID: of a device that nobody had in mind.
    if (board.map(bridge, 'msi-map').map(piece.first).kind !== 'match') continue;
    const node = board.tree.at(answer.controller);
    if (node === undefined || board.controllers.at(node)?.kind !== 'gicv3-its') continue;
    const first = answer.deviceId;
    const last = piece.constant ? first : first + piece.last - piece.first;
    const list = claims.get(answer.controller);
    if (list === undefined) claims.set(answer.controller, [{ first, last, piece }]);
    else list.push({ first, last, piece });
  }
  for (const [its, list] of claims) {
    const pair = twice(list);
    if (pair === undefined) continue;
    const [id, one, other] = pair;
    const masked = bridge.has('msi-map-mask');
    return [
      {
        // A mask is meant, mostly: one device on a bus, with one function.
        severity: masked ? 'note' : 'warning',
        rule: 'itt-too-small',
        node: bridge.path,
        property: masked ? 'msi-map-mask' : 'msi-map',
        message: `RIDs ${hex(one)} and ${hex(other)} have one DeviceID, ${hex(id)}, at ${its}`,
        linux:
          'makes one interrupt translation table, for the vectors of whichever comes first (for DeviceID 0 at least 32): the other gets what is left over, or no MSIs (-ENOSPC)',
        meant: masked
          ? 'this, where no two of them are there, or the hardware does not tell them apart'
          : 'ranges that keep requesters apart',
      },
    ];
  }
  return [];
}

/** An ID that two RIDs have, and the two. */
function twice(list: readonly Claim[]): readonly [number, number, number] | undefined {
  const sorted = [...list].sort((a, b) => a.first - b.first);
  let before: Claim | undefined;
  for (const claim of sorted) {
    const { first, piece } = claim;
    if (piece.constant && piece.last > piece.first) return [first, piece.first, piece.first + 1];
    if (before !== undefined && first <= before.last)
      return [first, before.piece.first + first - before.first, piece.first];
    if (before === undefined || claim.last > before.last) before = claim;
  }
  return undefined;
}
