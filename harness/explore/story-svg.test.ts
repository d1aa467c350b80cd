import { describe, expect, test } from '@jest/globals';
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import { storySvg } from './story-svg.ts';

const none = { begins: false, ends: false };
const step = (more: Partial<StoryStep>, ...texts: string[]): StoryStep => ({
  kind: 'step',
  actor: 'driver',
  operation: 'setup nic, 1 vector',
  ...none,
  lines: texts.map((text, n) => ({ kind: n === 0 ? 'step' : 'map', text })),
  ...more,
});
const device = (kind: 'fire' | 'arrive', ...lines: StoryStep['lines']): StoryStep => ({
  kind,
  actor: 'nic',
  ...none,
  lines,
});

const STORY: StoryStep[] = [
  step({ kind: 'begin', begins: true }, 'msi_alloc', 'map 0x1000 -> 0x2000'),
  device('fire', { kind: 'write', text: 'nic/0 is raised' }),
  step({ ends: true }, 'msi_activate'),
  device(
    'arrive',
    { kind: 'write', text: 'its write arrives' },
    { kind: 'fault', text: 'F_TRANSLATION' },
  ),
];

const diagram = {
  title: 'A & B',
  subtitle: 'x <y>\u0007',
  reason: 'does not hold: no "unexpected" fault',
  story: STORY,
  before: { 'nic/0': 'message 1', vm: 'here' },
  after: { 'nic/0': 'message 2', vm: 'here' },
};
const svg = storySvg(diagram);
const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)/g)].map(
  ([, x, y, text]) => ({ x: Number(x), y: Number(y), text: text ?? '' }),
);
const at = (start: string): { x: number; y: number } => {
  const found = texts.find(({ text }) => text.startsWith(start));
  if (found === undefined) throw new Error(`no text ${start}`);
  return found;
};

describe('a counterexample as a sequence diagram', () => {
  test('a lane for the thread, the device and its write in flight', () => {
    const [thread, nic, write] = [at('driver'), at('nic'), at("nic's write")];
    expect(thread.y).toBe(nic.y);
    expect(write.y).toBe(nic.y);
    expect(thread.x).toBeLessThan(nic.x);
    expect(nic.x).toBeLessThan(write.x);
    expect(at('msi_activate').x - thread.x).toBe(at('its write arrives').x - write.x);
  });

  test('time goes downwards', () => {
    const order = ['setup nic', 'msi_alloc', 'map', 'nic/0 is', 'msi_activate', 'its write', 'F_T'];
    const ys = order.map((start) => at(start).y);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
  });

  test('an operation lasts from its begin to its end, a write from its sending to its arrival', () => {
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="8" height="([\d.]+)"/g)];
    const spans = bars.map(([, , y, height]) => [Number(y), Number(y) + Number(height)]);
    const covers = (from: string, to: string): boolean =>
      spans.some(([a = 0, b = 0]) => a <= at(from).y && b >= at(to).y - 2 && b < at(to).y + 2);
    expect(spans).toHaveLength(2);
    expect(covers('msi_alloc', 'msi_activate')).toBe(true);
    expect(covers('nic/0 is raised', 'its write')).toBe(true);
  });

  test('the state before and after the last step', () => {
    expect(texts.map(({ text }) => text.replace(/\s+/g, ' '))).toEqual(
      expect.arrayContaining(['- nic/0: message 1', '+ nic/0: message 2', ' vm: here']),
    );
  });

  test('markup in a name is text', () => {
    expect(svg).toContain('A &amp; B');
    expect(svg).toContain('x &lt;y&gt;?');
    expect(svg).toContain('no &quot;unexpected&quot; fault');
  });
});
