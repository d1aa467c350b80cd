/** Workers, checkpoints, bounds and cancellation. The worker is built as it is for the package. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DesignName } from '../../src/designs/design.ts';
import { Shard } from '../../src/explore/engine/shard.ts';
import { SIZES, type SizeName } from '../../src/explore/scenario/parameters.ts';
import { Scenario } from '../../src/explore/scenario/scenario.ts';
import { casesOf } from '../testing/samples.ts';
import { ListWriter } from './checkpoint.ts';
import { exploreCase } from './explore-case.ts';
import { explore } from './explore.ts';
import { ExplorationError, type Exploration, type TimedReport } from './exploration.ts';
import { planOf } from './plan-of.ts';
import type { CasePlan } from './system-source.ts';

const ROOT = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'doorbell-explore-'));
const workerFile = join(folder, 'worker.mjs');
const runFile = join(folder, 'run.mjs');

beforeAll(() => {
  const esbuild = join(ROOT, 'node_modules/.bin/esbuild');
  const entries = ['worker=harness/explore/worker.ts', 'run=bench/explore/scenario-run.ts'];
  const form = ['--bundle', '--splitting', '--platform=node', '--format=esm'];
  const to = [`--outdir=${folder}`, '--out-extension:.js=.mjs'];
  const { status, stderr } = spawnSync(esbuild, [...entries, ...form, ...to], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect([status, stderr.includes('ERROR')]).toEqual([0, false]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const plain = (size: SizeName): Exploration => ({
  system: { kind: 'scenario', parameters: SIZES[size] },
  search: 'breadth-first',
  symmetry: false,
  partialOrder: false,
  limits: {},
  workers: 1,
});
const run = (size: SizeName, more: Partial<Exploration> = {}): Promise<TimedReport> =>
  explore({ ...plain(size), workerFile, ...more });

/** Without what differs from run to run. */
const result = ({ seconds: _, ...rest }: TimedReport): Omit<TimedReport, 'seconds'> => rest;
const steps = ({ verdict }: TimedReport): number =>
  verdict.kind === 'violated' ? verdict.trace.length - 1 : -1;

describe('workers', () => {
  test.each([2, 3])('%i meet every state once', async (workers) => {
    expect(await run('1e4', { workers })).toMatchObject({
      verdict: { kind: 'holds' },
      states: 13_121,
      transitions: 66_096,
      depth: 18,
      queue: 0,
    });
  });

  test('with symmetry and partial order', async () => {
    const all = { symmetry: true, partialOrder: true };
    const [one, two] = [await run('1e5', all), await run('1e5', { ...all, workers: 2 })];
    expect([two.states, two.represented, two.transitions]).toEqual([
      one.states,
      one.represented,
      one.transitions,
    ]);
  });

  test('find a shortest counterexample, each time the same', async () => {
    const [first, second] = [await run('bugW', { workers: 2 }), await run('bugW', { workers: 2 })];
    expect(steps(first)).toBe(6);
    expect(result(second)).toEqual(result(first));
    expect(steps(await run('bugE', { workers: 3, symmetry: true }))).toBe(5);
  });

  test('stop at a bound of memory, states or depth: never a pass', async () => {
    for (const [bound, limits] of [
      ['memory', { bytes: 2_000_000 }],
      ['states', { states: 20_000 }],
      ['depth', { depth: 9 }],
    ] as const) {
      const { verdict, queue } = await run('1e5', { workers: 2, limits });
      expect(verdict).toMatchObject({ kind: 'incomplete', bound });
      expect(queue).toBeGreaterThan(0);
    }
  });

  test('need a worker file, and breadth-first', async () => {
    await expect(explore({ ...plain('1e4'), workers: 2 })).rejects.toThrow(ExplorationError);
    await expect(run('1e4', { workers: 2, search: 'depth-first' })).rejects.toThrow(/one worker/);
  });
});

/** A device that moves into a VFIO container: it is set up by other procedures there. */
function movingDevice(design: DesignName): CasePlan {
  const [spec] = casesOf(`title: Moves
topology:
  cpus: 2
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 3 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 1, msi-parent: doorbells, iommus: smmu }
  domains:
    host: { kind: dma }
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K }, vfio: true }
designs: [${design}]
steps:
  - attach: { device: nic, domain: host }
interleave:
  driver: { any-of: [ { setup: { device: nic, vectors: 1, cpu: 0 } }, { teardown: nic } ], at-most: 3 }
  vfio: { any-of: [ { attach: { device: nic, domain: vm } }, { detach: nic } ], at-most: 2 }
`);
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  return plan;
}

describe('a program counter is the same for workers', () => {
  const explored = async (plan: CasePlan, workers: number): Promise<TimedReport> =>
    (await exploreCase(plan, { ...plain('1e4'), workerFile, workers })).report;

  test('wherever a device is', async () => {
    const plan = { ...movingDevice('linux-6.15'), fires: [] };
    const [one, two] = [await explored(plan, 1), await explored(plan, 2)];
    expect([one.verdict.kind, two.states, two.transitions]).toEqual([
      'holds',
      one.states,
      one.transitions,
    ]);
  });

  test('whatever was explored before: they find the counterexample, and this thread tells it', async () => {
    // Its procedures were compiled in another order than those of the whole plan, and machines of one design shared them.
    const plan = movingDevice('linux-5.2');
    await explored({ ...plan, threads: plan.threads.slice(1) }, 1);
    const two = await explored(plan, 2);
    expect(steps(two)).toBeGreaterThan(0);
    expect(steps(two)).toBe(steps(await explored(plan, 1)));
  });
});

