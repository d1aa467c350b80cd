/**
 * Records cases on booted kernels, for the unit tests that replay them
 * (harness/targets/linux/replay.test.ts). To be run again when what the target asks of a guest has
 * changed: `node scripts/record-linux.mjs` after `npm run build`, with the kernels of `doorbell
 * linux setup`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundling.mjs';
import { loadSource } from './load-source.mjs';

/** Kernel, spec of specs/linux, the matrix point, and the name of the recording. */
const RECORDED = [
  ['6.12', 'vfio-retarget', { controller: 'its', first: '2' }],
  ['6.1', 'closed-in-any-order', { controller: 'its', first: 'group' }],
  ['6.1', 'dma-faults', { controller: 'v2m', size: '4K' }],
  ['6.12', 'kernel-driver', { controller: 'its', domain: 'host' }],
  ['6.1', 'cpus-come-and-go', { kernel: '6.1', controller: 'its', goes: '1' }],
];
const FOLDER = join(root, 'harness/targets/linux/testing/recordings');

const { launchedGuests, LinuxTarget, prepareImage } = await loadSource('bench/linux/parts.ts');
const { loadSpec, runCase } = await import('../dist/index.js');

mkdirSync(FOLDER, { recursive: true });
for (const [kernel, name, point] of RECORDED) {
  const { cases } = loadSpec(join(root, `specs/linux/${name}.spec.yaml`));
  const spec = cases.find((each) =>
    Object.entries(point).every(([key, value]) => each.point[key] === value),
  );
  if (spec === undefined) throw new Error(`${name} has no such case; ${cases[0].id}`);
  const guests = launchedGuests({ image: await prepareImage({ kernel, from: root }) });
  let transcript = [];
  const boot = async (plan) => {
    const guest = await guests.boot(plan);
    ({ transcript } = guest);
    return guest;
  };
  const target = new LinuxTarget({ guests: { ...guests, boot }, most: 1, notice: console.error });
  const now = () => performance.now();
  const verdict = await runCase(spec, target, { verbose: false, now, onStep: () => {} });
  const text = [target.release, spec.id, ...transcript].map((line) => `${line}\n`).join('');
  await target.close();
  if (verdict.status !== 'PASS') throw new Error(`${spec.id}: ${verdict.status} ${verdict.reason}`);
  writeFileSync(join(FOLDER, `${name}-${kernel}.txt`), text);
  console.log(`${name}-${kernel}  ${transcript.length} lines`);
}
