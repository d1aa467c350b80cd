/** Counterexamples as specs: each fails in a run as it did in the exploration, and a wrong schedule says so. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runCase } from '../run/run-case.ts';
import type { Verdict } from '../run/events.ts';
import { loadSpec, loadSpecText } from '../spec/load.ts';
import { operationData } from '../spec/operation-data.ts';
import { yamlText } from '../spec/yaml-text.ts';
import { modelTarget } from '../targets/model.ts';
import { exploreCase, type ExploreOptions } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import { plain } from '../report/style.ts';
import { storyText } from './story-text.ts';
import { reasonOf } from './verdict-text.ts';
import { writtenSpec } from './written-spec.ts';

const ROOT = resolve(__dirname, '../..');
const options: ExploreOptions = {
  search: 'breadth-first',
  symmetry: false,
  partialOrder: false,
  workers: 1,
  limits: { states: 5_000 },
};

const specsOf = (folder: string): string[] =>
  readdirSync(join(ROOT, 'specs', folder))
    .filter((name) => name.endsWith('.spec.yaml'))
    .map((name) => join('specs', folder, name));

async function run(text: string): Promise<Verdict> {
  const { cases, diagnostics } = loadSpecText(text, { file: join(ROOT, 'written.spec.yaml') });
  expect(diagnostics).toEqual([]);
  const [only] = cases;
  if (only === undefined || cases.length !== 1) throw new Error(`${cases.length} cases`);
  const now = (): number => 0;
  return runCase(only, modelTarget, { verbose: false, now, onStep: () => undefined });
}

/** How many counterexamples of the file were found, and repeated. */
async function repeatAll(file: string): Promise<number> {
  const { cases, parsed } = loadSpec(join(ROOT, file), { root: ROOT });
  let found = 0;
  for (const spec of cases) {
    const plan = planOf(spec);
    if ('unexplorable' in plan || parsed === undefined || spec.skip) continue;
    const { report, story } = await exploreCase(plan, options);
    const reason = reasonOf(report.verdict);
    if (story.length === 0 || reason === undefined) continue;
    found++;
    const { status, failures } = await run(writtenSpec(parsed, spec, plan, story, reason));
    const [failure] = failures;
    expect([spec.id, status, failures.length]).toEqual([spec.id, 'FAIL', 1]);
    expect(failure?.diagnostic).toMatchObject({ code: 'DB431', message: reason });
    expect(failure?.story).toEqual(storyText(story, plain, 110));
  }
  return found;
}

describe('a counterexample that was written as a spec fails as it did', () => {
  test.each([
    ['explore', 9],
    ['percpu-doorbell', 4],
    ['rfc-v3', 20],
    ['vfio', 5],
  ])('those of specs/%s', async (folder, least) => {
    let found = 0;
    for (const file of specsOf(folder)) found += await repeatAll(file);
    expect(found).toBeGreaterThanOrEqual(least);
  });
});

const EARLY = `
title: The old doorbell goes first
topology: specs/topologies/percpu.yaml
designs: [tracked-early]
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }
interleave:
  irqbalance:
    - affinity: { vector: nic/0, cpu: 1 }
schedule:
`;
const TO_PUT = 'irq_set_affinity, percpu_doorbell_set_affinity, percpu_doorbell_compose_msi_msg';
const BEGIN = 'affinity: { vector: nic/0, cpu: 1 }';

async function messageOf(schedule: string): Promise<string> {
  const { status, failures } = await run(EARLY + schedule);
  if (status === 'PASS') return 'passed';
  return `${failures[0]?.diagnostic.code} ${failures[0]?.diagnostic.message}`;
}

test('a deadlock beside a thread whose call is refused again and again', async () => {
  expect(await repeatAll('docs/examples/every-order-move-v2m.yaml')).toBeGreaterThan(5);
});

