/**
 * A machine's way of MSIs as a picture: who sends them, the IOMMU in between, the controller, the
 * CPUs. The graph is ours, in the language of Graphviz; the layout and the SVG are Graphviz's.
 */
import type {
  BridgeExplanation,
  ControllerNode,
  Explanation,
  IommuAnswer,
  MsiAnswer,
  PlatformExplanation,
  RidRange,
} from '../../src/firmware/explanation.ts';
import { bdf } from './rid.ts';

/** Platform devices of one controller beyond this are one box: the picture is for reading. */
const MAX_DEVICES = 6;
const MAX_ROWS = 40;
const CHOSEN = '#c0392b';

/** @param chosen What was asked for with --rid or --device: its way is drawn thick. */
export function pictureDot(whole: Explanation, chosen: Explanation | undefined): string {
  const graph = new Graph(whole);
  for (const bridge of whole.bridges.filter(({ available }) => available).slice(0, MAX_ROWS))
    graph.bridge(
      bridge,
      chosen?.bridges.find(({ path }) => path === bridge.path),
    );
  const wanted = new Set(chosen?.platform.map(({ path }) => path));
  const senders = whole.platform.filter(
    ({ available, msi, role }) => available && msi.length > 0 && role !== 'iommu',
  );
  for (const [controller, devices] of byController(senders))
    graph.platform(controller, devices, wanted);
  return graph.text();
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
/** Names are of any bytes, and < and " have a meaning. */
const quoted = (text: string): string =>
  `"${text
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?')
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')}"`;

function byController(devices: readonly PlatformExplanation[]): Map<string, PlatformExplanation[]> {
  const found = new Map<string, PlatformExplanation[]>();
  for (const device of devices) {
    const to = device.msi.find((msi) => 'controller' in msi);
    const key = to !== undefined && 'controller' in to ? to.controller : '';
    found.set(key, [...(found.get(key) ?? []), device]);
  }
  return found;
}

/** The last part of a path, or the last two where several nodes have the last. */
function shortNames({
  bridges,
  platform,
  controllers,
  iommus,
}: Explanation): (path: string) => string {
  const last = (path: string, parts: number): string => path.split('/').slice(-parts).join('/');
  const seen = new Map<string, Set<string>>();
  for (const { path } of [...bridges, ...platform, ...controllers, ...iommus])
    seen.set(last(path, 1), (seen.get(last(path, 1)) ?? new Set<string>()).add(path));
  return (path) => last(path, (seen.get(last(path, 1))?.size ?? 1) > 1 ? 2 : 1);
}

class Graph {
  readonly #lines: string[] = [];
  readonly #short: (path: string) => string;
  readonly #boxes = new Map<string, { label: string; colour: string; rank: string; on: boolean }>();
  readonly #edges = new Map<
    string,
    { key: string; label: Set<string>; on: boolean; dashed: boolean }
  >();
  readonly #whole: Explanation;

  constructor(whole: Explanation) {
    this.#whole = whole;
    this.#short = shortNames(whole);
    // Controllers with a domain are drawn even when nobody uses them.
    for (const controller of whole.controllers)
      // What is in a bridge is drawn with it.
      if (controller.unused === undefined && controller.kind !== 'in-bridge')
        this.#controller(controller.path);
  }

  bridge(bridge: BridgeExplanation, chosen: BridgeExplanation | undefined): void {
    const { path, compatible, segment, busRange, msi, iommu, bus } = bridge;
    const where = segment === undefined ? '' : `segment ${segment}, `;
    const buses = bus === undefined ? `${where}buses ${busRange[0]} to ${busRange[1]}` : 'ICIDs';
    const own = msi.some((answer) => 'controller' in answer && answer.controller === path);
    const label = [
      this.#short(path),
      ...(compatible === undefined ? [] : [compatible]),
      buses,
      ...(own ? ['MSI controller inside'] : []),
    ];
    this.#box(path, label.join('\n'), '#dbe9f6', 'sender', chosen !== undefined);
    // Without a choice every range; with one, those of the RIDs that were asked for are thick.
    for (const [m, i] of joined(msi, iommu)) this.#way(path, m, i, false);
    for (const [m, i] of joined(chosen?.msi ?? [], chosen?.iommu ?? []))
      this.#way(path, m, i, true);
    if (own) this.#own(path, iommu, chosen);
  }

  /** MSIs end in the bridge; what else the devices write goes through the IOMMU. */
  #own(
    path: string,
    iommu: readonly (RidRange & IommuAnswer)[],
    chosen: BridgeExplanation | undefined,
  ): void {
    this.#edge(path, 'cpus', 'MSIs', chosen !== undefined, false);
    const dma = (answers: typeof iommu, on: boolean): void => {
      for (const each of answers.slice(0, MAX_ROWS)) {
        if ('bypass' in each) continue;
        const id = each.streamId === undefined ? '' : `StreamID ${ids(each.streamId, each)}`;
        this.#edge(path, this.#iommu(each.iommu, on), `DMA  ${range(each)}${id}`, on, true);
      }
    };
    dma(iommu, false);
    dma(chosen?.iommu ?? [], true);
  }

  platform(
    controller: string,
    devices: readonly PlatformExplanation[],
    wanted: ReadonlySet<string>,
  ): void {
    const alone = devices.filter(({ path }) => wanted.has(path));
    const rest = devices.filter(({ path }) => !wanted.has(path));
    const shown = rest.length > MAX_DEVICES ? [] : rest;
    for (const device of [...alone, ...shown]) {
      const { path, msi, iommu } = device;
      const on = wanted.has(path);
      this.#box(path, this.#short(path), '#e8e8e8', 'sender', on);
      const to = msi.find((each) => 'controller' in each) ?? msi[0];
      if (to !== undefined) this.#way(path, to, iommu[0], on);
    }
    if (shown.length === rest.length) return;
    const group = `platform devices of ${controller}`;
    this.#box(group, `${rest.length} platform devices`, '#e8e8e8', 'sender', false);
    if (controller === '') this.#edge(group, 'no MSI', undefined, false, true);
    else this.#edge(group, this.#controller(controller), undefined, false, false);
  }

  /** From a sender through its IOMMU to its controller. */
  #way(
    from: string,
    msi: MsiAnswer & Partial<RidRange>,
    iommu: IommuAnswer | undefined,
    on: boolean,
  ): void {
    const who = range(msi);
    if ('none' in msi) {
      this.#box('no MSI', 'no MSI', '#f6dbdb', 'controller', on);
      this.#edge(from, 'no MSI', `${who}${msi.none}`, on, true);
      return;
    }
    if (msi.controller === from) return;
    const to = this.#controller(msi.controller, on);
    const device = msi.deviceId === undefined ? undefined : `DeviceID ${ids(msi.deviceId, msi)}`;
    if (iommu !== undefined && 'iommu' in iommu) {
      const stream =
        iommu.streamId === undefined ? '' : `StreamID ${ids(iommu.streamId, { ...msi, ...iommu })}`;
      this.#edge(from, this.#iommu(iommu.iommu, on), `${who}${stream}`, on, false);
      this.#edge(iommu.iommu, to, device, on, false);
      return;
    }
    const at = iommu?.at;
    // Linux passes an IOMMU over that the device's requests may meet all the same.
    if (
      iommu !== undefined &&
      at !== undefined &&
      this.#whole.iommus.some(({ path }) => path === at)
    ) {
      this.#edge(from, this.#iommu(at, on), `${who}${iommu.bypass}`, on, true);
      this.#edge(at, to, device, on, true);
      return;
    }
    const past =
      iommu === undefined || iommu.bypass === 'no-map' ? '' : `past IOMMU: ${iommu.bypass}`;
    const label = [`${who}${device ?? ''}`, past].filter((text) => text !== '').join('\n');
    this.#edge(from, to, label, on, false);
  }

  #iommu(path: string, on: boolean): string {
    const known = this.#whole.iommus.find((each) => each.path === path);
    const label = [this.#short(path), known?.name ?? ''];
    if (known?.unused === undefined) this.#box(path, label.join('\n'), '#f5e6c8', 'iommu', on);
    else {
      label.push(`${known.unused}: Linux passes it over`);
      this.#box(path, label.join('\n'), '#f7f7f7', 'iommu', on);
    }
    return path;
  }

  #controller(path: string, on = false): string {
    const node = this.#whole.controllers.find((each) => each.path === path);
    this.#box(path, controllerLabel(this.#short(path), node), '#d9f0d9', 'controller', on);
    this.#edge(path, 'cpus', undefined, on, false);
    return path;
  }

  #box(id: string, label: string, colour: string, rank: string, on: boolean): void {
    this.#boxes.set(id, { label, colour, rank, on: on || this.#boxes.get(id)?.on === true });
  }

  /** What was asked for has edges of its own, beside those of the ranges. */
  #edge(from: string, to: string, label: string | undefined, on: boolean, dashed: boolean): void {
    const key = `${quoted(from)} -> ${quoted(to)}`;
    const name = `${key}${on ? ' on' : ''}`;
    const edge = this.#edges.get(name) ?? { key, label: new Set<string>(), on, dashed };
    if (label !== undefined && label !== '') edge.label.add(label);
    this.#edges.set(name, edge);
  }

  text(): string {
    const { source } = this.#whole;
    const cpus = source.cpus ?? 1;
    this.#box('cpus', cpus === 1 ? 'CPU 0' : `CPUs 0 to ${cpus - 1}`, '#eadcf4', 'cpu', false);
    this.#lines.push(
      'digraph machine {',
      'rankdir=LR; nodesep=0.25; ranksep=1.2; fontname="Helvetica"; labelloc=t;',
      'node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11, margin="0.4,0.08"];',
      'edge [fontname="Helvetica", fontsize=9, color="#555555"];',
    );
    for (const [id, { label, colour, on }] of this.#boxes)
      this.#lines.push(
        `${quoted(id)} [label=${quoted(label)}, fillcolor="${colour}"${on ? `, color="${CHOSEN}", penwidth=2.5` : ''}];`,
      );
    for (const { key, label, on, dashed } of this.#edges.values()) {
      // One arrow is enough where neither says anything.
      if (!on && label.size === 0 && this.#edges.has(`${key} on`)) continue;
      this.#lines.push(
        `${key} [label=${quoted(lines([...label]))}${on ? `, color="${CHOSEN}", fontcolor="${CHOSEN}", penwidth=2.5` : ''}${dashed ? ', style=dashed' : ''}];`,
      );
    }
    for (const rank of ['sender', 'iommu', 'controller']) {
      const same = [...this.#boxes]
        .filter(([, box]) => box.rank === rank)
        .map(([id]) => quoted(id));
      if (same.length > 0) this.#lines.push(`{ rank=same; ${same.join('; ')} }`);
    }
    this.#lines.push(
      headline(
        `${source.title ?? ''}, as Linux ${source.era} reads its firmware`,
        [...this.#boxes.values()].some(({ on }) => on),
      ),
    );
    return [...this.#lines, '}'].join('\n');
  }
}

