/**
 * The Linux target. Boot to the first step against a bare boot of the same kernel, machine and
 * command line to an init that says one line; a case in a guest that had others; a hundred cases
 * against one, through the command.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSource } from '../scripts/load-source.mjs';
import { alternate, median, ratio, timed } from './measure.mjs';
import { scratch } from './scratch.mjs';
import { root } from './specs.mjs';

const KERNELS = ['6.12', '6.1'];
const BOOTS = 7;
const RUNS = 3;
const POLL_MS = 2;
const PATIENCE_MS = 120_000;
const MOST_CASE_MS = 150;
const SPEC = 'bench/linux/eight-steps.spec.yaml';

const SAYS = 'doorbell: the bare init';
const INIT = `#!/bin/sh\necho ${SAYS}\nexec sleep 1000\n`;

export async function run() {
  const parts = await loadSource('bench/linux/parts.ts');
  const { loadSpec } = await import('../dist/index.js');
  const { cases } = loadSpec(join(root, SPEC));
  const folder = scratch();
  const rows = [];
  for (const kernel of KERNELS) {
    rows.push(await boots(parts, kernel, cases[0], folder));
    rows.push(...warmCases(kernel, cases.length));
  }
  return rows;
}

async function boots(parts, kernel, first, folder) {
  const image = await parts.prepareImage({ kernel, from: root });
  const bare = join(folder, `${kernel}.cpio`);
  writeFileSync(bare, bareArchive(parts));
  const [ours, theirs] = [[], []];
  for (let n = 0; n < BOOTS; n++) {
    const { seconds, command } = await toTheFirstStep(parts, image, first);
    ours.push(seconds);
    theirs.push(await toInit(parts, command.replaceAll(image.initramfs, bare), folder));
  }
  const name = `Linux ${kernel}: boot to the first step : bare boot to init`;
  return ratio(name, median(ours), median(theirs), 1.25);
}

/** With the command that was run, as text for a shell. */
async function toTheFirstStep({ launchedGuests, LinuxTarget }, image, spec) {
  let command = '';
  const guests = launchedGuests({ image });
  const boot = async (plan) => {
    const guest = await guests.boot(plan);
    ({ command } = guest);
    return guest;
  };
  const target = new LinuxTarget({ guests: { ...guests, boot }, most: 1, notice: console.error });
  try {
    const { topology, design, id, steps } = spec;
    const operations = steps.map(({ operation }) => operation);
    const begun = performance.now();
    const machine = await target.open({ topology, design, id, userMappings: 1, operations });
    const seconds = (performance.now() - begun) / 1000;
    if ('unsupported' in machine) throw new Error(machine.unsupported);
    await machine.close();
    return { seconds, command };
  } finally {
    await target.close();
  }
}

/**
 * The same machine and command line with another archive; until its init has spoken on the console.
 */
async function toInit({ start, kill }, command, folder) {
  const text = command.replaceAll(/[^\s,=']*doorbell-guest-\w+/g, folder);
  const console = join(folder, 'console');
  rmSync(console, { force: true });
  const begun = performance.now();
  const child = start(['sh', '-c', `exec ${text}`], () => {});
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout.resume();
  child.stderr.resume();
  try {
    while (!readIfThere(console).includes(SAYS)) {
      if (performance.now() - begun > PATIENCE_MS) throw new Error(`no init: ${command}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return (performance.now() - begun) / 1000;
  } finally {
    kill(child);
    await ended;
  }
}

function bareArchive({ archive, cacheFolder, folder, link, program }) {
  const busybox = join(cacheFolder(), 'packages/busybox-static/bin/busybox');
  return archive([
    folder('bin'),
    folder('dev'),
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    program('init', Buffer.from(INIT)),
    program('bin/busybox', readFileSync(busybox)),
    ...['sh', 'sleep'].map((name) => link(`bin/${name}`, 'busybox')),
  ]);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function warmCases(kernel, count) {
  const doorbell = (...args) =>
    timed(
      [join(root, 'dist/cli.js'), 'run', '--target', 'linux', '--kernel', kernel, SPEC, ...args],
      { cwd: root },
    );
  const [all, one] = alternate(RUNS, [
    () => doorbell(),
    () => doorbell('--grep', 'vectors=2 first=0 at=0x4000_0000'),
  ]);
  const each = ((all - one) / (count - 1)) * 1000;
  return [
    {
      name: `Linux ${kernel}: a case of eight steps in a guest that had others`,
      figure: `${each.toFixed(0)} ms`,
      target: `<= ${MOST_CASE_MS} ms`,
      ok: each <= MOST_CASE_MS,
    },
    ratio(`Linux ${kernel}: ${count} cases on one topology : one`, all, one, 3),
  ];
}
