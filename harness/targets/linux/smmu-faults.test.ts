/** What QEMU and the kernel's log say of the SMMU's events must be one story. */
import { describe, expect, test } from '@jest/globals';
import { seen } from '../../../src/observation.ts';
import { faultsOf } from './smmu-faults.ts';

const deviceOf = (streamId: number): string => (streamId === 0x10 ? 'nic' : 'other');
const translation = { name: 'F_TRANSLATION', streamId: 0x10, address: 0x800_0040n };

describe('SMMU events', () => {
  test('told by both', () => {
    expect(faultsOf([{ name: 'F_TRANSLATION', streamId: 0x10 }], [translation], deviceOf)).toEqual(
      seen([{ ...translation, device: 'nic' }]),
    );
  });

  test('a record without an address has none, not zero', () => {
    const bare = { name: 'C_BAD_STREAMID', streamId: 0x10 };
    const found = faultsOf([bare], [bare], deviceOf);
    expect(found).toEqual(seen([{ ...bare, device: 'nic' }]));
    expect(found.seen && 'address' in (found.value[0] ?? {})).toBe(false);
  });

  test('another event, another stream or one too many in the log is a disagreement', () => {
    const recorded = [{ name: 'F_TRANSLATION', streamId: 0x10 }];
    for (const logged of [
      [{ ...translation, name: 'F_PERMISSION' }],
      [{ ...translation, streamId: 0x18 }],
      [translation, translation],
    ])
      expect(() => faultsOf(recorded, logged, deviceOf)).toThrow(/QEMU recorded .*kernel logged/);
  });

  test('fewer in the log, which is rate limited, cannot be observed', () => {
    const recorded = Array.from({ length: 11 }, () => ({ name: 'F_TRANSLATION', streamId: 0x10 }));
    expect(faultsOf(recorded, [translation], deviceOf)).toMatchObject({ seen: false });
  });

  test('on a board the log is believed', () => {
    expect(faultsOf(undefined, [translation], deviceOf)).toEqual(
      seen([{ ...translation, device: 'nic' }]),
    );
  });
});