function controllerLabel(name: string, node: ControllerNode | undefined): string {
  const doorbell = node?.doorbell === undefined ? [] : [`doorbell ${hex(node.doorbell)}`];
  return [name, node?.name ?? '', ...doorbell].join('\n');
}

const range = ({ rid, lastRid }: Partial<RidRange>): string =>
  rid === undefined
    ? ''
    : rid === lastRid
      ? `${bdf(rid)}  `
      : `${bdf(rid)} to ${bdf(lastRid ?? rid)}  `;

function ids(first: number, answer: Partial<RidRange> & { readonly constant?: boolean }): string {
  const { rid, lastRid, constant } = answer;
  if (rid === undefined || lastRid === undefined || rid === lastRid || constant === true)
    return hex(first);
  return `${hex(first)} to ${hex(first + lastRid - rid)}`;
}

/** Labels of an edge that many ways take. */
const MAX_LABELS = 4;
const lines = (labels: readonly string[]): string =>
  [
    ...labels.slice(0, MAX_LABELS),
    ...(labels.length > MAX_LABELS ? [`and ${labels.length - MAX_LABELS} more`] : []),
  ].join('\n');

const html = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');

const COLOURS = [
  ['#dbe9f6', 'host bridge'],
  ['#e8e8e8', 'platform device'],
  ['#f5e6c8', 'IOMMU'],
  ['#f7f7f7', 'IOMMU that Linux passes over'],
  ['#d9f0d9', 'MSI controller'],
] as const;

