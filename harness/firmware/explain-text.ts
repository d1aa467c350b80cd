/** An explanation for people: a table for each host bridge and for platform devices. */
import type {
  BridgeExplanation,
  Explanation,
  IommuAnswer,
  MsiAnswer,
  PlatformExplanation,
  RidRange,
} from '../../src/firmware/explanation.ts';
import type { Why } from '../../src/firmware/why.ts';
import { count, printable, type Style } from '../report/style.ts';
import { bdf } from './rid.ts';

const MAX_ROWS = 40;
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const KINDS = {
  'device-tree': 'device tree',
  acpi: 'ACPI tables',
  topology: 'topology',
} as const;

export function explanationText(explanation: Explanation, style: Style): string {
  const { source, bridges, platform } = explanation;
  const cpus = source.cpus === undefined ? '' : `, ${count(source.cpus, 'CPU')}`;
  const reader = source.kind === 'topology' ? '' : `; as Linux ${source.era} reads it`;
  return [
    `${style.bold(printable(source.title ?? 'no model'))}   ${style.dim(`${KINDS[source.kind]}${cpus}${reader}`)}`,
    ...inventory(explanation, style),
    ...bridges.filter(({ available }) => available).map((bridge) => bridgeText(bridge, style)),
    ...unavailable(bridges, style),
    ...platformText(platform, style),
  ].join('\n\n');
}

function inventory({ controllers, iommus }: Explanation, style: Style): string[] {
  const row = (
    { path, name, unused }: { path: string; name: string; unused?: Why },
    more: string,
    kind: string,
  ): string[] => [
    printable(name),
    printable(path),
    unused === undefined ? more : `${more}${more === '' ? '' : '; '}no ${kind}: ${unused}`,
  ];
  const blocks: string[] = [];
  if (controllers.length > 0)
    blocks.push(
      table(
        'MSI controllers',
        controllers.map((each) => {
          const doorbell = each.doorbell === undefined ? '' : `doorbell ${hex(each.doorbell)}`;
          const spis = (each.spis ?? []).map(([first, n]) => `SPIs ${first} to ${first + n - 1}`);
          return row(
            each,
            [doorbell, ...spis].filter((part) => part !== '').join(', '),
            'MSI domain',
          );
        }),
        style,
      ),
    );
  if (iommus.length > 0)
    blocks.push(
      table(
        'IOMMUs',
        iommus.map((each) =>
          row(each, each.base === undefined ? '' : `at ${hex(each.base)}`, 'IOMMU for Linux'),
        ),
        style,
      ),
    );
  return blocks;
}

function bridgeText(bridge: BridgeExplanation, style: Style): string {
  const { path, compatible, segment, busRange, bus } = bridge;
  const about = [
    compatible,
    segment === undefined ? undefined : `segment ${segment}`,
    bus === undefined ? `buses ${busRange[0]} to ${busRange[1]}` : 'IDs are ICIDs',
  ].filter((part) => part !== undefined);
  const rows = joined(bridge).map(({ first, last, msi, iommu }) => [
    first === last ? bdf(first) : `${bdf(first)} to ${bdf(last)}`,
    msiCell(msi, first, last),
    iommuCell(iommu, first, last),
  ]);
  const title = `${printable(path)}   ${style.dim(printable(about.join(', ')))}`;
  const more = bridge.truncated === true ? ['  ... and more: ask with --rid'] : [];
  return [table(title, [['requester', 'MSI', 'IOMMU'], ...rows], style), ...more].join('\n');
}

interface Row {
  readonly first: number;
  readonly last: number;
  readonly msi: RidRange & MsiAnswer;
  readonly iommu: RidRange & IommuAnswer;
}

/** The two lists side by side, cut where either changes. */
function joined({ msi, iommu }: BridgeExplanation): Row[] {
  const rows: Row[] = [];
  for (let m = 0, i = 0; m < msi.length && i < iommu.length;) {
    const [a, b] = [msi[m], iommu[i]] as [RidRange & MsiAnswer, RidRange & IommuAnswer];
    const first = Math.max(a.rid, b.rid);
    const last = Math.min(a.lastRid, b.lastRid);
    if (first <= last) rows.push({ first, last, msi: a, iommu: b });
    if (a.lastRid <= b.lastRid) m++;
    if (b.lastRid <= a.lastRid) i++;
  }
  return rows;
}

export function msiCell(
  answer: MsiAnswer & Partial<RidRange>,
  first?: number,
  last?: number,
): string {
  if ('none' in answer)
    return `none: ${answer.none}${answer.at === undefined ? '' : ` (${answer.at})`}`;
  const id = span(answer.deviceId, answer, first, last);
  return `${answer.controller}${id === undefined ? '' : ` DeviceID ${id}`}`;
}

export function iommuCell(
  answer: IommuAnswer & Partial<RidRange>,
  first?: number,
  last?: number,
): string {
  if ('bypass' in answer) {
    const at = answer.bypass === 'no-map' || answer.at === undefined ? '' : ` (${answer.at})`;
    return `none: ${answer.bypass}${at}`;
  }
  const id = span(answer.streamId, answer, first, last);
  const mask = answer.mask === undefined ? '' : ` mask ${hex(answer.mask)}`;
  return `${answer.iommu}${id === undefined ? '' : ` StreamID ${id}`}${mask}`;
}

function span(
  id: number | undefined,
  answer: { readonly rid?: number; readonly constant?: boolean },
  first = answer.rid ?? 0,
  last = first,
): string | undefined {
  if (id === undefined) return undefined;
  if (answer.constant === true || answer.rid === undefined) return hex(id);
  const from = (id + first - answer.rid) >>> 0;
  return first === last ? hex(from) : `${hex(from)} to ${hex((from + last - first) >>> 0)}`;
}

function unavailable(bridges: readonly BridgeExplanation[], style: Style): string[] {
  const off = bridges.filter(({ available }) => !available);
  if (off.length === 0) return [];
  return [
    table(
      `${count(off.length, 'host bridge')} not available`,
      off.map(({ path, compatible }) => [printable(path), printable(compatible ?? '')]),
      style,
    ),
  ];
}

function platformText(platform: readonly PlatformExplanation[], style: Style): string[] {
  const on = platform.filter(({ available }) => available);
  const off = platform.length - on.length;
  if (platform.length === 0) return [];
  const rows = on.map(({ path, msi, iommu, role }) => [
    `${printable(path)}${role === undefined ? '' : ` (${role})`}`,
    msi.map((each) => msiCell(each)).join('; ') || '-',
    iommu.map((each) => iommuCell(each)).join('; ') || '-',
  ]);
  const more = off === 0 ? [] : [style.dim(`  and ${off} not available`)];
  return [
    [table('Platform devices', [['device', 'MSI', 'IOMMU'], ...rows], style), ...more].join('\n'),
  ];
}

/** Columns as wide as their widest cell, but the last. */
export function table(title: string, rows: readonly (readonly string[])[], style: Style): string {
  const shown = rows.slice(0, MAX_ROWS + 1);
  const columns = Math.max(0, ...shown.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...shown.map((row) => (row[at] ?? '').length)),
  );
  const lines = shown.map((row) =>
    `  ${row.map((text, at) => (at === row.length - 1 ? text : text.padEnd(widths[at] ?? 0))).join('   ')}`.trimEnd(),
  );
  const left = rows.length - shown.length;
  const more = left > 0 ? [style.dim(`  and ${left} more (--json has all)`)] : [];
  return [style.bold(title), ...lines, ...more].join('\n');
}
