/**
 * Findings in a node's ID mappings: ranges that overlap or leave out the last ID, references that
 * lead nowhere, single mappings where they do not count.
 */
import type { Era } from '../../explanation.ts';
import type { Finding } from '../../finding.ts';
import { hex } from '../diagnostic.ts';
import { ownMsiMapping, singleAllowed } from '../id-mapping.ts';
import type { IdMapping, IortNode } from '../iort-nodes.ts';
import type { Iort } from '../iort.ts';
import { nodeName, nodePath } from '../names.ts';
import { mappingText } from '../stages.ts';

/** So many of one node's mappings are named; a node with more has one fault, not many. */
const MAX_PER_NODE = 8;

export function mappingFindings(iort: Iort, era: Era): Finding[] {
  return iort.nodes.flatMap((node) => {
    const found = [...references(iort, node), ...singles(node, era), ...ranges(node, era)];
    return found.slice(0, MAX_PER_NODE);
  });
}

const of = (node: IortNode, { index }: IdMapping): { node: string; property: string } => ({
  node: nodePath(node),
  property: `ID mapping ${index}`,
});

/** Kinds of nodes that IDs of a node of each kind may go to. DEN 0049, 3. */
const LEADS_TO: Readonly<Record<IortNode['kind'], readonly IortNode['kind'][]>> = {
  'root-complex': ['smmu', 'smmu-v3', 'its-group'],
  'named-component': ['smmu', 'smmu-v3', 'its-group'],
  smmu: ['its-group'],
  'smmu-v3': ['its-group'],
  pmcg: ['its-group'],
  rmr: ['smmu', 'smmu-v3'],
  iwb: ['its-group'],
  'its-group': [],
  unknown: [],
};

function references(iort: Iort, node: IortNode): Finding[] {
  const findings: Finding[] = [];
  for (const mapping of node.mappings) {
    if (findings.length >= MAX_PER_NODE) break;
    const reference = mapping.outputReference;
    if (reference === 0) {
      findings.push({
        severity: 'error',
        rule: 'null-reference',
        ...of(node, mapping),
        message: 'the output reference is 0',
        linux:
          mapping.index === 0
            ? 'logs "ID map has NULL parent reference" and maps no ID of this node'
            : 'takes the header of the table for a node',
        meant: 'the offset of an SMMU or of an ITS group',
      });
      continue;
    }
    const target = iort.nodeAt(reference);
    if (target?.listed !== true) {
      findings.push({
        severity: 'error',
        rule: 'bad-reference',
        ...of(node, mapping),
        message:
          reference >= iort.table.length
            ? `the output reference ${hex(reference)} is outside the table, which ends at ${hex(iort.table.length)}`
            : `the output reference ${hex(reference)} is not where a node begins`,
        linux: 'takes the bytes there for a node',
        meant: nearest(iort, reference),
      });
      continue;
    }
    if (!LEADS_TO[node.kind].includes(target.kind) && node.kind !== 'unknown')
      findings.push({
        severity: 'error',
        rule: 'wrong-target',
        ...of(node, mapping),
        message: `IDs of ${nodeName(node)} go to ${nodeName(target)}, which is a ${target.kind}`,
        linux: 'walks on through its mappings, if it has any',
        meant: `the offset of a node of the kind ${LEADS_TO[node.kind].join(' or ') || 'none: no mappings'}`,
      });
  }
  return findings;
}

/**
 * The SMMU or ITS group that begins closest to an offset: nodes are in the order of their offsets.
 */
function nearest(iort: Iort, reference: number): string {
  let low = 0;
  let high = iort.nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((iort.nodes[middle]?.offset ?? 0) < reference) low = middle + 1;
    else high = middle;
  }
  const near = iort.nodes.slice(Math.max(0, low - 8), low + 8).filter(isTarget);
  const [best] = near.sort(
    (a, b) => Math.abs(a.offset - reference) - Math.abs(b.offset - reference),
  );
  return best === undefined
    ? 'the offset of an SMMU or of an ITS group'
    : `${hex(best.offset)}, where ${nodeName(best)} begins`;
}

const isTarget = ({ kind }: IortNode): boolean =>
  kind === 'smmu' || kind === 'smmu-v3' || kind === 'its-group';

function singles(node: IortNode, era: Era): Finding[] {
  const findings: Finding[] = [];
  const own = ownMsiMapping(node, era);
  for (const mapping of node.mappings) {
    if (node.kind === 'root-complex' && mapping.single)
      findings.push({
        severity: 'error',
        rule: 'single-on-root-complex',
        ...of(node, mapping),
        message: `every function of segment ${node.segment} gets the ID ${hex(mapping.outputBase)}`,
        linux:
          'the SMMUv3 driver takes the first function and refuses the others, and all share an ITT made for the first (seen on 6.1 and 6.12)',
        meant: 'a range: the flag for single mappings cleared',
      });
    else if (
      mapping.single &&
      !singleAllowed(node, era) &&
      mapping.index !== own &&
      !isOwnMsi(node)
    )
      findings.push({
        severity: 'warning',
        rule: 'single-ignored',
        ...of(node, mapping),
        message: `a single mapping of ${nodeName(node)}`,
        linux: `logs "SINGLE MAPPING flag not allowed for node type" and passes the mapping over`,
        meant: 'a range, or for an SMMUv3 a DeviceID mapping index that names it',
      });
  }
  return [...findings, ...unusedRanges(node)];
}

