/**
 * A counterexample as a sequence diagram: a lane for each thread, each device and each device's
 * write in flight, time downwards, and the state before and after the last step. Our own layout:
 * the text is of one width, so that nothing need be measured; docs/dependencies.md says why no
 * library draws it.
 */
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import { type Row, storyRows } from './story-text.ts';

export interface Diagram {
  readonly title: string;
  /** The design and the point of the matrix. */
  readonly subtitle: string;
  /** What does not hold. */
  readonly reason: string;
  readonly story: readonly StoryStep[];
  readonly before: Readonly<Record<string, string | number>>;
  readonly after: Readonly<Record<string, string | number>>;
}

/**
 * Pixels of a character of 12 pixels, of any monospaced font within a percent or two; and of a row.
 */
const CHAR = 7.25;
const ROW = 18;
const LEFT = 92;
const TOP = 96;
const GAP = 26;
/** Text beyond this is cut; the whole of it is the tooltip. */
const MAX_TEXT = 52;
const BAR = 8;

const COLOURS = {
  ink: '#1f2933',
  quiet: '#7b8794',
  lane: '#cbd2d9',
  thread: '#2f6f9f',
  device: '#3c7a57',
  write: '#b7791f',
  bad: '#c0392b',
} as const;

interface Lane {
  readonly name: string;
  readonly kind: 'thread' | 'device' | 'write';
  readonly x: number;
}

export function storySvg(diagram: Diagram): string {
  const drawing = new Drawing(diagram);
  return drawing.text();
}

class Drawing {
  private readonly diagram: Diagram;
  private readonly rows: readonly Row[];
  private readonly lanes: readonly Lane[];
  private readonly parts: string[] = [];
  private readonly width: number;
  private readonly bottom: number;

  constructor(diagram: Diagram) {
    this.diagram = diagram;
    this.rows = storyRows(diagram.story);
    const [lanes, right] = lanesOf(this.rows);
    const states = statesOf(diagram).map(({ text }) => text.length);
    const heads = [diagram.title, diagram.subtitle, diagram.reason].map(({ length }) => length + 4);
    this.lanes = lanes;
    this.width = Math.max(right, LEFT + CHAR * Math.max(0, ...states, ...heads)) + GAP;
    this.bottom = TOP + ROW * (this.rows.length + 1);
  }

