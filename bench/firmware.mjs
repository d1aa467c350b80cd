/**
 * All device trees of a kernel package, explained in one process: against `dtc` on each of them,
 * and against reading them alone. One board as a user sees it: against `node -e 0`.
 *
 * The trees are not the project's. DOORBELL_DTBS names a folder of them; `dtc` is in Debian's
 * device-tree-compiler. Without them there is only the last figure, on a tree of our own.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSource } from '../scripts/load-source.mjs';
import { alternate, median, ratio, timed } from './measure.mjs';
import { scratch } from './scratch.mjs';
import { root } from './specs.mjs';

const { readFdt, explainTree } = await loadSource('src/firmware/fdt/index.ts');
const { flatten, virt } = await loadSource('src/firmware/fdt/testing/trees.ts');

function seconds(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function package_(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dtb'))
    .map((name) => join(folder, name));
  const trees = files.map((file) => readFileSync(file));
  const decode = () => trees.forEach((bytes) => readFdt(bytes));
  const explain = () =>
    trees.forEach((bytes) => {
      const { tree } = readFdt(bytes);
      if (tree !== undefined) explainTree(tree, { era: '6.12' });
    });
  // In turn, so that a slow minute hits both; the first round is for the compiler.
  const rounds = Array.from({ length: 5 }, () => [seconds(decode), seconds(explain)]).slice(1);
  const decoding = median(rounds.map(([first]) => first));
  const explaining = median(rounds.map(([, second]) => second));
  const rows = [ratio(`${files.length} trees explained : the same read`, explaining, decoding, 2)];
  const dtc = (file) =>
    spawnSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts', '-o', '/dev/null', file]).status === 0;
  if (!dtc(files[0])) return rows;
  const peer = seconds(() => files.forEach(dtc));
  return [
    ratio(`${files.length} trees explained : dtc, one by one`, explaining, peer, 0.25),
    ...rows,
  ];
}

export async function run() {
  const file = join(scratch(), 'virt.dtb');
  writeFileSync(file, flatten(virt()));
  const [explain, node] = alternate(20, [
    () => timed([join(root, 'dist/cli.js'), 'explain', file]),
    () => timed(['-e', '0']),
  ]);
  const one = ratio('doorbell explain board.dtb : node -e 0', explain, node, 3);
  const trees = process.env['DOORBELL_DTBS'];
  return trees === undefined ? [one] : [...package_(trees), one];
}
