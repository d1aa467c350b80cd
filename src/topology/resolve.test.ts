import { expect, test } from '@jest/globals';
import { machineWith, V2M } from '../testing/topologies.ts';
import { domainGranule, resolve } from './resolve.ts';

test('granule: PAGE_SIZE, else the largest below, else the smallest above (arm_lpae_restrict_pgsizes)', () => {
  expect(domainGranule([4096, 16384, 65536], 16384)).toBe(16384);
  expect(domainGranule([4096, 65536], 16384)).toBe(4096);
  expect(domainGranule([4096, 16384], 65536)).toBe(16384);
  expect(domainGranule([16384, 65536], 4096)).toBe(16384);
});

test('vectors are numbered through, and each device has a default domain of its own', () => {
  const resolved = resolve(machineWith(V2M), 0);
  expect(resolved.vectors).toBe(10);
  expect(resolved.devices.map(({ firstVector }) => firstVector)).toEqual([0, 4, 8]);
  expect(Array.from(resolved.deviceOfVector)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  const names = resolved.devices.map(({ defaultDomain }) => resolved.domains[defaultDomain]?.name);
  expect(names).toEqual(['default/nic', 'default/card', 'default/engine']);
});
