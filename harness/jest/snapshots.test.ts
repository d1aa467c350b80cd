/** Which cases have a snapshot. That Jest writes and compares them is tested in test/pack. */
import { expect, test } from '@jest/globals';
import { caseOf } from '../testing/samples.ts';
import { isWanted } from './snapshots.ts';

const spec = caseOf(
  `
  - cpu-online: 0
    expect: { error: none }`,
  'tags: [kept]\ndesigns: [tracked]',
);

test.each([
  [undefined, false],
  [{}, false],
  [{ snapshots: false }, false],
  [{ snapshots: true }, true],
  [{ snapshots: ['other', 'kept'] }, true],
  [{ snapshots: ['other'] }, false],
  [{ snapshots: [] }, false],
])('with %j: %s', (settings, wanted) => {
  expect(isWanted(spec, settings)).toBe(wanted);
});

test.each([
  [true, 'globals.doorbell of the Jest configuration is no object'],
  [{ snapshot: true }, 'unknown key "snapshot"; did you mean "snapshots"?'],
  [{ snapshots: 'kept' }, 'neither true, false nor a list of tags'],
])('%j is an error', (settings, message) => {
  expect(() => isWanted(spec, settings)).toThrow(message);
});
