/** The explanation of a machine's tables: each segment's requester IDs, and each platform device. */
import type {
  BridgeExplanation,
  ControllerNode,
  Era,
  Explanation,
  IommuAnswer as IommuExplanation,
  IommuNode,
  MsiAnswer as MsiExplanation,
  PlatformExplanation,
  RidRange,
} from '../explanation.ts';
import {
  iommuOf,
  msiOf,
  rootComplexOf,
  type IommuAnswer,
  type MsiAnswer,
  type Range,
} from './answers.ts';
import { SMMU_MODELS, type IortNode } from './iort-nodes.ts';
import { findIts, usedFrames, usesIts, type AcpiMachine } from './machine.ts';
import type { MadtIts } from './madt.ts';
import { StepBudget, type Hop } from './map-id.ts';
import { frameName, framePath, itsName, itsPath, nodeName, nodePath } from './names.ts';
import { platformAnswers, type PlatformAnswer } from './platform.ts';
import { iommuStages, msiStages } from './stages.ts';

/** GITS_TRANSLATER and the size of an ITS; MSI_SETSPI_NS and the size of a GICv2m frame. */
export const TRANSLATER = 0x1_0040n;
export const ITS_BYTES = 0x2_0000n;
export const SETSPI = 0x40n;
export const FRAME_BYTES = 0x1000n;
/** arm_smmu_v3_resource_size: 128K; a Cavium CN99XX has only the first page. */
const SMMU_V3_BYTES = 0x2_0000n;

/** More answers than this in one list are not listed (`truncated`). */
const MAX_RANGES = 4096;

export interface ExplainOptions {
  readonly era: Era;
  /** Requester IDs to answer for, in each segment; none: ranges that cover the buses. */
  readonly rids?: readonly number[];
}

