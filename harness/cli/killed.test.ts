/** Runs that are killed at any moment: their reports are whole or not there, and nothing gathers. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { shuffled } from '../run/shuffle.ts';
import { CommandBuild, env, project } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-killed-test');
beforeAll(() => command.build(), 60_000);

const SPECS = 40;
const KILLS = 24;
const SEED = 20_161_122;
const REPORTS = ['out.json', 'out.xml', 'out.ndjson', 'out.tap', 'out.html', 'out.txt'];
const FORMATS = ['json', 'junit', 'ndjson', 'tap', 'html', 'lines'];
const args = [
  'run',
  '--verbose',
  ...REPORTS.flatMap((name, i) => ['--reporter', `${FORMATS[i] ?? ''}=${name}`]),
];

/** How each format ends when it is whole. */
const ENDS = [
  /"exitCode":0\}\}\n$/,
  /<\/testsuites>\n$/,
  /"exitCode":0\}\}\n$/,
  new RegExp(`\n1\\.\\.${SPECS}\n$`),
  /<\/html>\n?$/,
  /\d passed .*\n$/,
];

const temporary = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.doorbell-tmp'));

test('a report of a killed run is whole, old or missing, and the next run tidies up', async () => {
  const text = specText(
    `steps:${ATTACH}${'\n  - fire: nic/0'.repeat(30)}\n  - teardown: nic\nexpect: { leaks: none }`,
  );
  const folder = project(
    Object.fromEntries(Array.from({ length: SPECS }, (_, i) => [`specs/s${i}.spec.yaml`, text])),
  );
  const start = performance.now();
  expect(command.run(folder, args)).toMatchObject({ code: 0 });
  const whole = performance.now() - start;

  let interrupted = 0;
  const moments = shuffled(
    Array.from({ length: KILLS }, (_, i) => (i / KILLS) * whole),
    SEED,
  );
  for (const [i, moment] of moments.entries()) {
    const fresh = i % 2 === 0;
    if (fresh) for (const name of REPORTS) rmSync(join(folder, name), { force: true });
    const child = spawn(process.execPath, [command.main, ...args], {
      cwd: folder,
      env: env(),
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await sleep(moment);
    child.kill('SIGKILL');
    await ended;
    for (const [n, name] of REPORTS.entries()) {
      const path = join(folder, name);
      if (existsSync(path))
        expect(readFileSync(path, 'utf8').slice(-200)).toMatch(ENDS[n] as RegExp);
    }
    const left = temporary(folder);
    if (left.length > 0) interrupted++;
    expect(left.length).toBeLessThanOrEqual(REPORTS.length);
  }
  // Else it was never killed while it wrote, and nothing was shown.
  expect(interrupted).toBeGreaterThan(0);

  expect(command.run(folder, args)).toMatchObject({ code: 0 });
  expect(readdirSync(folder).sort()).toEqual(['package.json', 'specs', ...REPORTS].sort());
}, 120_000);
