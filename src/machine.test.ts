/**
 * Properties of the whole machine: every design on every controller, random sequences of
 * operations.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DESIGN_NAMES, type DesignName } from './designs/design.ts';
import { EVENT, RECORD_WORDS } from './events/event-log.ts';
import type { KernelChoice } from './kernel/changes/changes.ts';
import { ModelMachine } from './machine.ts';
import { fire, open } from './testing/drive.ts';
import { DOMAINS, operations } from './testing/operations.ts';
import { CONTROLLERS, machineWith } from './testing/topologies.ts';
import type { Observation } from './observation.ts';
import type { Topology } from './topology/topology.ts';

const RUNS = { numRuns: 25, seed: 20160218 };

const combinations = (Object.keys(CONTROLLERS) as (keyof typeof CONTROLLERS)[]).flatMap(
  (controller) => DESIGN_NAMES.map((design) => ({ controller, design })),
);

const openKernel = (topology: Topology, name: DesignName, kernel: KernelChoice): ModelMachine =>
  new ModelMachine({ topology, design: { name, initialCount: 2 }, userMappings: 64, kernel });

/** Jest's own comparison of long typed arrays takes seconds. */
const sameWords = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((word, i) => word === b[i]);

/** Everything that an observation can be asked. */
function readAll(seen: Observation): void {
  seen.trace();
  seen.history();
  for (const domain of DOMAINS) {
    seen.mappings(domain);
    seen.leaks(domain);
    seen.window(domain);
  }
  for (const device of ['nic', 'card', 'engine']) {
    seen.message(device, 0);
    seen.affinity(device, 0);
    seen.explainPath(device, 0);
  }
}

describe.each(combinations)('$design on $controller', ({ controller, design }) => {
  const topology = machineWith(CONTROLLERS[controller]);

  test('no sequence of operations runs into what the model calls impossible', () => {
    fc.assert(
      fc.property(operations, fc.boolean(), (list, isV2) => {
        const on = isV2 ? machineWith(CONTROLLERS[controller], 'smmu-v2') : topology;
        const machine = open(on, design);
        for (const operation of list) readAll(machine.perform(operation));
      }),
      RUNS,
    );
  });

  test('the same operations give the same words, and undo gives the words before', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const a = open(topology, design);
        const b = open(topology, design);
        b.store.startJournal();
        for (const operation of list) {
          const before = b.store.snapshot();
          const hash = b.store.hash;
          const mark = b.store.mark();
          b.perform(operation);
          b.store.undo(mark);
          expect(sameWords(b.store.words, before)).toBe(true);
          expect(b.store.hash).toBe(hash);
          b.perform(operation);
          a.perform(operation);
        }
        expect(sameWords(a.store.words, b.store.words)).toBe(true);
        // The hash that was kept along the way is the hash of the words that are there.
        const { hash } = b.store;
        a.store.startJournal();
        const empty = open(topology, design).store;
        empty.startJournal();
        empty.restore(a.store.snapshot());
        const origin = open(topology, design).store;
        origin.startJournal();
        origin.restore(origin.snapshot());
        expect(hash).toBe(empty.hash ^ origin.hash);
      }),
      { ...RUNS, numRuns: 5 },
    );
  });

  test('a machine that was used with another kernel is as one that was made for this one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DESIGN_NAMES.filter((name) => name !== design)),
        operations,
        operations,
        (other, before, list) => {
          const used = open(topology, other);
          for (const operation of before) used.perform(operation);
          const kernel = { switches: { 'tlbi-on-unmap': false } };
          expect(used.become({ design: { name: design, initialCount: 2 }, kernel })).toBe(true);
          const made = openKernel(topology, design, kernel);
          for (const operation of list)
            expect(used.perform(operation).trace()).toEqual(made.perform(operation).trace());
          expect(sameWords(used.store.words, made.store.words)).toBe(true);
        },
      ),
      { ...RUNS, numRuns: 5 },
    );
  });
});

test('a machine whose hardware would be built otherwise does not become another', () => {
  const machine = open(machineWith(CONTROLLERS.its, 'smmu-v2'), 'linux-5.2');
  const design = { name: 'linux-5.2', initialCount: 1 } as const;
  for (const change of ['smmu-sync', 'its-sync', 'its-invall-sync', 'smmu-disable-bypass'] as const)
    expect(machine.become({ design, kernel: { switches: { [change]: false } } })).toBe(false);
  expect(machine.kernel.design.name).toBe('linux-5.2');
  expect(machine.become({ design, kernel: { switches: { 'its-balance': false } } })).toBe(true);
});

test('the log holds the newest records and no more than its bound', () => {
  const machine = open(machineWith(CONTROLLERS.percpu), 'tracked');
  machine.perform({ op: 'attach', device: 'nic', domain: 'vm' });
  machine.perform({ op: 'setup', device: 'nic', vectors: 1, cpus: [0] });
  for (let n = 0; n < 40; n++) machine.perform(fire('nic', 0, 4096));
  let records = 0;
  let last = 0;
  machine.log.forEach((words, at) => {
    records++;
    last = words[at] as number;
  });
  expect(records).toBe(1 << 18);
  expect(last).toBe(EVENT.interrupt);
  expect(RECORD_WORDS).toBeGreaterThanOrEqual(9);
});
