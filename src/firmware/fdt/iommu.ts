/**
 * The IOMMU and StreamID of a requester: drivers/iommu/of_iommu.c. PCI devices go through
 * `iommu-map` of their host bridge alone; platform devices through `iommus`.
 */
import type { IommuAnswer, Stage } from '../explanation.ts';
import { mapStage, type Board } from './board.ts';
import { referencesOf, referenceText } from './phandles.ts';
import type { DtNode } from './tree.ts';

/** @param told Whether the map's stage is wanted, too: it costs more than the answer. */
export function iommuOf(
  board: Board,
  bridge: DtNode,
  rid: number,
  constant: boolean,
  told = true,
): IommuAnswer {
  const map = board.map(bridge, 'iommu-map');
  const result = map.map(rid);
  const stages = told ? [mapStage(map, rid, result)] : [];
  if (result.kind === 'absent') return { bypass: 'no-map', at: bridge.path, stages };
  if (result.kind === 'no-match') return { bypass: 'no-match', at: bridge.path, stages };
  if (result.kind === 'error') return { bypass: result.why, at: bridge.path, stages };
  return withStream(board, result.target, result.cells, constant, stages);
}

/** The answers for each entry of a platform device's `iommus`. */
export function iommusOf(board: Board, device: DtNode): IommuAnswer[] {
  const { list, broken, at } = referencesOf(device, 'iommus', '#iommu-cells');
  const answers: IommuAnswer[] = [];
  for (const reference of list) {
    if (reference.node === undefined) continue;
    const value = referenceText(reference);
    const stages = [
      { node: device.path, property: 'iommus', value, says: `to ${reference.node.path}` },
    ];
    answers.push(withStream(board, reference.node, reference.cells, false, stages));
  }
  if (broken !== undefined)
    answers.push({
      bypass: broken === 'bad-cells' ? 'not-a-controller' : broken,
      at: (at ?? device).path,
      stages: [
        {
          node: device.path,
          property: 'iommus',
          says:
            at === undefined
              ? 'a phandle that no node has: Linux stops there'
              : `${at.path} ${broken === 'bad-cells' ? 'has no #iommu-cells' : 'asks for more cells'}: Linux stops there`,
        },
      ],
    });
  return answers;
}

/**
 * Both drivers take the first cell as StreamID; arm-smmu the second, or `stream-match-mask`, as SMR
 * mask.
 */
function withStream(
  board: Board,
  target: DtNode,
  cells: readonly number[],
  constant: boolean,
  stages: Stage[],
): IommuAnswer {
  const iommu = board.iommus.at(target);
  const streamId = cells[0];
  const id = streamId === undefined ? {} : { streamId };
  if (iommu === undefined) {
    stages.push({ node: target.path, says: 'is no IOMMU' });
    return { bypass: 'not-a-controller', at: target.path, ...id, stages };
  }
  if (iommu.unused !== undefined) {
    const { why, at, property } = iommu.unused;
    stages.push({
      node: at.path,
      ...(property === undefined ? {} : { property }),
      value:
        why === 'disabled'
          ? `"${at.string('status') ?? ''}"`
          : `<${at.u32('#iommu-cells') ?? 'nothing'}>`,
      says:
        why === 'disabled'
          ? 'Linux passes the IOMMU over; what the hardware does with the stream is what boot firmware left it to do'
          : "the SMMU's driver does not start (it wants <1>), and devices that wait for it never bind",
    });
    return { bypass: why, at: at.path, ...id, stages };
  }
  const mask = iommu.kind === 'smmu-v2' ? (cells[1] ?? target.u32('stream-match-mask')) : undefined;
  return {
    iommu: target.path,
    ...id,
    ...(constant ? { constant } : {}),
    ...(mask === undefined ? {} : { mask }),
    stages,
  };
}
