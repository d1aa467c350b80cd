/**
 * `doorbell/jest`: a machine for hand-written tests, and matchers for it. Importing it, or naming
 * it in Jest's `setupFilesAfterEnv`, extends expect.
 */
import { expect } from '@jest/globals';
import { jestMatchers } from './matchers.ts';
import { serializer } from './observations.ts';
import { type MachineOptions, openMachineAt, type TestMachine } from './test-machine.ts';

export type * from './matcher-types.ts';
export type * from './word-types.ts';
export type { Observations } from './observations.ts';
export type { MachineOptions, TestMachine, WholeRun } from './test-machine.ts';

expect.extend(jestMatchers);
expect.addSnapshotSerializer(serializer);

/** A machine of the model, as after boot. Paths are relative to the test file. */
export function openMachine(options: MachineOptions): TestMachine {
  const { testPath } = expect.getState();
  return openMachineAt(testPath ?? `${process.cwd()}/test`, options);
}