describe('a schedule is followed, or it is said where not', () => {
  test.each([
    ['an order in which nothing breaks', `  - irqbalance: { ${BEGIN} }`, 'passed'],
    [
      'a device that writes in between',
      `  - irqbalance: [ ${BEGIN}, ${TO_PUT}, msi_track_get, msi_track_put ]\n  - raise: nic/0\n  - arrive: nic`,
      'DB431 does not hold: no unexpected fault',
    ],
    [
      'the rest of an operation',
      `  - irqbalance: [ ${BEGIN}, irq_set_affinity ]\n  - raise: nic/0\n  - arrive: nic\n  - irqbalance: finish`,
      'passed',
    ],
    [
      'a step that is not the next one',
      `  - irqbalance: [ ${BEGIN}, ${TO_PUT}, msi_track_put ]`,
      'DB432 irqbalance is at msi_track_get here, not at msi_track_put',
    ],
    [
      'another first step',
      `  - irqbalance: [ ${BEGIN}, irq_set_afinity ]`,
      'DB432 irqbalance is at irq_set_affinity here, not at irq_set_afinity',
    ],
    [
      'a step after the end',
      `  - irqbalance: { ${BEGIN} }\n  - irqbalance: [ irq_set_affinity ]`,
      'DB432 irqbalance is between two operations, not at irq_set_affinity',
    ],
    ['a write that is not there', '  - arrive: nic', 'DB432 nic has no write in flight here'],
    [
      'a second write',
      '  - raise: nic/0\n  - raise: nic/0',
      'DB432 nic/0 cannot be raised here: it is not set up, about to be torn down, or its device has a write in flight',
    ],
    [
      'an operation that waits for the write to arrive',
      `  - raise: nic/0\n  - irqbalance: { ${BEGIN} }`,
      'DB432 irqbalance cannot finish here: it waits for a lock that another thread holds, for a write in flight, or for the SYNC of a driver',
    ],
  ])('%s', async (_, schedule, message) => {
    expect(await messageOf(schedule)).toBe(message);
  });
});

/** The device leaves its domain; the STE of the domain before still counts, unless the SMMU drops it. */
const MOVED = `
title: A device that moved
topology: specs/topologies/virt-its.yaml
designs: [linux-6.15]
changes: { cfgi-on-ste: off, its-sync: off }
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }
  # Its MAPD makes the ITS read what is before it.
  - setup: { device: disk, vectors: 1, cpu: 0 }
  - fire: nic/0
interleave:
  vfio: [ { detach: nic } ]
  driver: [ { affinity: { vector: nic/0, cpu: 1 } } ]
schedule:
  - vfio: { detach: nic }
`;
const FIRE = '  - raise: nic/0\n  - arrive: nic\n';

