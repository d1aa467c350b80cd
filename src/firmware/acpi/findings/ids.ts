/**
 * Findings in what comes out of the mappings: requester IDs without an ITS, IDs that two requesters
 * share, walks that do not end.
 */
import type { Era } from '../../explanation.ts';
import type { Finding } from '../../finding.ts';
import { WHY, type Why } from '../../why.ts';
import { iommuOf, msiOf, rootComplexOf, type MsiAnswer, type Range } from '../answers.ts';
import { hex } from '../diagnostic.ts';
import { segmentsOf } from '../explain.ts';
import type { IortNode } from '../iort-nodes.ts';
import type { AcpiMachine } from '../machine.ts';
import { StepBudget } from '../map-id.ts';
import { itsName, nodeName, nodePath } from '../names.ts';
import { platformAnswers } from '../platform.ts';

/** IDs that one requester, or a range of them, has at an ITS or an SMMU. */
interface Use {
  readonly target: string;
  readonly first: number;
  readonly last: number;
  readonly who: string;
  readonly node: string;
}

export function idFindings(machine: AcpiMachine, era: Era): Finding[] {
  const { iort } = machine;
  if (iort === undefined) return [];
  const budget = new StepBudget();
  const findings: Finding[] = [];
  const devices: Use[] = [];
  const streams: Use[] = [];

  // Each root complex once, over all buses: the MCFG may cut a segment into several ranges.
  const segments = new Map(segmentsOf(machine).map((one) => [one.segment, one]));
  for (const { segment } of segments.values()) {
    const root = rootComplexOf(machine, segment);
    if (root === undefined) continue;
    const node = nodePath(root);
    const all = { first: 0, last: 0xffff };
    const msi = msiOf(machine, segment, all, era, budget);
    const iommu = iommuOf(machine, segment, all, era, budget);
    const who = (range: Range<unknown>): string =>
      `segment ${segment}, RIDs ${hex(range.first)} to ${hex(range.last)}`;
    for (const range of msi)
      if (range.answer.kind === 'its')
        devices.push({
          ...outputs(range, range.answer.deviceId, range.answer.constant),
          target: itsName(range.answer.itsId),
          who: who(range),
          node,
        });
    for (const range of iommu)
      if (range.answer.kind === 'smmu')
        streams.push({
          ...outputs(range, range.answer.streamId, range.answer.constant),
          target: nodeName(range.answer.smmu),
          who: who(range),
          node,
        });
    findings.push(...withoutMsi(segment, msi));
  }
  for (const { node, msi, iommu } of platformAnswers(machine, era, budget)) {
    const who = nodeName(node);
    const path = nodePath(node);
    if (msi.answer.kind === 'its')
      devices.push({
        first: msi.answer.deviceId,
        last: msi.answer.deviceId,
        target: itsName(msi.answer.itsId),
        who,
        node: path,
      });
    for (const { smmu, streamId } of iommu?.streams ?? [])
      streams.push({ first: streamId, last: streamId, target: nodeName(smmu), who, node: path });
    const ended = iommu?.ended;
    if (
      ended?.why === 'no-smmu' &&
      ended.mapping !== undefined &&
      isHidden(node.mappings, ended.mapping.index)
    )
      findings.push({
        severity: 'error',
        rule: 'mapping-hides-smmu',
        node: path,
        property: `ID mapping ${ended.mapping.index}`,
        message: 'a mapping straight to an ITS group stands before mappings to an SMMU',
        linux:
          'stops looking for StreamIDs at the first mapping that leads to no SMMU (iort_nc_iommu_map)',
        meant: 'the mappings to the SMMU first',
      });
  }
  findings.push(
    ...collisions(
      devices,
      'device-ids-collide',
      'DeviceID',
      'gives both one ITT, made for the vectors of whichever comes first; the other may get no MSIs (-ENOSPC)',
    ),
    ...collisions(
      streams,
      'stream-ids-collide',
      'StreamID',
      'the SMMUv3 driver refuses the second device ("stream already in tree"); an SMMUv2 puts both into one group',
    ),
  );
  return findings;
}

const isHidden = (
  mappings: readonly { readonly outputReference: number }[],
  index: number,
): boolean =>
  mappings
    .slice(index + 1)
    .some(({ outputReference }) => outputReference !== mappings[index]?.outputReference);

const outputs = (
  { first, last }: Range<unknown>,
  id: number,
  constant: boolean,
): { first: number; last: number } => ({
  first: id,
  last: constant ? id : id + (last - first),
});

/**
 * Requester IDs that get an SMMU's StreamID or nothing, but no MSI controller: by the node to
 * blame.
 */
function withoutMsi(segment: number, ranges: readonly Range<MsiAnswer>[]): Finding[] {
  const some = ranges.some(({ answer }) => answer.kind !== 'none');
  const blamed = new Map<string, { at: IortNode; why: Why; ranges: Range<MsiAnswer>[] }>();
  for (const range of ranges) {
    const { answer } = range;
    // What is wrong with a group or a reference is a finding of its node.
    if (answer.kind !== 'none' || answer.at === undefined || ELSEWHERE.has(answer.why)) continue;
    const { at, why } = answer;
    const key = `${why} ${at.offset}`;
    const known = blamed.get(key);
    if (known === undefined) blamed.set(key, { at, why, ranges: [range] });
    else known.ranges.push(range);
  }
  return [...blamed.values()].map(({ at, why, ranges: lost }): Finding => {
    const unmapped = at.kind === 'root-complex';
    return {
      severity: unmapped && some ? 'note' : 'error',
      rule: why === 'loop' ? 'loop' : unmapped ? 'rids-unmapped' : 'rids-without-its',
      node: nodePath(at),
      message: `${ridsText(lost)} of segment ${segment} reach no ITS: ${WHY[why]}`,
      linux:
        why === 'loop'
          ? 'walks round and round: the boot hangs at the first such device'
          : `gives them no MSI domain${unmapped ? ' and no SMMU' : ''}; behind a root port that has one they inherit it, with the RID as DeviceID`,
      meant:
        unmapped && some
          ? 'nothing, if no device is there; else a mapping for them'
          : `a mapping from here to an ${unmapped ? 'SMMU or an ' : ''}ITS group`,
    };
  });
}

const ELSEWHERE = new Set<Why>(['its-not-in-madt', 'empty-its-group', 'null-reference']);

/** Ranges that are named; the rest is counted. */
const MAX_NAMED = 4;

function ridsText(ranges: readonly Range<unknown>[]): string {
  const named = ranges
    .slice(0, MAX_NAMED)
    .map(({ first, last }) => (first === last ? hex(first) : `${hex(first)} to ${hex(last)}`));
  const more = ranges.length - named.length;
  return `RIDs ${named.join(', ')}${more > 0 ? ` and ${more} more ranges` : ''}`;
}

/** So many of one kind are named. */
const MAX_COLLISIONS = 8;

function collisions(uses: readonly Use[], rule: string, id: string, linux: string): Finding[] {
  const findings: Finding[] = [];
  const sorted = [...uses].sort(
    (a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0) || a.first - b.first,
  );
  let before: Use | undefined;
  for (const use of sorted) {
    if (before?.target === use.target && use.first <= before.last) {
      if (findings.length < MAX_COLLISIONS)
        findings.push({
          severity: 'warning',
          rule,
          node: use.node,
          message: `${before.who}, and ${use.who}, have the ${id} ${hex(use.first)} at ${use.target}`,
          linux,
          meant: `another output base for one of them, such as the segment in bits 16 and up`,
        });
      if (use.last <= before.last) continue;
    }
    before = use;
  }
  return findings;
}