/** The title, and what the colours mean. */
function headline(title: string, chosen: boolean): string {
  const cells = COLOURS.map(
    ([colour, text]) =>
      `<TD BGCOLOR="${colour}"><FONT POINT-SIZE="9">${text}&#160;&#160;&#160;</FONT></TD>`,
  );
  const asked = chosen
    ? [
        `<TD COLOR="${CHOSEN}"><FONT POINT-SIZE="9" COLOR="${CHOSEN}">what was asked for&#160;&#160;&#160;</FONT></TD>`,
      ]
    : [];
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="4" CELLPADDING="8"><TR>${[...cells, ...asked].join('')}</TR></TABLE>`;
  return `label=<<TABLE BORDER="0"><TR><TD><FONT POINT-SIZE="14">${html(title)}</FONT></TD></TR><TR><TD>${table}</TD></TR></TABLE>>;`;
}

/** The first few pairs of ranges, side by side. */
function joined(
  msi: readonly (RidRange & MsiAnswer)[],
  iommu: readonly (RidRange & IommuAnswer)[],
): [RidRange & MsiAnswer, IommuAnswer | undefined][] {
  return msi
    .slice(0, MAX_ROWS)
    .map((each) => [
      each,
      iommu.find(({ rid, lastRid }) => rid <= each.rid && each.rid <= lastRid),
    ]);
}
