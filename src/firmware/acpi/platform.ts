/**
 * Devices that are not PCI: named components, and SMMUs and PMCGs with MSIs of their own.
 *
 * drivers/acpi/arm64/iort.c: `iort_get_platform_device_domain` and `iort_pmsi_get_dev_id` take the
 * first mapping that leads to an ITS group; `iort_nc_iommu_map` takes all mappings up to the first
 * that does not lead to an SMMU, so one that goes straight to an ITS hides those behind it. Both
 * look at single mappings only (`iort_node_get_id`); a range serves devices that bring an ID of
 * their own (fsl-mc).
 */
import type { Era } from '../explanation.ts';
import type { Why } from '../why.ts';
import { iommuAnswer, msiAnswer, type MsiAnswer } from './answers.ts';
import { ownMsiMapping } from './id-mapping.ts';
import type {
  IdMapping,
  IortNode,
  Iwb,
  NamedComponent,
  Pmcg,
  Smmu,
  SmmuV3Node,
} from './iort-nodes.ts';
import type { Iort } from './iort.ts';
import type { AcpiMachine } from './machine.ts';
import {
  isWanted,
  mapRange,
  type Hop,
  type Piece,
  type StepBudget,
  type Wanted,
} from './map-id.ts';

export type PlatformNode = NamedComponent | Iwb | SmmuV3Node | Pmcg;

export interface PlatformAnswer {
  readonly node: PlatformNode;
  readonly msi: { readonly answer: MsiAnswer; readonly hops: readonly Hop[] };
  /** Absent for an SMMU or PMCG, which nothing translates. */
  readonly iommu?: {
    readonly streams: readonly {
      readonly smmu: Smmu | SmmuV3Node;
      readonly streamId: number;
      readonly hops: readonly Hop[];
    }[];
    /** Why there are none, or why the walk ended before the last mapping. */
    readonly ended?: { readonly why: Why; readonly mapping?: IdMapping };
  };
}

/** The nodes that Linux looks up by name or makes devices of, in the order of the table. */
export function platformAnswers(
  machine: AcpiMachine,
  era: Era,
  budget: StepBudget,
): PlatformAnswer[] {
  const { iort } = machine;
  if (iort === undefined) return [];
  const lost = { why: 'wrong-path' as const };
  const answers: PlatformAnswer[] = [];
  for (const node of iort.nodes) {
    if (node.kind === 'named-component' && !(node.pathOk && node.pathFound))
      answers.push({
        node,
        msi: { answer: { kind: 'none', at: node, ...lost }, hops: [] },
        iommu: { streams: [], ended: lost },
      });
    else if (node.kind === 'named-component' || (node.kind === 'iwb' && era === '7.x'))
      answers.push({
        node,
        msi: componentMsi(machine, iort, node, era, budget),
        ...(node.kind === 'iwb' ? {} : { iommu: componentIommu(iort, node, era, budget) }),
      });
    else if (node.kind === 'smmu-v3' || node.kind === 'pmcg') {
      const own = ownMsiMapping(node, era);
      const mapping = own === undefined ? undefined : node.mappings[own];
      if (mapping !== undefined) answers.push({ node, msi: ownMsi(machine, iort, node, mapping) });
    }
  }
  return answers;
}

function componentMsi(
  machine: AcpiMachine,
  iort: Iort,
  node: NamedComponent | Iwb,
  era: Era,
  budget: StepBudget,
): PlatformAnswer['msi'] {
  let why: Why = node.mappings.length === 0 ? 'no-map' : 'not-single';
  let at: IortNode = node;
  let hops: readonly Hop[] = [];
  for (const mapping of node.mappings) {
    const piece = follow(iort, node, mapping, 'msi', era, budget);
    if (typeof piece === 'string') {
      why = piece;
      continue;
    }
    if ('failure' in piece.end) {
      ({ failure: why, at } = piece.end);
      ({ hops } = piece);
      continue;
    }
    return { answer: msiAnswer(machine, piece.end), hops: piece.hops };
  }
  return { answer: { kind: 'none', why, at }, hops };
}

function componentIommu(
  iort: Iort,
  node: NamedComponent,
  era: Era,
  budget: StepBudget,
): NonNullable<PlatformAnswer['iommu']> {
  const streams: { smmu: Smmu | SmmuV3Node; streamId: number; hops: readonly Hop[] }[] = [];
  for (const mapping of node.mappings) {
    const piece = follow(iort, node, mapping, 'iommu', era, budget);
    const answer = typeof piece === 'string' ? piece : iommuAnswer(piece.end);
    if (typeof answer === 'string') return { streams, ended: { why: answer, mapping } };
    if (answer.kind === 'bypass') return { streams, ended: { why: answer.why, mapping } };
    streams.push({
      smmu: answer.smmu,
      streamId: answer.streamId,
      hops: typeof piece === 'string' ? [] : piece.hops,
    });
  }
  return streams.length === 0 ? { streams, ended: { why: 'no-map' } } : { streams };
}

/** `iort_node_map_platform_id`: the first step by one given single mapping, the rest as ever. */
function follow(
  iort: Iort,
  node: NamedComponent | Iwb,
  mapping: IdMapping,
  wanted: Wanted,
  era: Era,
  budget: StepBudget,
): Piece | Why {
  if (mapping.outputReference === 0) return 'null-reference';
  const parent = iort.nodeAt(mapping.outputReference);
  if (parent === undefined) return 'bad-reference';
  if (!mapping.single) return 'not-single';
  const id = mapping.outputBase;
  const hop: Hop = { node, mapping, input: 0, output: id, lost: [] };
  if (isWanted(parent, wanted))
    return { first: 0, last: 0, hops: [hop], end: { node: parent, id, constant: true } };
  const piece = mapRange(iort, parent, { first: id, last: id }, wanted, era, budget)[0];
  if (piece === undefined) return 'too-complex';
  const end = 'failure' in piece.end ? piece.end : { ...piece.end, constant: true };
  return { ...piece, end, hops: [hop, ...piece.hops] };
}

/** `iort_set_device_domain`: one single mapping, straight to an ITS group. */
function ownMsi(
  machine: AcpiMachine,
  iort: Iort,
  node: IortNode,
  mapping: IdMapping,
): PlatformAnswer['msi'] {
  const none = (why: Why): PlatformAnswer['msi'] => ({
    answer: { kind: 'none', why, at: node },
    hops: [],
  });
  if (mapping.outputReference === 0) return none('null-reference');
  if (!mapping.single) return none('not-single');
  const group = iort.nodeAt(mapping.outputReference);
  if (group?.kind !== 'its-group') return none('bad-reference');
  const end = { node: group, id: mapping.outputBase, constant: true };
  const hop: Hop = { node, mapping, input: 0, output: end.id, lost: [] };
  return { answer: msiAnswer(machine, end), hops: [hop] };
}
