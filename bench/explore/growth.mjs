/**
 * How time and memory grow with CPUs, devices and vectors: `node bench/explore/growth.mjs
 * [FILE.svg]`. Every tool runs until it takes longer than ten seconds. Writes
 * docs/figures/explorer-growth.svg and prints the figures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chart } from './chart.mjs';
import { doorbell, rumur, spin } from './tools.mjs';

const LIMIT_SECONDS = 10;
const base = { cpus: 2, devices: 2, vectors: 1, slots: 2, pages: 2, strategy: 'tracked' };
const SWEEPS = {
  CPUs: [1, 2, 3, 4].map((n) => [n, { ...base, devices: 3, cpus: n, pages: n, slots: 3 }]),
  devices: [1, 2, 3, 4, 5, 6].map((n) => [n, { ...base, devices: n }]),
  'vectors of each of 2 devices': [1, 2, 3, 4].map((n) => [n, { ...base, vectors: n }]),
};
const TOOLS = {
  'doorbell, full': (p) => doorbell(p),
  'doorbell, symmetry': (p) => doorbell(p, { symmetry: true }),
  'SPIN, full': (p) => spin(p),
  'Rumur, symmetry': (p) => rumur(p, 'heuristic'),
};

const file = process.argv[2] ?? 'docs/figures/explorer-growth.svg';
mkdirSync(dirname(file), { recursive: true });
const panels = [];
for (const [axis, points] of Object.entries(SWEEPS)) {
  const series = Object.fromEntries(Object.keys(TOOLS).map((name) => [name, []]));
  for (const [n, parameters] of points) {
    for (const [name, run] of Object.entries(TOOLS)) {
      const last = series[name].at(-1);
      if (last && (last.seconds > LIMIT_SECONDS || last.n < n - 1)) continue;
      const result = await run(parameters);
      if (result === undefined) continue;
      const { seconds, bytes, states, transitions } = result;
      series[name].push({ n, seconds, bytes, states });
      const text = [axis, n, name, `${seconds.toFixed(2)} s`, `${Math.round(bytes / 1e6)} MB`];
      console.log([...text, `${states} states`, `${transitions} transitions`].join('\t'));
    }
  }
  panels.push({ axis, series });
  // After each, so that what was measured is there if the rest takes too long.
  writeFileSync(file, chart(panels));
}
