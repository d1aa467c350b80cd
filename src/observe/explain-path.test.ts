/**
 * The path that is explained before a fire ends where the fire then ends: the two may not tell
 * different stories.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DESIGN_NAMES } from '../designs/design.ts';
import type { Observation } from '../observation.ts';
import { open, valueOf } from '../testing/drive.ts';
import { operations } from '../testing/operations.ts';
import { CONTROLLERS, machineWith } from '../testing/topologies.ts';

const ABORTED = 'terminated by the SMMU without an event (abort)';
const DISABLED = 'the device may not send: MSI is not enabled';

/** What the last line of a path says will come of one write. */
function foretold(last: string): string {
  if (last.includes('waits as pending')) return 'waits';
  const delivered = / is enabled.*/.exec(last);
  if (delivered) return `CPU ${/CPU (\d+)/.exec(last)?.[1]}`;
  if (last.includes('MSI is not enabled')) return DISABLED;
  const fault = /: (\S+), the write is lost$/.exec(last);
  if (fault) return fault[1] === 'ABORT' ? ABORTED : `${fault[1]}`;
  return last.slice(last.indexOf(': ') + 2);
}

/** What came of it. */
function seenIn(seen: Observation): string {
  const [delivery] = valueOf(seen.interrupts());
  if (delivery) return `CPU ${delivery.cpu}`;
  const [fault] = valueOf(seen.faults());
  if (fault) return fault.name;
  return valueOf(seen.losses())[0]?.why ?? 'waits';
}

const ends = new Map<string, number>();

describe.each(Object.keys(CONTROLLERS) as (keyof typeof CONTROLLERS)[])('on %s', (controller) => {
  test.each(DESIGN_NAMES)('%s', (design) => {
    fc.assert(
      fc.property(operations, fc.boolean(), (list, isV2) => {
        const smmu = isV2 ? 'smmu-v2' : 'smmu-v3';
        const machine = open(machineWith(CONTROLLERS[controller], smmu), design);
        for (const operation of list) {
          if (operation.op !== 'fire') {
            machine.perform(operation);
            continue;
          }
          const { device, index } = operation.vector;
          const path = machine.observe().explainPath(device, index);
          const seen = seenIn(machine.perform(operation));
          expect({ path, end: foretold(path.at(-1) ?? '') }).toEqual({ path, end: seen });
          ends.set(seen, (ends.get(seen) ?? 0) + 1);
        }
      }),
      { numRuns: 40, seed: 4 },
    );
  });
});

afterAll(() => {
  // The property says something only about ends that were met.
  for (const end of [
    'CPU 0',
    'CPU 2',
    'waits',
    'F_TRANSLATION',
    'CB_FSR.TF',
    'C_BAD_STREAMID',
    ABORTED,
    DISABLED,
  ]) {
    expect([end, (ends.get(end) ?? 0) > 0]).toEqual([end, true]);
  }
});
