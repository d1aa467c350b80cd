/**
 * How time and memory grow on the model (family.mjs): `node bench/explore/family-growth.mjs
 * [FILE.svg]`, of the built dist/cli.js. A search is cut off after a while, and a way of searching
 * that took long is not asked for the next size, so that the whole takes some four minutes.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chart } from './chart.mjs';
import { familySpec } from './family.mjs';
import { scratch } from '../scratch.mjs';
import { measure } from './measure.mjs';

const LIMIT_SECONDS = 8;
const BOUND_SECONDS = 25;
const SWEEPS = {
  'CPUs, 2 devices': [1, 2, 3, 4].map((n) => [n, { cpus: n, devices: 2, vectors: 1 }]),
  'devices, 1 CPU': [1, 2, 3, 4].map((n) => [n, { cpus: 1, devices: n, vectors: 1 }]),
  'vectors of 1 device, 2 CPUs': [1, 2, 3, 4].map((n) => [n, { cpus: 2, devices: 1, vectors: n }]),
};
const WAYS = {
  full: ['--no-symmetry', '--no-partial-order'],
  symmetry: ['--no-partial-order'],
  both: [],
};

const file = process.argv[2] ?? 'docs/figures/family-growth.svg';
const cli = resolve('dist/cli.js');
const folder = scratch();

/** One search; undefined where it was cut off. */
async function explored(parameters, flags) {
  const spec = join(folder, 'family.yaml');
  writeFileSync(spec, familySpec(parameters));
  const args = [cli, 'explore', spec, '--json', '--time', String(BOUND_SECONDS), ...flags];
  const { seconds, bytes, output } = await measure(process.execPath, args, folder);
  const [found] = JSON.parse(output).cases;
  // Of the process, and with its start.
  return { ...found, seconds, bytes };
}

const panels = [];
for (const [axis, points] of Object.entries(SWEEPS)) {
  const series = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
  for (const [n, parameters] of points)
    for (const [name, flags] of Object.entries(WAYS)) {
      const last = series[name].at(-1);
      if (last && (last.seconds > LIMIT_SECONDS || last.n < n - 1)) continue;
      const { verdict, seconds, bytes, states, transitions } = await explored(parameters, flags);
      const text = [axis, n, name, verdict, `${seconds.toFixed(1)} s`];
      console.log([...text, `${Math.round(bytes / 1e6)} MB`, states, transitions].join('\t'));
      if (verdict === 'holds') series[name].push({ n, seconds, bytes });
    }
  panels.push({ axis, series });
  // After each, so that what was measured is there if the rest takes too long.
  writeFileSync(file, chart(panels));
}
