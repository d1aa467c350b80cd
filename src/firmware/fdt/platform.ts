/**
 * Devices that are not PCI: those with `msi-parent` or `iommus`. drivers/of/irq.c:
 * `of_msi_configure`; drivers/irqchip/irq-gic-its-msi-parent.c: `of_pmsi_get_msi_info`, which wants
 * exactly one cell.
 */
import type { MsiAnswer, PlatformExplanation, Stage } from '../explanation.ts';
import type { Board } from './board.ts';
import { hex } from './board.ts';
import { iommusOf } from './iommu.ts';
import { usable } from './msi.ts';
import { referencesOf, referenceText } from './phandles.ts';
import { disabledBy } from './status.ts';
import type { DtNode } from './tree.ts';
import { isWiredToMsi } from './vendors.ts';

/** In the order of the tree; nodes below PCI host bridges are PCI's. */
export function platformDevices(board: Board, bridges: ReadonlySet<DtNode>): PlatformExplanation[] {
  const found: PlatformExplanation[] = [];
  for (const node of board.tree.having('msi-parent', 'iommus')) {
    if (bridges.has(node) || isBelow(node, bridges)) continue;
    const name = node.compatible[0];
    const role = roleOf(board, node);
    found.push({
      path: node.path,
      ...(name === undefined ? {} : { compatible: name }),
      available: disabledBy(node) === undefined,
      ...(role === undefined ? {} : { role }),
      msi: node.has('msi-parent') ? msisOf(board, node) : [],
      iommu: node.has('iommus') ? iommusOf(board, node) : [],
    });
  }
  return found;
}

function isBelow(node: DtNode, bridges: ReadonlySet<DtNode>): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent)
    if (bridges.has(at) && at.string('device_type') === 'pci') return true;
  return false;
}

function roleOf(board: Board, node: DtNode): PlatformExplanation['role'] {
  if (board.iommus.at(node) !== undefined) return 'iommu';
  if (!node.has('msi-parent')) return undefined;
  const names = [...node.compatible, ...(node.parent?.compatible ?? [])];
  return node.has('interrupt-controller') || names.some(isWiredToMsi) ? 'wired-to-msi' : undefined;
}

/** An answer for each entry of `msi-parent`; Linux uses the first that is a controller. */
function msisOf(board: Board, device: DtNode): MsiAnswer[] {
  const { list, broken, at } = referencesOf(device, 'msi-parent', '#msi-cells', 0);
  const answers: MsiAnswer[] = [];
  for (const reference of list) {
    const { node, cells } = reference;
    if (node === undefined) continue;
    const stages: Stage[] = [
      {
        node: device.path,
        property: 'msi-parent',
        value: referenceText(reference),
        says: `to ${node.path}`,
      },
    ];
    const controller = usable(board, node, stages, false);
    if ('why' in controller) {
      answers.push({ none: controller.why, at: (controller.at ?? node).path, stages });
      continue;
    }
    const { kind, doorbell, stride = 0n } = controller;
    if (kind === 'gicv3-its' && cells.length !== 1) {
      stages.push({
        node: node.path,
        property: '#msi-cells',
        value: `<${cells.length}>`,
        says: 'an ITS needs one cell, the DeviceID: Linux refuses the MSIs (-EINVAL)',
      });
      answers.push({ none: 'bad-cells', at: node.path, stages });
      continue;
    }
    const deviceId = cells[0];
    if (deviceId !== undefined)
      stages.push({ node: device.path, says: `DeviceID ${hex(deviceId)}` });
    answers.push({
      controller: node.path,
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(doorbell === undefined ? {} : { doorbell: doorbell + stride * BigInt(deviceId ?? 0) }),
      stages,
    });
  }
  if (broken !== undefined)
    answers.push({
      none: broken,
      at: (at ?? device).path,
      stages: [
        { node: device.path, property: 'msi-parent', says: 'Linux stops at an entry like this' },
      ],
    });
  return answers;
}
