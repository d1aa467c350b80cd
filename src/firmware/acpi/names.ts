/** What the parts of a machine are called in answers, findings and topologies. */
import { hex } from './diagnostic.ts';
import type { IortNode } from './iort-nodes.ts';
import type { MadtMsiFrame } from './madt.ts';

export const itsName = (id: number): string => `its${String(id)}`;
export const frameName = (frame: MadtMsiFrame): string => `gicv2m@${hex(frame.base)}`;

/** As the kernel writes a segment: `pci0000`. */
export const segmentName = (segment: number): string =>
  `pci${segment.toString(16).padStart(4, '0')}`;

/** `smmuv3@0x9050000`, `\_SB.COM0`, `pci0000`; others by their place in the table. */
export function nodeName(node: IortNode): string {
  switch (node.kind) {
    case 'smmu-v3':
      return `smmuv3@${hex(node.base)}`;
    case 'smmu':
      return `smmu@${hex(node.base)}`;
    case 'pmcg':
      return `pmcg@${hex(node.base)}`;
    case 'root-complex':
      return segmentName(node.segment);
    case 'named-component':
      return node.pathOk ? node.path : `named-component@${hex(node.offset)}`;
    case 'its-group':
      return `ITS group (${node.itsIds.map(String).join(', ')})`;
    default:
      return `${node.kind}@${hex(node.offset)}`;
  }
}

/** A node with its place in the table, for people: `smmuv3@0x9050000 (IORT+0x48)`. */
export const placed = (node: IortNode): string => `${nodeName(node)} (IORT+${hex(node.offset)})`;
