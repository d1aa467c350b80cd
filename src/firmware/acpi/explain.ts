/**
 * The explanation of a machine's tables: each segment's requester IDs, and each platform device.
 */
import type {
  BridgeExplanation,
  Era,
  Explanation,
  IommuAnswer as IommuExplanation,
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
import { controllersOf, iommusOf, SETSPI, TRANSLATER } from './inventory.ts';
import { HISILICON_HI161X, type IortNode } from './iort-nodes.ts';
import type { AcpiMachine } from './machine.ts';
import { StepBudget, type Hop } from './map-id.ts';
import { framePath, itsPath, nodeName, nodePath } from './names.ts';
import { platformAnswers, type PlatformAnswer } from './platform.ts';
import { iommuStages, msiStages } from './stages.ts';

/** More answers than this in one list are not listed (`truncated`). */
const MAX_RANGES = 256;

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
 * The segments that there are: those of the MCFG, and those that only a root complex names, with
 * all buses. Host bridges within a segment are in the DSDT, which is not read.
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
    available: true,
    segment,
    busRange: [firstBus, lastBus],
    msi: msi.slice(0, MAX_RANGES).map((range) => ({ ...ridsOf(range), ...msiText(range, true) })),
    iommu: iommu.slice(0, MAX_RANGES).map((range) => ({ ...ridsOf(range), ...iommuText(range) })),
    ...(msi.length > MAX_RANGES || iommu.length > MAX_RANGES ? { truncated: true } : {}),
  };
}

const ridsOf = ({ first, last }: Range<unknown>): RidRange => ({ rid: first, lastRid: last });
const at = (node: IortNode | undefined): { at?: string } =>
  node === undefined ? {} : { at: nodePath(node) };

function msiText(
  { answer, hops }: { readonly answer: MsiAnswer; readonly hops: readonly Hop[] },
  inherits: boolean,
): MsiExplanation {
  const stages = msiStages(answer, hops, inherits);
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
    ...(answer.smmu.kind === 'smmu-v3' && answer.smmu.model === HISILICON_HI161X
      ? { hwMsi: true as const }
      : {}),
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
    msi: [msiText(withoutConstant(msi), false)],
    iommu: streams,
  };
}

/** A device has one ID: that all of a range would have it says nothing. */
function withoutConstant(msi: PlatformAnswer['msi']): PlatformAnswer['msi'] {
  return msi.answer.kind === 'its' ? { ...msi, answer: { ...msi.answer, constant: false } } : msi;
}
