/** Each verdict as git bisect run is told it. */
import { expect, test } from '@jest/globals';
import { bisectCode } from './bisect.ts';
import type { Summary } from './events.ts';

const NOTHING: Summary = {
  files: 1,
  passed: 0,
  failed: 0,
  skipped: 0,
  xfailed: 0,
  xpassed: 0,
  aborted: 0,
  errors: 0,
  unobservable: 0,
  durationMs: 1,
  interrupted: false,
  exitCode: 5,
};

test.each([
  ['all passed', { passed: 3, exitCode: 0 }, 0],
  ['expected failures', { xfailed: 1, exitCode: 0 }, 0],
  ['a failure', { passed: 3, failed: 1, exitCode: 1 }, 1],
  ['an unexpected pass', { xpassed: 1, exitCode: 1 }, 1],
  ['a failure and a dead guest', { failed: 1, aborted: 1, exitCode: 3 }, 1],
  ['a dead guest', { passed: 3, aborted: 1, exitCode: 3 }, 125],
  ['a spec that cannot be read', { passed: 3, errors: 1, exitCode: 2 }, 125],
  ['all skipped', { skipped: 2 }, 125],
  ['Ctrl-C', { passed: 1, interrupted: true, exitCode: 130 }, 130],
])('%s', (_, counts, code) => expect(bisectCode({ ...NOTHING, ...counts })).toBe(code));
