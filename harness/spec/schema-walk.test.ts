import { expect, test } from '@jest/globals';
import { hintOf, placesOf } from './schema-walk.ts';

const sentence = 'It is what drivers/iommu/dma-iommu.c of Linux 6.12 does.';
const long = `${sentence} ${'And more of it is said here. '.repeat(5)}`.trim();

test.each([
  ['The CPU.', 'The CPU.'],
  ['The CPU.\nExample: cpu: 2', 'The CPU. Example: cpu: 2'],
  [`${long}\nExample: x: 1`, `${sentence} Example: x: 1`],
  [long, sentence],
  [`The CPU.\nExample: ${'x'.repeat(300)}`, 'The CPU.'],
  ['x'.repeat(200), 'x'.repeat(200)],
])('%j is hinted in one line', (description, hint) => {
  expect(hintOf(description)).toBe(hint);
});

test.each([
  ['spec', 'interleave', ['']],
  ['spec', 'granule', ['topology.iommus']],
  ['topology', 'granule', ['iommus']],
  ['spec', 'refs', ['expect.mappings']],
  // Known by too many steps to be told which.
  ['spec', 'device', []],
  ['spec', 'nowhere', []],
])('in a %s, %s is known in %j', (root, key, places) => {
  expect(placesOf(`${root}.schema.json`, key)).toEqual(places);
});