/** One finding for all: some firmware has tens of them for a device. */
function unusedRanges(node: IortNode): Finding[] {
  if (node.kind !== 'named-component') return [];
  const ranges = node.mappings.filter(({ single }) => !single);
  const [first] = ranges;
  if (first === undefined) return [];
  return [
    {
      severity: 'note',
      rule: 'range-on-named-component',
      ...of(node, first),
      message: `${ranges.length === 1 ? 'a range' : `${ranges.length} ranges`} (${mappingText(first)}) for a device without an ID of its own`,
      linux: 'takes a range only for devices that bring an ID (fsl-mc); others get nothing by it',
      meant:
        'nothing, for such a bus (as on LX2160A); for any other device the flag for a single mapping',
    },
  ];
}

/**
 * An SMMUv3 or PMCG whose interrupts are wired may keep the mapping of its MSIs: nobody needs it. A
 * wire bridge is a finding of its own where it does not count, and of reserved memory Linux takes
 * the StreamIDs alone.
 */
const isOwnMsi = ({ kind }: IortNode): boolean =>
  kind === 'smmu-v3' || kind === 'pmcg' || kind === 'iwb' || kind === 'rmr';

interface Span {
  readonly mapping: IdMapping;
  readonly first: number;
  readonly last: number;
}

function ranges(node: IortNode, era: Era): Finding[] {
  const own = ownMsiMapping(node, era);
  const findings: Finding[] = [];
  const spans: Span[] = [];
  for (const mapping of node.mappings) {
    if (mapping.single || mapping.index === own || node.kind === 'rmr') continue;
    const last = mapping.inputBase + mapping.idCount;
    if (last > 0xffff_ffff)
      findings.push({
        severity: 'error',
        rule: 'range-wraps',
        ...of(node, mapping),
        message: `the range begins at ${hex(mapping.inputBase)} and has ${mapping.idCount} IDs and one: it runs over 32 bits`,
        linux: 'computes the end in 32 bits, so that no ID is in the range',
        meant: 'the number of IDs less one',
      });
    else spans.push({ mapping, first: mapping.inputBase, last });
  }
  spans.sort((a, b) => a.first - b.first || a.mapping.index - b.mapping.index);
  let before: Span | undefined;
  for (const span of spans) {
    if (before !== undefined && span.first <= before.last)
      findings.push(overlap(node, before, span));
    if (before === undefined || span.last > before.last) before = span;
  }
  findings.push(...leftOut(node, spans));
  return findings;
}

function overlap(node: IortNode, a: Span, b: Span): Finding {
  const same = a.mapping.outputReference === b.mapping.outputReference;
  const shift = ({ mapping }: Span): number => mapping.outputBase - mapping.inputBase;
  const what = `mappings ${a.mapping.index} (${mappingText(a.mapping)}) and ${b.mapping.index} (${mappingText(b.mapping)})`;
  if (a.last === b.first && a.first !== b.first)
    return {
      severity: 'warning',
      rule: 'off-by-one',
      ...of(node, a.mapping),
      message: `${what} both have the ID ${hex(a.last)}: the first ends where the second begins`,
      linux: 'logs "conflicting mapping" and gives the ID to the mapping that begins with it',
      meant: `an ID count of ${hex(a.mapping.idCount - 1)}: the field is the number of IDs less one (QEMU 7.2 writes the number)`,
    };
  const harmless = same && shift(a) === shift(b);
  const first = a.mapping.index < b.mapping.index ? a : b;
  return {
    severity: harmless ? 'note' : 'error',
    rule: 'overlap',
    ...of(node, (first === a ? b : a).mapping),
    message: `${what} overlap${harmless ? ', and say the same' : ''}`,
    linux: `gives IDs that both have to mapping ${first.mapping.index}, which comes first in the table`,
    meant: 'ranges that follow each other',
  };
}

/** A range over whole buses but for the last function of the last one, which no other range has. */
function leftOut(node: IortNode, spans: readonly Span[]): Finding[] {
  if (node.kind !== 'root-complex') return [];
  return spans.flatMap(({ mapping, first, last }): Finding[] => {
    const missing = last + 1;
    if ((missing & 0xff) !== 0xff || (first & 0xff) !== 0 || last === first) return [];
    if (spans.some((other) => other.first <= missing && missing <= other.last)) return [];
    return [
      {
        severity: 'warning',
        rule: 'last-id-left-out',
        ...of(node, mapping),
        message: `the range ends with ${hex(last)} and leaves out ${hex(missing)}, the last function of the bus`,
        linux: `gives RID ${hex(missing)} no ITS and no SMMU`,
        meant: `an ID count of ${hex(mapping.idCount + 1)}`,
      },
    ];
  });
}
