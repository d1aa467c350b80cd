/** Who moves with whom, and how a failure in the middle is undone. */
import { describe, expect, test } from '@jest/globals';
import { ModelMachine } from '../../machine.ts';
import { attach, carryOut, detach, setup } from '../../testing/drive.ts';
import { ITS, machineWith, platformDevice } from '../../testing/topologies.ts';
import { resolve } from '../../topology/resolve.ts';
import type { PlatformDevice, Topology } from '../../topology/topology.ts';

const behind = (streamId: number, streamMask = 0, group?: string): PlatformDevice => ({
  ...platformDevice(streamId),
  iommu: { iommu: 'smmu', streamIds: [streamId], streamMask },
  ...(group === undefined ? {} : { group }),
});

const groupsOf = (topology: Topology): string[] =>
  resolve(topology, 0).devices.map(({ group }) => group.join());

const machine = (smmu: 'smmu-v2' | 'smmu-v3', devices: Topology['devices']): Topology => ({
  ...machineWith(ITS, smmu),
  devices,
});

describe('groups', () => {
  test('by name; by a stream match entry that lies in another, on an SMMUv2 alone', () => {
    const devices = {
      a: behind(0x10),
      wide: behind(0x20, 0xf),
      b: behind(0x11, 0, 'x'),
      within: behind(0x22),
      c: behind(0x40, 0, 'x'),
      within2: behind(0x24, 3),
    };
    expect(groupsOf(machine('smmu-v2', devices))).toEqual([
      '0',
      '1,3,5',
      '2,4',
      '1,3,5',
      '2,4',
      '1,3,5',
    ]);
    expect(groupsOf(machine('smmu-v3', devices))).toEqual(['0', '1', '2,4', '3', '2,4', '5']);
  });

  test('an entry that contains or crosses an earlier one is refused, and counts no more', () => {
    const devices = {
      narrow: behind(0x100, 0x7f),
      wide: behind(0x180, 0xff),
      crosses: behind(0x110, 0xf0),
      within: behind(0x140),
      // Only the refused one matches it.
      beyond: behind(0x1ff),
    };
    const resolved = resolve(machine('smmu-v2', devices), 0).devices;
    expect(resolved.map(({ isRefused }) => isRefused)).toEqual([false, true, true, false, false]);
    expect(resolved.map(({ group }) => group.join())).toEqual(['0,3', '1', '2', '0,3', '4']);
  });

  test('two groups that a third device joins are one', () => {
    const devices = { a: behind(0x10, 0, 'x'), b: behind(0x20, 0, 'y'), c: behind(0x10, 0, 'y') };
    expect(groupsOf(machine('smmu-v2', devices))).toEqual(['0,1,2', '0,1,2', '0,1,2']);
  });

  test('share their default domain', () => {
    const { devices, domains } = resolve(
      machine('smmu-v3', { a: behind(0x10, 0, 'x'), b: behind(0x20, 0, 'x') }),
      0,
    );
    expect(devices[1]?.defaultDomain).toBe(devices[0]?.defaultDomain);
    expect(domains.filter(({ name }) => name.startsWith('default/'))).toHaveLength(1);
  });
});

test('when a later device of the group fails, those before it go back to where they were', () => {
  const topology = machine('smmu-v3', {
    first: behind(0x10, 0, 'x'),
    second: behind(0x20, 0, 'x'),
    other: behind(0x20),
  });
  const model = new ModelMachine({
    topology,
    design: { name: 'linux-6.15', initialCount: 1 },
    userMappings: 0,
  });
  const { current } = model.kernel.domains;
  const domainOf = (device: number): string =>
    model.kernel.topology.domains[current.get(device) - 1]?.name ?? 'none';
  carryOut(model, attach('first', 'vm'));
  expect([domainOf(0), domainOf(1)]).toEqual(['vm', 'vm']);
  // The second device goes, and its StreamID to another one; then it cannot be attached with its
  // group.
  carryOut(model, { op: 'unplug', device: 'second' }, attach('other', 'host'));
  expect(model.perform(attach('first', 'vm2')).error).toBe('EINVAL');
  expect([domainOf(0), domainOf(1), domainOf(2)]).toEqual(['vm', 'none', 'host']);
  carryOut(model, setup('first', 1));
  expect(model.perform(detach('first')).error).toBe('EINVAL');
});
