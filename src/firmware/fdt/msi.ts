/**
 * The MSI controller and DeviceID of a requester.
 *
 * Linux looks for the device's own domain through `msi-map` of the bridge and of what is above it
 * (drivers/of/irq.c: `of_msi_map_get_device_domain`). Without one the device takes that of its bus:
 * the first phandle of the bridge's `msi-parent` that has a domain (drivers/pci/of.c:
 * `pci_host_bridge_of_msi_domain`), else the controller inside the bridge. The DeviceID is asked
 * for again, with that controller as a filter (`of_msi_map_id`), and is the RID when no entry of a
 * map says otherwise.
 */
import type { MsiAnswer, Stage } from '../explanation.ts';
import type { Why } from '../why.ts';
import { hex, mapStage, type Board } from './board.ts';
import type { Controller } from './controllers.ts';
import type { IdMap } from './map-id.ts';
import { referencesOf, referenceText } from './phandles.ts';
import type { DtNode } from './tree.ts';
import { hasOwnMsis } from './vendors.ts';

interface Blame {
  readonly why: Why;
  readonly at?: DtNode;
}

/** The maps that a lookup at `bridge` can meet, nearest first. */
export function msiMaps(board: Board, bridge: DtNode): IdMap[] {
  const maps: IdMap[] = [];
  for (let node: DtNode | undefined = bridge; node !== undefined; node = node.parent)
    if (node.has('msi-map')) maps.push(board.map(node, 'msi-map'));
  return maps;
}

/**
 * @param constant For the answer: whether all IDs of the piece have one masked ID.
 * @param told Whether the maps' stages are wanted, too: they cost more than the answer.
 */
export function msiOf(
  board: Board,
  bridge: DtNode,
  rid: number,
  constant: boolean,
  told = true,
): MsiAnswer {
  const stages: Stage[] = [];
  const mapped = byMap(board, bridge, rid, told, stages);
  if ('controller' in mapped) return answer(mapped.controller, { id: mapped.id, constant }, stages);
  const bus = byBus(board, bridge, stages);
  if ('controller' in bus) {
    const filtered = idFor(board, bridge, rid, bus.controller.node);
    if (bus.controller.kind === 'gicv3-its')
      stages.push({
        node: bus.controller.node.path,
        says: `DeviceID ${hex(filtered ?? rid)}${filtered === undefined ? ': the RID itself, no map says otherwise' : ''}`,
      });
    const id = filtered === undefined ? { id: rid, constant: false } : { id: filtered, constant };
    return answer(bus.controller, id, stages);
  }
  const blame = mapped.why === 'no-map' ? bus : mapped;
  if (blame.why === 'no-match' && rid > 0xff)
    stages.push({
      node: bridge.path,
      says: 'behind a root port that has an MSI domain, Linux takes that one, with the RID as DeviceID',
    });
  return {
    none: blame.why,
    ...(blame.at === undefined ? {} : { at: blame.at.path }),
    stages,
  };
}

function byMap(
  board: Board,
  bridge: DtNode,
  rid: number,
  told: boolean,
  stages: Stage[],
): { controller: Controller; id: number } | Blame {
  let blame: Blame = { why: 'no-map' };
  for (const map of msiMaps(board, bridge)) {
    const result = map.map(rid);
    if (told) stages.push(mapStage(map, rid, result));
    if (result.kind === 'no-match') return { why: 'no-match', at: map.node };
    if (result.kind === 'error') {
      // Linux goes on to the next node above, and to the bus; 7.x looks at msi-parent first, which
      // is the same.
      blame = { why: result.why, at: map.node };
      continue;
    }
    if (result.kind === 'absent') continue;
    const controller = usable(board, result.target, stages);
    if ('why' in controller) return controller;
    return { controller, id: result.cells[0] ?? rid };
  }
  return blame;
}

/**
 * The controller at `node` if PCI devices can use its domain; else the reason, told in `stages`.
 */
