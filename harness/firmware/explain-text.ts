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
import { filled, hanging } from '../report/wrap.ts';
import { bdf } from './rid.ts';

const MAX_ROWS = 40;
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const KINDS = {
  'device-tree': 'device tree',
  acpi: 'ACPI tables',
  topology: 'topology',
} as const;

/** How it is shown: tables may be as wide as the terminal, prose never is. */
export interface Page {
  readonly style: Style;
  readonly columns: number;
}

export function explanationText(explanation: Explanation, page: Page): string {
  const { source, bridges, platform } = explanation;
  const cpus = source.cpus === undefined ? '' : `, ${count(source.cpus, 'CPU')}`;
  const reader = source.kind === 'topology' ? '' : `; as Linux ${source.era} reads it`;
  const title = [
    printable(source.title ?? 'no model'),
    `${KINDS[source.kind]}${cpus}${reader}`,
  ] as const;
  return [
    titleLines(title, page.style).join('\n'),
    ...inventory(explanation, page),
    ...bridges.filter(({ available }) => available).map((bridge) => bridgeText(bridge, page)),
    ...unavailable(bridges, page),
    ...platformText(platform, page),
  ].join('\n\n');
}

function inventory({ controllers, iommus }: Explanation, page: Page): string[] {
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
        ['MSI controllers'],
        controllers.map((each) => {
          const doorbell = each.doorbell === undefined ? '' : `doorbell ${hex(each.doorbell)}`;
          if (each.kind === 'in-bridge') return row(each, INSIDE, 'MSI domain');
          const spis = (each.spis ?? []).map(([first, n]) => `SPIs ${first} to ${first + n - 1}`);
          return row(
            each,
            [doorbell, ...spis].filter((part) => part !== '').join(', '),
            'MSI domain',
          );
        }),
        page,
      ),
    );
  if (iommus.length > 0)
    blocks.push(
      table(
        ['IOMMUs'],
        iommus.map((each) =>
          row(each, each.base === undefined ? '' : `at ${hex(each.base)}`, 'IOMMU for Linux'),
        ),
        page,
      ),
    );
  return blocks;
}

function bridgeText(bridge: BridgeExplanation, page: Page): string {
  const { path, compatible, segment, busRange, bus } = bridge;
  const about = [
    compatible,
    segment === undefined ? undefined : `segment ${segment}`,
    bus === undefined ? `buses ${busRange[0]} to ${busRange[1]}` : 'IDs are ICIDs',
  ].filter((part) => part !== undefined);
  const rows = joined(bridge).map(({ first, last, msi, iommu }) => [
    first === last ? bdf(first) : `${bdf(first)} to ${bdf(last)}`,
    'controller' in msi && msi.controller === path ? INSIDE : msiCell(msi, first, last),
    iommuCell(iommu, first, last),
  ]);
  const title = [printable(path), printable(about.join(', '))] as const;
  const more = bridge.truncated === true ? ['  ... and more: ask with --rid'] : [];
  return [table(title, rows, page, ['requester', 'MSI', 'IOMMU']), ...more].join('\n');
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

/** Of a bridge that takes the MSIs of its devices itself. */
export const INSIDE = 'inside the bridge';

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

function unavailable(bridges: readonly BridgeExplanation[], page: Page): string[] {
  const off = bridges.filter(({ available }) => !available);
  if (off.length === 0) return [];
  return [
    table(
      [`${count(off.length, 'host bridge')} not available`],
      off.map(({ path, compatible }) => [printable(path), printable(compatible ?? '')]),
      page,
    ),
  ];
}

function platformText(platform: readonly PlatformExplanation[], page: Page): string[] {
  const on = platform.filter(({ available }) => available);
  const off = platform.length - on.length;
  if (platform.length === 0) return [];
  const rows = on.map(({ path, msi, iommu, role }) => [
    `${printable(path)}${role === undefined ? '' : ` (${role})`}`,
    msi.map((each) => msiCell(each)).join('; ') || '-',
    iommu.map((each) => iommuCell(each)).join('; ') || '-',
  ]);
  const more = off === 0 ? [] : [page.style.dim(`  and ${off} not available`)];
  const header = ['device', 'MSI', 'IOMMU'];
  return [[table(['Platform devices'], rows, page, header), ...more].join('\n')];
}

/**
 * Columns, as wide as their widest cell, where a line has room for them. Where it has not, a row is
 * a block: with a header each cell on a line behind its word, else as many cells in a line as fit.
 */
function table(
  title: Title,
  rows: readonly (readonly string[])[],
  { style, columns }: Page,
  header?: readonly string[],
): string {
  const shown = rows.slice(0, MAX_ROWS);
  const all = header === undefined ? shown : [header, ...shown];
  const width = (at: number): number => Math.max(...all.map((row) => (row[at] ?? '').length));
  const widths = Array.from({ length: Math.max(0, ...all.map((row) => row.length)) }, (_, at) =>
    width(at),
  );
  const aligned = all.map((row) =>
    `  ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('   ')}`.trimEnd(),
  );
  const fits = aligned.every((line) => line.length <= columns);
  const lines = fits ? aligned : shown.flatMap((row) => block(row, header));
  const left = rows.length - shown.length;
  const more = left > 0 ? [style.dim(`  and ${left} more (--json has all)`)] : [];
  return [...titleLines(title, style), ...lines, ...more].join('\n');
}

function block([first = '', ...cells]: readonly string[], header?: readonly string[]): string[] {
  if (header === undefined) return filled(`  ${first}`, ['', ...cells], '   ', '    ');
  const words = header.slice(1);
  const wide = Math.max(...words.map((word) => word.length));
  return [
    ...hanging('  ', first),
    ...cells.flatMap((cell, at) => hanging(`    ${(words[at] ?? '').padEnd(wide)}  `, cell)),
  ];
}

/** The first in bold, the rest dim behind it or below. */
type Title = readonly [name: string, about?: string];

export function titleLines([name, about]: Title, style: Style): string[] {
  if (about === undefined || about === '') return [style.bold(name)];
  const [first = '', ...rest] = hanging(`${name}   `, about, '  ');
  const behind = first.slice(name.length);
  return [`${style.bold(name)}${behind === '' ? '' : style.dim(behind)}`, ...rest.map(style.dim)];
}
