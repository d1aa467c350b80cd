/**
 * Whether the tables of hardware and of Linux have a place for the IDs that firmware gives.
 *
 * - ITS: GITS_TYPER.Devbits. Firmware says it only by the window of a pre-ITS; virtual ITSs have
 *   16. `its_create_device` gives up when `its_alloc_device_table` finds no place: -ENOMEM. An
 *   indirect table reaches 26 bits whatever Devbits says; then only the ITS refuses (MAPD), and
 *   nobody is told.
 * - SMMUv3: SMMU_IDR1.SIDSIZE, and Linux's own table: STRTAB_MAX_L1_ENTRIES (1 << 17) times 256
 *   entries of the second level. `arm_smmu_sid_in_range`: -ERANGE.
 * - SMMUv2: at most 16 bits, SMMU_IDR0.NUMSIDB and EXIDS. `arm_smmu_of_xlate` keeps the low 16 bits
 *   of the cell (FIELD_PREP of ARM_SMMU_SMR_ID); from an IORT the whole word is taken for an ID
 *   with a mask above it. `arm_smmu_probe_device` refuses what hardware is too narrow for: -EINVAL.
 */
import type { Explanation, IommuKind, RidRange } from './explanation.ts';
import type { Finding } from './finding.ts';
import { bitsFor } from './import/ids.ts';

/** What somebody who has the hardware says of it: of all nodes of a kind, or of one. */
export interface SaidBits {
  readonly bits: number;
  readonly node?: string;
}
export interface Sizes {
  readonly streamId: readonly SaidBits[];
  readonly deviceId: readonly SaidBits[];
}
export const NO_SIZES: Sizes = { streamId: [], deviceId: [] };

/** A table whose size only hardware knows, and what firmware asks of it. */
export interface UnknownSize {
  readonly node: string;
  readonly id: IdName;
  readonly highest: number;
  readonly bits: number;
}
export interface SizeReview {
  readonly findings: readonly Finding[];
  readonly unknown: readonly UnknownSize[];
}

type IdName = 'StreamID' | 'DeviceID';
const WIDTH_OF_SMR = 16;
/** 17 of the first level and 8 of the second. */
const WIDTH_OF_STRTAB = 25;
/** A tree made to hurt has more users than anybody reads findings of. */
const MAX_FINDINGS = 256;

/** IDs `first` to `last` that somebody sends to a table. */
interface Use {
  readonly who: string;
  readonly property: string;
  readonly rids?: RidRange;
  readonly first: number;
  readonly last: number;
}
interface Table {
  readonly node: string;
  readonly id: IdName;
  /** Of an IOMMU. */
  readonly kind?: IommuKind;
  /** As firmware tells it. */
  readonly bits?: number;
  readonly uses: Use[];
}

export function sizeReview(explanation: Explanation, sizes: Sizes): SizeReview {
  const acpi = explanation.source.kind === 'acpi';
  const findings: Finding[] = [];
  const unknown: UnknownSize[] = [];
  for (const table of tablesOf(explanation).values()) {
    if (table.uses.length === 0) continue;
    const said = saidOf(table, sizes) ?? table.bits;
    const limit = Math.min(said ?? 32, softwareLimit(table));
    const width = { limit, said: said !== undefined && said <= limit };
    for (const use of table.uses)
      if (use.last >= 2 ** limit && findings.length < MAX_FINDINGS)
        findings.push(finding(table, use, width, acpi));
    if (said !== undefined) continue;
    const highest = table.uses.reduce((most, { last }) => Math.max(most, last), 0);
    unknown.push({ node: table.node, id: table.id, highest, bits: bitsFor(highest) });
  }
  return { findings, unknown };
}

/** Names of nodes that somebody gave a size and that have no such table. */
export function strangers(explanation: Explanation, { streamId, deviceId }: Sizes): string[] {
  const tables = tablesOf(explanation);
  const isKnown = (id: IdName, node: string): boolean => tables.get(node)?.id === id;
  const named = (said: readonly SaidBits[], id: IdName): string[] =>
    said.flatMap(({ node }) => (node === undefined || isKnown(id, node) ? [] : [node]));
  return [...named(streamId, 'StreamID'), ...named(deviceId, 'DeviceID')];
}

