/**
 * What the parts of a machine are called: a path by kind and place in the table, and a name for
 * people.
 */
import { hex } from './diagnostic.ts';
import type { IortNode } from './iort-nodes.ts';
import type { MadtIts, MadtMsiFrame } from './madt.ts';

export const itsName = (id: number): string => `its${id}`;
/** Without a MADT there is no entry: the ID that the IORT names. */
export const itsPath = (id: number, its: MadtIts | undefined): string =>
  its === undefined ? `IORT/its@${id}` : `MADT/its@${its.offset}`;

export const frameName = (frame: MadtMsiFrame): string => `gicv2m@${hex(frame.base)}`;
export const framePath = (frame: MadtMsiFrame): string => `MADT/gicv2m@${frame.offset}`;

/** `IORT/smmu-v3@72`; a named component has its path in the namespace, `\_SB_.COM0`. */
export function nodePath(node: IortNode): string {
  if (node.kind === 'named-component' && node.pathOk) return node.path;
  return `IORT/${node.kind}@${node.offset}`;
}

/** `smmuv3@0x9050000`, `segment 0`, `\_SB_.COM0`. */
export function nodeName(node: IortNode): string {
  switch (node.kind) {
    case 'smmu-v3':
      return `smmuv3@${hex(node.base)}`;
    case 'smmu':
      return `smmu@${hex(node.base)}`;
    case 'pmcg':
      return `pmcg@${hex(node.base)}`;
    case 'root-complex':
      return `segment ${node.segment}`;
    case 'iwb':
      return `iwb@${hex(node.base)}`;
    case 'its-group':
      return `ITS group (${node.itsIds.map(String).join(', ')})`;
    case 'named-component':
      return nodePath(node);
    default:
      return `${node.kind}@${node.offset}`;
  }
}
