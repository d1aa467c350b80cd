/** The model under the engine: teams of workers, and states that turn out to have more words. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LiveWordFound } from '../../src/explore/model/live-words.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import { ITS, machineWith } from '../../src/testing/topologies.ts';
import { exploreCase, type ExploreOptions } from './explore-case.ts';
import { explore } from './explore.ts';

const ROOT = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'doorbell-explore-model-'));
const workerFile = join(folder, 'worker.mjs');

beforeAll(() => {
  const args = ['harness/explore/worker.ts', '--bundle', '--platform=node', '--format=esm'];
  const esbuild = join(ROOT, 'node_modules/.bin/esbuild');
  const { status } = spawnSync(esbuild, [...args, `--outfile=${workerFile}`], { cwd: ROOT });
  expect(status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Each device's vector may be set up and torn down, any number of times. */
const plan = (names: readonly string[]): ExplorePlan => ({
  topology: { ...machineWith(ITS), cpus: 2 },
  design: { name: 'tracked', initialCount: 1 },
  userMappings: 0,
  before: names.map((device) => ({
    operation: { op: 'attach', device, domain: 'vm' },
    mayFail: false,
  })),
  threads: names.map((device) => ({
    name: device,
    free: true,
    operations: [
      { op: 'setup', device, vectors: 1, cpus: [0] },
      { op: 'teardown', device },
    ],
  })),
  fires: names.map((device) => ({ device, index: 0 })),
  writes: 'atomic',
  caches: 'none',
  commands: 'at-once',
});

const options: ExploreOptions = {
  search: 'breadth-first',
  symmetry: false,
  partialOrder: false,
  limits: {},
  workers: 1,
  workerFile,
};

test('workers come to the counts of one thread', async () => {
  const two = plan(['nic', 'card']);
  const { report } = await exploreCase(two, options);
  const team = await exploreCase(two, { ...options, workers: 2 });
  const { verdict, states, transitions, depth, reached } = report;
  expect(states).toBeGreaterThan(1_000);
  expect(team.report).toMatchObject({ verdict, states, transitions, depth, reached });
});

test.each([1, 2])('a word that was not known to change is told of by %i', async (workers) => {
  const system = { kind: 'model', plan: plan(['nic']), live: [] } as const;
  await expect(explore({ ...options, system, workers })).rejects.toBeInstanceOf(LiveWordFound);
});