  text(): string {
    this.head();
    for (const lane of this.lanes) this.lane(lane);
    this.bars();
    this.rows.forEach((row, n) => this.row(row, n));
    const height = this.states();
    const size = `width="${Math.ceil(this.width)}" height="${height}"`;
    const box = `viewBox="0 0 ${Math.ceil(this.width)} ${height}"`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${box} font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12" fill="${COLOURS.ink}">`,
      `<title>${escaped(this.diagram.reason)}</title>`,
      `<rect width="100%" height="100%" fill="#ffffff"/>`,
      ...this.parts,
      '</svg>',
      '',
    ].join('\n');
  }

  private head(): void {
    const { title, subtitle, reason } = this.diagram;
    this.write(GAP, 26, title, { weight: 'bold' });
    this.write(GAP, 44, subtitle, { colour: COLOURS.quiet });
    this.write(GAP, 62, reason, { colour: COLOURS.bad });
  }

  private lane({ name, kind, x }: Lane): void {
    const colour = COLOURS[kind];
    this.write(x - BAR, TOP - 6, kind === 'write' ? `${name}'s write` : name, {
      colour,
      weight: 'bold',
    });
    const dash = kind === 'write' ? ' stroke-dasharray="3 4"' : '';
    this.parts.push(
      `<line x1="${x}" y1="${TOP}" x2="${x}" y2="${this.bottom}" stroke="${COLOURS.lane}"${dash}/>`,
    );
  }

  /** From the begin of an operation to its end, from the sending of a write to its arrival. */
  private bars(): void {
    const open = new Map<Lane, number>();
    const close = (lane: Lane, n: number): void => {
      const from = this.y(open.get(lane) ?? n) - ROW / 2;
      const to = this.y(n) - 2;
      const look = `fill="${COLOURS[lane.kind]}" fill-opacity="0.18" stroke="${COLOURS[lane.kind]}" stroke-opacity="0.5"`;
      this.parts.push(
        `<rect x="${lane.x - BAR / 2}" y="${from}" width="${BAR}" height="${Math.max(ROW / 2, to - from)}" rx="2" ${look}/>`,
      );
      open.delete(lane);
    };
    this.rows.forEach((row, n) => {
      const lane = this.laneOf(row);
      if (row.role === 'operation' && row.of.begins) open.set(lane, n);
      const write = this.lanes.find(({ kind, name }) => kind === 'write' && name === row.actor);
      if (row.of.kind === 'fire' && row.role === 'step' && write !== undefined) open.set(write, n);
      if (row.of.kind === 'arrive' && row.role === 'step') close(lane, n);
      const next = this.rows[n + 1];
      const isLastOf = next?.of !== row.of || next.actor !== row.actor;
      if (lane.kind === 'thread' && isLastOf && this.ends(row)) close(lane, n);
    });
    for (const lane of [...open.keys()]) close(lane, this.rows.length);
  }

  /** An operation in one row ends with its last step, which is not the one that the row is of. */
  private ends({ of, step }: Row): boolean {
    const { story } = this.diagram;
    const whole = this.rows.find((row) => row.of === of && row.step.includes('-'));
    if (whole === undefined) return of.ends;
    const last = Number((step.includes('-') ? step : whole.step).split('-')[1]);
    return story[last - 1]?.ends ?? false;
  }

  private row(row: Row, n: number): void {
    const { step, role, kind, of } = row;
    const lane = this.laneOf(row);
    const y = this.y(n);
    const bad = kind === 'fault' || kind === 'lost';
    if (step !== '') this.write(LEFT - GAP, y, step, { colour: COLOURS.quiet, anchor: 'end' });
    if (role === 'step') this.mark(lane, y, bad);
    const isHead = role === 'operation';
    const shift = role === 'effect' ? 24 : 12;
    this.write(lane.x + shift, y, row.text, {
      colour: bad ? COLOURS.bad : role === 'effect' ? COLOURS.quiet : COLOURS.ink,
      ...(isHead || bad ? { weight: 'bold' } : {}),
    });
    if (of.kind === 'fire' && role === 'step') this.sent(row, lane, y);
  }

  private mark(lane: Lane, y: number, bad: boolean): void {
    const colour = bad ? COLOURS.bad : COLOURS[lane.kind];
    this.parts.push(`<circle cx="${lane.x}" cy="${y - 4}" r="3.5" fill="${colour}"/>`);
  }

  /** From the device to its write in flight. */
  private sent({ actor }: Row, from: Lane, y: number): void {
    const to = this.lanes.find(({ kind, name }) => kind === 'write' && name === actor);
    if (to === undefined) return;
    const tip = to.x - BAR / 2;
    const at = y + 4;
    this.parts.push(
      `<path d="M${from.x} ${at} H${tip - 2} m-6 -3.5 l6 3.5 l-6 3.5" fill="none" stroke="${COLOURS.write}"/>`,
    );
  }

  /** Below the lanes: what the state was and is. The height of the picture. */
  private states(): number {
    let y = this.bottom + 2 * ROW;
    this.write(GAP, y, 'the state after it (-/+ what the last step changed)', {
      colour: COLOURS.quiet,
    });
    for (const { text, sign } of statesOf(this.diagram)) {
      y += ROW;
      const colour = sign === '-' ? COLOURS.quiet : COLOURS.ink;
      this.write(GAP, y, text, { colour, ...(sign === '+' ? { weight: 'bold' } : {}) });
    }
    return y + GAP;
  }

  private laneOf(row: Row): Lane {
    const kind =
      row.of.operation !== undefined ? 'thread' : row.of.kind === 'arrive' ? 'write' : 'device';
    const found = this.lanes.find((lane) => lane.kind === kind && lane.name === row.actor);
    if (found === undefined) throw new Error(`IMPOSSIBLE: no lane of ${row.actor}`);
    return found;
  }

  private y(n: number): number {
    return TOP + ROW * (n + 1);
  }

  private write(x: number, y: number, text: string, look: Look): void {
    const { colour, weight, anchor } = look;
    const cut = x > GAP && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
    const tip = cut === text ? '' : `<title>${escaped(text)}</title>`;
    const attributes = [
      ...(colour === undefined ? [] : [` fill="${colour}"`]),
      ...(weight === undefined ? [] : [` font-weight="${weight}"`]),
      ...(anchor === undefined ? [] : [` text-anchor="${anchor}"`]),
    ].join('');
    this.parts.push(
      `<text x="${x}" y="${y}" xml:space="preserve"${attributes}>${escaped(cut)}${tip}</text>`,
    );
  }
}

interface Look {
  readonly colour?: string;
  readonly weight?: 'bold';
  readonly anchor?: 'end';
}

/**
 * Lanes in the order of their first rows, a device's write beside it; and where the last one ends.
 */
function lanesOf(rows: readonly Row[]): [lanes: Lane[], right: number] {
  const found: { name: string; kind: Lane['kind']; chars: number }[] = [];
  const add = (name: string, kind: Lane['kind'], chars: number): void => {
    const known = found.find((lane) => lane.name === name && lane.kind === kind);
    if (known === undefined) found.push({ name, kind, chars });
    else known.chars = Math.max(known.chars, chars);
  };
  for (const { actor, of, text, role } of rows) {
    const chars = Math.min(text.length, MAX_TEXT) + (role === 'effect' ? 3 : 0);
    if (of.operation !== undefined) add(actor, 'thread', chars);
    else add(actor, of.kind === 'arrive' ? 'write' : 'device', chars);
  }
  let x = LEFT;
  const lanes = found.map(({ name, kind, chars }): Lane => {
    const lane = { name, kind, x };
    x += Math.max(chars, name.length + 9) * CHAR + GAP;
    return lane;
  });
  return [lanes, x];
}

function statesOf({ before, after }: Diagram): { sign: string; text: string }[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const line = (
    sign: string,
    name: string,
    value: string | number,
  ): { sign: string; text: string } => ({
    sign,
    text: `${sign} ${`${name}:`.padEnd(18)} ${value}`,
  });
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === now) return [line(' ', name, now ?? '')];
    return [
      ...(old === undefined ? [] : [line('-', name, old)]),
      ...(now === undefined ? [] : [line('+', name, now)]),
    ];
  });
}

/** Names are of any bytes, and XML has no way to write a control character. */
const escaped = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