export function usable(
  board: Board,
  node: DtNode,
  stages: Stage[],
  forPci = true,
): Controller | Blame {
  const controller = board.controllers.at(node);
  if (controller === undefined) {
    stages.push({ node: node.path, says: 'is no MSI controller' });
    return { why: 'not-a-controller', at: node };
  }
  const { unused, pci } = controller;
  if (unused !== undefined) {
    stages.push({
      node: unused.at.path,
      ...(unused.property === undefined ? {} : { property: unused.property }),
      ...(unused.why === 'disabled' ? { value: `"${unused.at.string('status') ?? ''}"` } : {}),
      says: `Linux makes no MSI domain of ${node.path}`,
    });
    return { why: unused.why, at: unused.why === 'not-first-frame' ? node : unused.at };
  }
  if (forPci && !pci) {
    stages.push({ node: node.path, says: `a ${controller.name} takes no MSIs of PCI devices` });
    return { why: 'not-for-pci', at: node };
  }
  return controller;
}

/** The domain of the bus: `msi-parent`, else what is inside the bridge. */
function byBus(board: Board, bridge: DtNode, stages: Stage[]): { controller: Controller } | Blame {
  let blame: Blame = { why: 'no-map', at: bridge };
  if (bridge.has('msi-parent')) {
    const { list, broken, at } = referencesOf(bridge, 'msi-parent', '#msi-cells', 0);
    for (const reference of list) {
      const { node } = reference;
      if (node === undefined) continue;
      const property = { property: 'msi-parent', value: referenceText(reference) };
      if (node === bridge) {
        stages.push({ node: bridge.path, ...property, says: 'the controller inside the bridge' });
        return { controller: inBridge(bridge) };
      }
      stages.push({ node: bridge.path, ...property, says: `the controller of the bus` });
      const controller = usable(board, node, stages);
      if ('node' in controller) return { controller };
      if (blame.why === 'no-map') blame = controller;
    }
    if (broken !== undefined) {
      stages.push({
        node: bridge.path,
        property: 'msi-parent',
        says:
          at === undefined
            ? 'a phandle that no node has: Linux stops there'
            : `${at.path} asks for ${at.u32('#msi-cells') ?? 0} cells that are not there: Linux stops there`,
      });
      if (blame.why === 'no-map') blame = { why: broken, at: at ?? bridge };
    }
  }
  if (!hasMsisInside(bridge)) return blame;
  stages.push({
    node: bridge.path,
    property: 'compatible',
    says: 'the controller inside the bridge',
  });
  return { controller: inBridge(bridge) };
}

/** A DesignWare core keeps its own controller off when a map or a parent is there. */
function hasMsisInside(bridge: DtNode): boolean {
  if (bridge.has('msi-map') || bridge.has('msi-parent')) return false;
  return (
    bridge.compatible.some(hasOwnMsis) ||
    bridge.strings('interrupt-names').some((name) => name.startsWith('msi'))
  );
}

const inBridge = (node: DtNode): Controller => ({
  node,
  kind: 'in-bridge',
  name: node.compatible[0] ?? '',
  pci: true,
});

/** The DeviceID of a map's entry that leads to `controller`, or nothing. */
function idFor(board: Board, bridge: DtNode, rid: number, controller: DtNode): number | undefined {
  for (const map of msiMaps(board, bridge)) {
    const result = map.map(rid, controller);
    if (result.kind === 'match') return result.cells[0];
    if (result.kind === 'no-match') return undefined;
  }
  return undefined;
}

/** To the others an ID has no meaning. */
const HAS_DEVICE_IDS: ReadonlySet<string> = new Set(['gicv3-its', 'other']);

function answer(
  { node, kind, doorbell: first, stride }: Controller,
  { id, constant }: { readonly id: number; readonly constant: boolean },
  stages: Stage[],
): MsiAnswer {
  const doorbell = first === undefined ? undefined : first + (stride ?? 0n) * BigInt(id);
  if (doorbell !== undefined)
    stages.push({
      node: node.path,
      property: stride === undefined ? 'reg' : 'socionext,synquacer-pre-its',
      says: `doorbell at ${hex(doorbell)}${stride === undefined ? '' : ', an address for this DeviceID alone'}`,
    });
  return {
    controller: node.path,
    ...(HAS_DEVICE_IDS.has(kind) ? { deviceId: id } : {}),
    ...(HAS_DEVICE_IDS.has(kind) && constant ? { constant } : {}),
    ...(doorbell === undefined ? {} : { doorbell }),
    stages,
  };
}
