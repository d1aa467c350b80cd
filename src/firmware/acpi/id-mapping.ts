/**
 * One node's ID mappings: which of them an ID takes. `iort_id_map` and `iort_get_id_mapping_index`
 * of drivers/acpi/arm64/iort.c.
 *
 * The off-by-one lore: `id_count` is the number of IDs minus one, but some firmware writes the
 * number (QEMU 7.2 does for the ranges behind an SMMU when there are several). Then a range ends
 * with the first ID of the next. Linux takes the last ID of a range only for as long as no other
 * range begins with it ("conflicting mapping for input ID", "applying workaround"); other overlaps
 * go to the first (539979b6ec62).
 */
import type { Era } from '../explanation.ts';
import { DEVICEID_VALID, type IdMapping, type IortNode } from './iort-nodes.ts';

export interface Match {
  readonly mapping: IdMapping;
  readonly output: number;
  /**
   * Other mappings of the node that also take this ID and lost, the first few: what Linux logs as a
   * firmware bug.
   */
  readonly lost: readonly IdMapping[];
}

const MAX_LOST = 4;

/**
 * The mapping that takes `input`, or nothing.
 *
 * @param skipped Index of the mapping of the node's own MSIs, from `ownMsiMapping`.
 */
export function match(
  node: IortNode,
  input: number,
  skipped: number | undefined,
  era: Era,
): Match | undefined {
  let tentative: { mapping: IdMapping; output: number } | undefined;
  const lost: IdMapping[] = [];
  for (const mapping of node.mappings) {
    if (mapping.index === skipped) continue;
    if (mapping.single) {
      if (singleAllowed(node, era)) return { mapping, output: mapping.outputBase, lost };
      continue;
    }
    const end = (mapping.inputBase + mapping.idCount) >>> 0;
    if (input < mapping.inputBase || input > end) continue;
    if (tentative !== undefined) {
      if (input !== mapping.inputBase) {
        if (lost.length < MAX_LOST) lost.push(mapping);
        continue;
      }
      lost.push(tentative.mapping);
    }
    const output = (mapping.outputBase + (input - mapping.inputBase)) >>> 0;
    if (mapping.idCount === 0 || input !== end) return { mapping, output, lost };
    tentative = { mapping, output };
  }
  return tentative === undefined ? undefined : { ...tentative, lost };
}

/** Node types whose single mappings count in a walk. The GICv5 wire bridge came with Linux 7.0. */
export function singleAllowed(node: IortNode, era: Era): boolean {
  return (
    node.kind === 'root-complex' ||
    node.kind === 'named-component' ||
    (node.kind === 'iwb' && era === '7.x')
  );
}

/**
 * The mapping that describes the MSIs of the SMMU or PMCG itself, which walks of other IDs leave
 * out. Up to node revision 4 an SMMUv3 has one unless all its interrupts are wired; from revision 5
 * on a flag says so, which Linux looks at from 6.2 on (05da178ce0aa). An index beyond the mappings
 * counts for none ("ID mapping index overflows valid mappings").
 */
export function ownMsiMapping(node: IortNode, era: Era): number | undefined {
  if (node.kind === 'pmcg')
    return node.overflowGsiv !== 0 || node.mappings.length === 0 ? undefined : 0;
  if (node.kind !== 'smmu-v3' || node.deviceIdIndex === undefined) return undefined;
  const valid =
    node.revision < 5 || era === '6.1'
      ? node.gsivs.some((gsiv) => gsiv === 0)
      : (node.flags & DEVICEID_VALID) !== 0;
  return valid && node.deviceIdIndex < node.mappings.length ? node.deviceIdIndex : undefined;
}