describe('what hardware does by itself is scheduled, too', () => {
  test.each([
    ['the old STE counts', FIRE, 'passed'],
    [
      'the SMMU has dropped it',
      `  - drops: { smmu: the STE of StreamID 0x10 }\n${FIRE}`,
      'DB431 does not hold: no unexpected fault',
    ],
    [
      'it drops what it has not',
      '  - drops: { smmu: the STE of StreamID 0x18 }\n',
      'DB432 smmu has not cached the STE of StreamID 0x18, or it is not out of date; it may drop: the STE of StreamID 0x10',
    ],
    ['the ITS reads the commands of disk', '  - reads: its\n  - reads: its\n', 'passed'],
    [
      'a queue is read to its end',
      '  - reads: its\n'.repeat(5),
      'DB432 its has no command in its queue here',
    ],
  ])('%s', async (_, schedule, message) => {
    const { status, failures } = await run(MOVED + schedule);
    const [failure] = failures;
    const said = `${failure?.diagnostic.code} ${failure?.diagnostic.message}`;
    expect(status === 'PASS' ? 'passed' : said).toBe(message);
  });

  test.each([
    ['a redistributor reads a configuration anew', 'the configuration of LPI 8192', 'passed'],
    [
      'it has no other',
      'the configuration of LPI 8199',
      'DB432 redistributors has not cached the configuration of LPI 8199, or it is not out of date; it may drop: the configuration of LPI 8192; the configuration of LPI 8193',
    ],
  ])('%s', async (_, what, message) => {
    const changes = MOVED.replace(/changes: .*/, 'changes: { its-inv: off }');
    const unfired = changes.replace('  - fire: nic/0\n', '');
    const { status, failures } = await run(`${unfired}  - drops: { redistributors: ${what} }\n`);
    const said = `${failures[0]?.diagnostic.code} ${failures[0]?.diagnostic.message}`;
    expect(status === 'PASS' ? 'passed' : said).toBe(message);
  });

  test('a driver waits for its SYNC, and nobody else goes on', async () => {
    const queued = MOVED.replace(/changes: .*\n/, '')
      .replace('schedule:', 'explore: { commands: queued }\nschedule:')
      .replace(
        '  - vfio: { detach: nic }\n',
        '  - driver: [ { affinity: { vector: nic/0, cpu: 1 } }, irq_set_affinity, its_set_affinity ]\n',
      );
    const detach = '  - vfio: { detach: nic }\n';
    const { failures } = await run(queued + detach);
    expect(failures.map(({ diagnostic }) => diagnostic.message)).toEqual([
      'vfio cannot begin detach nic here: it has done what it was to do, or it waits for a lock that another thread holds, for a write in flight, or for the SYNC of a driver',
    ]);
    // The ITS reads MOVI, the SMMU CFGI_STE and what else the detach says.
    const { status } = await run(`${queued}  - reads: its\n${detach}`);
    expect(status).toBe('PASS');
  });

  test.each([
    ['reads: smmuu', 'DB301'],
    ['drops: { itss: x }', 'DB301'],
  ])('%s names nothing', (entry, code) => {
    const { diagnostics } = loadSpecText(`${MOVED}  - ${entry}\n`, {
      file: join(ROOT, 'written.spec.yaml'),
    });
    expect(diagnostics.map((d) => d.code)).toEqual([code]);
  });
});

test('every operation of the corpus, written and read again, is itself', () => {
  const seen = new Set<string>();
  for (const folder of ['rfc-v3', 'vfio', 'mbi', 'pci', 'cpu-hotplug', 'bugs', 'platform', 'smmu'])
    for (const file of specsOf(folder)) {
      const { cases, parsed } = loadSpec(join(ROOT, file), { root: ROOT });
      for (const spec of cases.slice(0, 1)) {
        const steps = spec.steps.map(({ operation }) => operationData(operation));
        const { topology, kernel, changes, matrix } = parsed?.spec ?? {};
        const text = yamlText(
          {
            title: spec.title,
            topology:
              typeof topology === 'string'
                ? join('specs', folder, topology)
                : (parsed?.topology ?? {}),
            ...(kernel === undefined ? {} : { kernel }),
            ...(changes === undefined ? {} : { changes }),
            ...(matrix === undefined ? {} : { matrix }),
            designs: ['tracked'],
            steps,
            expect: { faults: 'none' },
          },
          ' again',
        );
        const again = loadSpecText(text, { file: join(ROOT, 'written.spec.yaml') });
        const [first] = again.cases;
        // A step that uses a domain after another design refused to free it is of that spec alone.
        if (first === undefined) continue;
        expect(first.steps.map(({ operation }) => operation)).toEqual(
          spec.steps.map(({ operation }) => operation),
        );
        for (const { operation } of spec.steps) seen.add(operation.op);
      }
    }
  expect([...seen].sort()).toEqual(
    expect.arrayContaining([
      'affinity',
      'attach',
      'cpu-offline',
      'detach',
      'dma-write',
      'fire',
      'free-domain',
      'map',
      'mask',
      'plug',
      'release',
      'reset',
      'restore',
      'setup',
      'suspend',
      'teardown',
      'unmap',
      'unmask',
      'unplug',
    ]),
  );
});
