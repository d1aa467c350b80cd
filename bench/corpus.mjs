/**
 * The project's own specs through the command, against loading them. Explored interleavings try up
 * to 100,000 states each; without them is what the runner and the machine take.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { alternate, ratio, timed } from './measure.mjs';
import { scratch } from './scratch.mjs';
import { root } from './specs.mjs';

const TIMES = 5;
const EXPLORED = 'specs/explore';

export async function run() {
  const cli = join(root, 'dist/cli.js');
  const report = join(scratch(), 'report.json');
  const folders = readdirSync(join(root, 'specs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'fault')
    .map(({ name }) => `specs/${name}`)
    .filter((name) => name !== EXPLORED);
  const doorbell = (...args) => checked(timed([cli, ...args], { cwd: root }));
  const [whole, one, two, load, less, loadLess] = alternate(TIMES, [
    () => doorbell('run', '--reporter', `json=${report}`),
    () => doorbell('run', '--jobs', '1'),
    () => doorbell('run', '--jobs', '2'),
    () => doorbell('validate'),
    () => doorbell('run', ...folders),
    () => doorbell('validate', ...folders),
  ]);
  return [
    ratio('the corpus : loading it', whole, load, 3),
    ratio('the corpus without explored interleavings : loading it', less, loadLess, 3),
    // On one CPU threads only take turns.
    ratio('the corpus, --jobs 2 : one thread', two, one, availableParallelism() > 1 ? 1 : 2),
  ];
}

/** A run or a load of nothing is fast. */
function checked(result) {
  const cases = /(\d+) (?:passed|cases)/.exec(result.stdout)?.[1] ?? '0';
  if (Number(cases) < 500) throw new Error(`few cases:\n${result.stdout.slice(-500)}`);
  return result;
}