export interface Segment {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

export function explainAcpi(machine: AcpiMachine, { era, rids }: ExplainOptions): Explanation {
  const budget = new StepBudget();
  const { iort, madt } = machine;
  const header = iort?.table ?? madt?.table;
  const bridges = segmentsOf(machine).map((segment) => bridge(machine, segment, rids, era, budget));
  return {
    version: 1,
    source: {
      kind: 'acpi',
      era,
      ...(header === undefined
        ? {}
        : { title: `${header.oemId.trim()} ${header.oemTableId.trim()}`.trim() }),
      ...(madt === undefined ? {} : { cpus: madt.cpus.filter(({ enabled }) => enabled).length }),
    },
    bridges,
    platform: platformAnswers(machine, era, budget).map(platform),
    controllers: controllersOf(machine),
    iommus: iommusOf(machine),
    diagnostics: machine.diagnostics,
  };
}

/**
 * The segments that there are: those of the MCFG, and those that only a root complex names, with all
 * buses. Host bridges within a segment are in the DSDT, which is not read.
 */
export function segmentsOf({ iort, mcfg }: AcpiMachine): Segment[] {
  const segments: Segment[] = (mcfg?.ranges ?? []).map(({ segment, firstBus, lastBus }) => ({
    segment,
    firstBus,
    lastBus: Math.max(firstBus, lastBus),
  }));
  const known = new Set(segments.map(({ segment }) => segment));
  for (const segment of iort?.roots.keys() ?? [])
    if (!known.has(segment)) segments.push({ segment, firstBus: 0, lastBus: 0xff });
  return segments.sort((a, b) => a.segment - b.segment || a.firstBus - b.firstBus);
}

function bridge(
  machine: AcpiMachine,
  { segment, firstBus, lastBus }: Segment,
  rids: readonly number[] | undefined,
  era: Era,
  budget: StepBudget,
): BridgeExplanation {
  const ranges =
    rids === undefined
      ? [{ first: firstBus << 8, last: (lastBus << 8) | 0xff }]
      : rids.map((rid) => ({ first: rid, last: rid }));
  const msi = ranges.flatMap((range) => msiOf(machine, segment, range, era, budget));
  const iommu = ranges.flatMap((range) => iommuOf(machine, segment, range, era, budget));
  const root = rootComplexOf(machine, segment);
  return {
    path: root === undefined ? `MCFG/segment@${segment}` : nodePath(root),
    compatible: `segment ${segment}`,
    available: true,
    segment,
    busRange: [firstBus, lastBus],
    msi: msi.slice(0, MAX_RANGES).map((range) => ({ ...ridsOf(range), ...msiText(range) })),
    iommu: iommu.slice(0, MAX_RANGES).map((range) => ({ ...ridsOf(range), ...iommuText(range) })),
    ...(msi.length > MAX_RANGES || iommu.length > MAX_RANGES ? { truncated: true } : {}),
  };
}

const ridsOf = ({ first, last }: Range<unknown>): RidRange => ({ rid: first, lastRid: last });
const at = (node: IortNode | undefined): { at?: string } =>
  node === undefined ? {} : { at: nodePath(node) };

function msiText({
  answer,
  hops,
}: {
  readonly answer: MsiAnswer;
  readonly hops: readonly Hop[];
}): MsiExplanation {
  const stages = msiStages(answer, hops);
  switch (answer.kind) {
    case 'its':
      return {
        controller: itsPath(answer.itsId, answer.its),
        deviceId: answer.deviceId,
        ...(answer.constant ? { constant: true } : {}),
        ...(answer.its === undefined ? {} : { doorbell: answer.its.base + TRANSLATER }),
        stages,
      };
    case 'gicv2m':
      return { controller: framePath(answer.frame), doorbell: answer.frame.base + SETSPI, stages };
    case 'none':
      return { none: answer.why, ...at(answer.at), stages };
  }
}

function iommuText({
  answer,
  hops,
}: {
  readonly answer: IommuAnswer;
  readonly hops: readonly Hop[];
}): IommuExplanation {
  const stages = iommuStages(answer, hops);
  if (answer.kind === 'bypass') return { bypass: answer.why, ...at(answer.at), stages };
  return {
    iommu: nodePath(answer.smmu),
    streamId: answer.streamId,
    ...(answer.constant ? { constant: true } : {}),
    stages,
  };
}

function platform({ node, msi, iommu }: PlatformAnswer): PlatformExplanation {
  const streams: IommuExplanation[] = (iommu?.streams ?? []).map(({ smmu, streamId, hops }) =>
    iommuText({ answer: { kind: 'smmu', smmu, streamId, constant: false }, hops }),
  );
  const ended = iommu?.ended;
  if (ended !== undefined)
    streams.push(iommuText({ answer: { kind: 'bypass', why: ended.why, at: node }, hops: [] }));
  return {
    path: nodePath(node),
    compatible: nodeName(node),
    available: true,
    ...(node.kind === 'smmu-v3' || node.kind === 'pmcg' ? { role: 'iommu' as const } : {}),
    ...(node.kind === 'iwb' ? { role: 'wired-to-msi' as const } : {}),
    msi: [msiText(withoutConstant(msi))],
    iommu: streams,
  };
}

/** A device has one ID: that all of a range would have it says nothing. */
function withoutConstant(msi: PlatformAnswer['msi']): PlatformAnswer['msi'] {
  return msi.answer.kind === 'its' ? { ...msi, answer: { ...msi.answer, constant: false } } : msi;
}

/** The MADT's, and without a MADT those that the IORT names. */
function controllersOf(machine: AcpiMachine): ControllerNode[] {
  const { madt, iort } = machine;
  const its = (id: number, entry: MadtIts | undefined, unused: boolean): ControllerNode => ({
    path: itsPath(id, entry),
    kind: 'gicv3-its',
    name: itsName(id),
    ...(unused ? { unused: 'no-driver' as const } : {}),
    ...(entry === undefined
      ? {}
      : { base: entry.base, size: ITS_BYTES, doorbell: entry.base + TRANSLATER }),
  });
  if (madt === undefined) {
    const groups = (iort?.nodes ?? []).flatMap((node) =>
      node.kind === 'its-group' ? node.itsIds.slice(0, 1) : [],
    );
    return [...new Set(groups)].map((id) => its(id, undefined, false));
  }
  return [
    ...madt.its.map((entry) =>
      its(entry.id, entry, !usesIts(madt) || findIts(machine, entry.id) !== entry),
    ),
    ...madt.msiFrames.map((frame): ControllerNode => ({
      path: framePath(frame),
      kind: 'gicv2m',
      name: frameName(frame),
      ...(usedFrames(machine).length === 0 ? { unused: 'no-driver' as const } : {}),
      base: frame.base,
      size: FRAME_BYTES,
      doorbell: frame.base + SETSPI,
      spis: frame.overrides ? [[frame.spiBase, frame.spiCount]] : [],
    })),
  ];
}

function iommusOf({ iort }: AcpiMachine): IommuNode[] {
  return (iort?.nodes ?? []).flatMap((node): IommuNode[] => {
    if (node.kind === 'smmu-v3')
      return [
        {
          path: nodePath(node),
          kind: 'smmu-v3',
          name: nodeName(node),
          base: node.base,
          size: SMMU_V3_BYTES,
        },
      ];
    if (node.kind === 'smmu')
      return [
        {
          path: nodePath(node),
          kind: 'smmu-v2',
          name: nodeName(node),
          base: node.base,
          size: node.span,
          ...(node.model >= SMMU_MODELS ? { unused: 'no-driver' as const } : {}),
        },
      ];
    return [];
  });
}
