/** What QEMU, the kernel's event thread and its log say of the SMMU's events must be one story. */
import { describe, expect, test } from '@jest/globals';
import { seen } from '../../../src/observation.ts';
import { faultsOf, limited } from './smmu-faults.ts';

const deviceOf = (streamId: number): string => (streamId === 0x10 ? 'nic' : 'other');
const translation = { name: 'F_TRANSLATION', streamId: 0x10, address: 0x800_0040n };
const recorded = [{ name: 'F_TRANSLATION', streamId: 0x10 }];
const eleven = Array.from({ length: 11 }, (_, i) => ({ ...translation, address: BigInt(i) }));

describe('SMMU events', () => {
  test('told by all', () => {
    expect(faultsOf(recorded, [translation], [translation], deviceOf)).toEqual(
      seen([{ ...translation, device: 'nic' }]),
    );
    expect(limited(recorded, [translation])).toBeUndefined();
  });

  test('a record without an address has none, not zero', () => {
    const bare = { name: 'C_BAD_STREAMID', streamId: 0x10 };
    const found = faultsOf([bare], [bare], [bare], deviceOf);
    expect(found).toEqual(seen([{ ...bare, device: 'nic' }]));
    expect(found.seen && 'address' in (found.value[0] ?? {})).toBe(false);
  });

  test('a log that was limited leaves some out, which the event thread tells; and it is said', () => {
    const found = faultsOf(eleven, eleven, eleven.slice(2, 5), deviceOf);
    expect(found).toEqual(seen(eleven.map((each) => ({ ...each, device: 'nic' }))));
    expect(limited(eleven, eleven.slice(2, 5))).toBe('limited by its driver: 3 of 11 events');
  });

  test.each([
    ['another event', [{ ...translation, name: 'F_PERMISSION' }]],
    ['another stream', [{ ...translation, streamId: 0x18 }]],
    ['one too many', [translation, translation]],
    ['one too few', []],
  ])('%s taken by the kernel is a disagreement', (_, taken) => {
    expect(() => faultsOf(recorded, taken, [], deviceOf)).toThrow(/QEMU recorded .*kernel took/);
  });

  test.each([
    ['what was not taken', [{ ...translation, address: 0n }]],
    ['one twice', [translation, translation]],
  ])('%s in the log is a disagreement', (_, logged) => {
    expect(() => faultsOf(recorded, [translation], logged, deviceOf)).toThrow(/took .* logged/);
  });

  test('without the probe the log is compared with QEMU, and fewer in it cannot be observed', () => {
    expect(faultsOf(recorded, undefined, [translation], deviceOf)).toMatchObject({ seen: true });
    expect(faultsOf(eleven, undefined, [translation], deviceOf)).toMatchObject({ seen: false });
    expect(() => faultsOf([], undefined, [translation], deviceOf)).toThrow(/QEMU recorded nothing/);
  });

  test('on a board the log is believed', () => {
    expect(faultsOf(undefined, undefined, [translation], deviceOf)).toEqual(
      seen([{ ...translation, device: 'nic' }]),
    );
  });
});