function tablesOf({ controllers, iommus, bridges, platform }: Explanation): Map<string, Table> {
  const tables = new Map<string, Table>();
  for (const { path, kind, unused, deviceIdBits } of controllers)
    if (kind === 'gicv3-its' && unused === undefined)
      tables.set(path, { node: path, id: 'DeviceID', ...bitsOf(deviceIdBits), uses: [] });
  for (const { path, kind, unused, streamIdBits } of iommus)
    if (kind !== 'other' && unused === undefined)
      tables.set(path, { node: path, id: 'StreamID', kind, ...bitsOf(streamIdBits), uses: [] });

  const see = (
    target: string,
    id: number | undefined,
    who: string,
    property: string,
    range?: RidRange & { readonly constant?: boolean },
  ): void => {
    if (id === undefined) return;
    const more = range === undefined || range.constant === true ? 0 : range.lastRid - range.rid;
    const rids = range === undefined ? {} : { rids: range };
    tables.get(target)?.uses.push({ who, property, ...rids, first: id, last: id + more });
  };
  for (const { path, available, msi, iommu } of bridges) {
    if (!available) continue;
    for (const each of msi)
      if ('controller' in each) see(each.controller, each.deviceId, path, 'msi-map', each);
    for (const each of iommu)
      if ('iommu' in each) see(each.iommu, each.streamId, path, 'iommu-map', each);
  }
  for (const { path, available, msi, iommu } of platform) {
    if (!available) continue;
    for (const each of msi)
      if ('controller' in each) see(each.controller, each.deviceId, path, 'msi-parent');
    for (const each of iommu) if ('iommu' in each) see(each.iommu, each.streamId, path, 'iommus');
  }
  return tables;
}

const bitsOf = (bits: number | undefined): { bits?: number } =>
  bits === undefined ? {} : { bits };

/** What was said of the node itself, else of all of its kind. */
function saidOf({ node, id }: Table, { streamId, deviceId }: Sizes): number | undefined {
  const said = id === 'StreamID' ? streamId : deviceId;
  const its = said.findLast((each) => each.node === node);
  return (its ?? said.findLast((each) => each.node === undefined))?.bits;
}

const softwareLimit = ({ kind }: Table): number =>
  kind === 'smmu-v2' ? WIDTH_OF_SMR : kind === 'smmu-v3' ? WIDTH_OF_STRTAB : 32;

const hex = (value: number): string => `0x${value.toString(16)}`;

function finding(
  table: Table,
  use: Use,
  { limit, said }: { readonly limit: number; readonly said: boolean },
  acpi: boolean,
): Finding {
  const { node, id, kind } = table;
  const from = Math.max(use.first, 2 ** limit);
  const ids = from === use.last ? `${id} ${hex(from)}` : `${id}s ${hex(from)} to ${hex(use.last)}`;
  const whose = use.rids === undefined ? '' : ` of ${ridsText(use, from)}`;
  const width = bitsFor(use.last);
  const has = said ? `${node} has ${limit}` : `${WHY_NOT[kind ?? 'other']} ${limit}`;
  return {
    // Requesters behind the first of them may be all that a board has.
    severity: from === use.first ? 'error' : 'warning',
    rule: RULES[kind ?? 'its'],
    node: use.who,
    ...(acpi ? {} : { property: use.property }),
    message: `${ids}${whose} at ${node} ${from === use.last ? 'takes' : 'take'} ${width} bits, and ${has}`,
    linux: linuxOf(table, from, limit, acpi),
    meant: `an output base below ${hex(2 ** limit)}${use.rids === undefined ? '' : ', or a smaller range'}`,
  };
}

const RULES = {
  its: 'device-table-too-small',
  'smmu-v3': 'stream-table-too-small',
  'smmu-v2': 'stream-id-too-wide',
  other: 'stream-id-too-wide',
} as const;
const WHY_NOT = {
  'smmu-v3': "Linux's stream table covers",
  'smmu-v2': 'an SMMUv2 has at most',
  other: 'it has',
} as const;

function ridsText({ rids, first }: Use, from: number): string {
  if (rids === undefined) return '';
  const rid = rids.rid + (from - first);
  return rid >= rids.lastRid ? `RID ${hex(rid)}` : `RIDs ${hex(rid)} to ${hex(rids.lastRid)}`;
}

function linuxOf({ kind }: Table, id: number, limit: number, acpi: boolean): string {
  if (kind === undefined)
    return 'finds no place for them in the device table and gives the devices no MSIs (-ENOMEM), or has room in an indirect one and gives them MSIs that the ITS drops';
  if (kind === 'smmu-v3')
    return 'refuses the StreamIDs (-ERANGE) and sets the devices up without an IOMMU; the SMMU, which has no entry for them, stops their DMA and MSIs';
  const low = id & 0xffff;
  if (limit < WIDTH_OF_SMR && id === low)
    return 'refuses the devices (-EINVAL: stream ID out of range for SMMU)';
  return acpi
    ? `takes what is above bit 15 for a mask: ${hex(id)} is StreamID ${hex(low)} with mask ${hex((id >>> 16) & 0x7fff)}`
    : `keeps the low 16 bits: ${hex(id)} becomes ${hex(low)}, another stream than the device's`;
}