test('a checkpoint of a model with other steps is refused', async () => {
  const plan = { ...movingDevice('linux-6.15'), fires: [] };
  const file = join(folder, 'other-steps');
  const checkpoint = { file, everySeconds: 1_000, resume: false };
  const goOn = (): Promise<unknown> =>
    exploreCase(plan, { ...plain('1e4'), checkpoint: { ...checkpoint, resume: true } });
  await exploreCase(plan, { ...plain('1e4'), checkpoint, limits: { states: 500 } });
  await expect(goOn()).resolves.toMatchObject({ report: { verdict: { kind: 'holds' } } });
  const header = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...header, code: 'of another version' }));
  await expect(goOn()).rejects.toThrow(/no checkpoint of this version/);
});

describe.each([1, 2])('checkpoints of %i', (workers) => {
  const file = join(folder, `saved-${workers}`);
  const checkpoint = { file, everySeconds: 60, resume: false };

  test('a run that was stopped goes on and ends with the same counts', async () => {
    const stopped = await run('1e4', { workers, checkpoint, limits: { states: 5_000 } });
    expect(stopped.verdict).toMatchObject({ kind: 'incomplete', bound: 'states' });
    const resume = { ...checkpoint, resume: true };
    const resumed = await run('1e4', { workers, checkpoint: resume });
    const whole = await run('1e4', { workers });
    expect(result(resumed)).toEqual({ ...result(whole), bytes: resumed.bytes });
  });

  test('a process that is killed, whatever it was about to write, loses nothing that was saved', async () => {
    const saved = join(folder, `killed-${workers}`);
    const often = { file: saved, everySeconds: 0.02, resume: false };
    const options = { workers, workerFile, checkpoint: often };
    const request = JSON.stringify({ parameters: SIZES['1e5'], options });
    const child = spawn(process.execPath, [runFile, request], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (!existsSync(saved) && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    await ended;
    const resumed = await run('1e5', {
      workers,
      checkpoint: { ...often, everySeconds: 60, resume: true },
    });
    expect(resumed).toMatchObject({ states: 177_625, transitions: 1_033_830 });
  }, 60_000);

  test('pauses that come as fast as can be do not stop it', async () => {
    const fast = { ...checkpoint, everySeconds: 0 };
    expect(await run('1e4', { workers, checkpoint: fast })).toMatchObject({ states: 13_121 });
  }, 60_000);

  test('what a killed process wrote after the checkpoint is ignored', async () => {
    await run('1e4', { workers, checkpoint, limits: { states: 5_000 } });
    appendFileSync(`${file}.0.keys`, Buffer.alloc(4_000, 7));
    writeFileSync(`${file}.new`, '{');
    const resumed = await run('1e4', { workers, checkpoint: { ...checkpoint, resume: true } });
    expect(resumed).toMatchObject({ states: 13_121, transitions: 66_096 });
  });

  test('killed while a search that began anew saves: its lists are not taken for those of the one before', async () => {
    const renewed = join(folder, `renewed-${workers}`);
    const before = { file: renewed, everySeconds: 1_000, resume: false };
    await run('1e4', { workers, checkpoint: before, limits: { states: 5_000 } });
    const { logs, counters } = new Shard(new Scenario(SIZES['1e5']), {}).save();
    new ListWriter(renewed, 0).save({ logs, counters }, 0);
    const again = run('1e4', { workers, checkpoint: { ...before, resume: true } });
    await expect(again).rejects.toThrow(/there is no checkpoint/);
  });

  test('where it cannot be written is said before the search, and nothing but a file is replaced', async () => {
    const to = (file: string): Promise<TimedReport> =>
      run('1e4', { workers, checkpoint: { file, everySeconds: 1_000, resume: false } });
    await expect(to(join(folder, 'nowhere', 'saved'))).rejects.toThrow(/cannot be written: ENOENT/);
    const device = join(folder, `device-${workers}`);
    symlinkSync('/dev/null', device);
    await expect(to(device)).rejects.toThrow(/is not a file/);
  });

  test('a checkpoint of something else, or of nothing, is refused', async () => {
    const resume = { ...checkpoint, resume: true };
    await run('1e4', { workers, checkpoint, limits: { states: 5_000 } });
    await expect(run('1e6', { workers, checkpoint: resume })).rejects.toThrow(
      /another exploration/,
    );
    await expect(run('1e4', { workers: 3, checkpoint: resume })).rejects.toThrow(/with as many/);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50));
    await expect(run('1e4', { workers, checkpoint: resume })).rejects.toThrow(/no checkpoint/);
    const missing = { ...resume, file: join(folder, 'missing') };
    await expect(run('1e4', { workers, checkpoint: missing })).rejects.toThrow(ExplorationError);
  });

  test('a signal stops it, and the report says what was covered', async () => {
    const report = await run('1e4', { workers, signal: AbortSignal.abort() });
    expect(report.verdict).toMatchObject({ kind: 'incomplete', bound: 'cancelled' });
    expect(report.states).toBeLessThan(13_121);
  });
});
