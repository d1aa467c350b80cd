/** What counts as left behind. */
import { describe, expect, test } from '@jest/globals';
import { bytesLeft, changedTypes, difference, stateOf } from './cleanliness.ts';

const CLEAN = ['pci 0000:00:02.0 - 0', 'group 0 DMA-FQ', 'affinity f', 'online 0-3'];

describe('the state of a guest', () => {
  test.each([
    ['fd /dev/vfio/0', 'a descriptor of VFIO (fd /dev/vfio/0) is left'],
    ['fd anon_inode:[eventfd]', 'an eventfd (fd anon_inode:[eventfd]) is left'],
    [
      'irq  21:     5     0  ITS-MSI 32768 Edge   vfio-msix[0](0000:00:02.0)',
      'an interrupt (irq 21: ITS-MSI 32768 Edge vfio-msix[0](0000:00:02.0)) is left',
    ],
    ['group 1 identity', 'the type of a group (group 1 identity) is left'],
  ])('%s', (line, text) => {
    expect(difference(stateOf(CLEAN), stateOf([...CLEAN, line]))).toBe(text);
  });

  test('what is gone, or other than before', () => {
    expect(difference(CLEAN, CLEAN.slice(1))).toBe(
      'the driver or group of a device (pci 0000:00:02.0 - 0) is gone',
    );
    const bound = CLEAN.map((line) => line.replace('- 0', 'vfio-pci 0'));
    expect(difference(CLEAN, bound)).toContain('vfio-pci');
    const off = CLEAN.map((line) => line.replace('0-3', '0,2-3'));
    expect(difference(CLEAN, off)).toContain('online 0,2-3');
  });

  test('counts of interrupts that were there before are nothing', () => {
    const irq = (count: number): string => `irq  12:   ${count}   0  ITS-MSI 1 Edge  board-nic`;
    expect(difference(stateOf([irq(5)]), stateOf([irq(17)]))).toBeUndefined();
  });

  test('groups whose type was changed, by a device of each', () => {
    const after = CLEAN.map((line) => line.replace('DMA-FQ', 'DMA'));
    expect(changedTypes(CLEAN, after)).toEqual([{ bdf: '0000:00:02.0', type: 'DMA-FQ' }]);
    expect(changedTypes(CLEAN, CLEAN)).toEqual([]);
  });
});

describe('bytes that are still mapped', () => {
  const map = (iova: bigint, size: bigint) => ({ kind: 'map', iova, pa: 0n, size }) as const;
  const call = (iova: bigint, prot: number) => ({ kind: 'iommu-map', iova, prot }) as const;
  const unmap = (iova: bigint, size: bigint) => ({ kind: 'unmap', iova, size }) as const;

  test('a mapping that was unmapped in parts is gone; one that was not is left', () => {
    const events = [call(0n, 3), map(0n, 0x2000n), unmap(0n, 0x1000n)];
    expect(bytesLeft(events)).toBe(0x1000n);
    expect(bytesLeft([...events, unmap(0x1000n, 0x1000n)])).toBe(0n);
  });

  test("a doorbell's goes with its domain", () => {
    expect(bytesLeft([call(0x800_0000n, 0x1a), map(0x800_0000n, 0x1000n)])).toBe(0n);
  });
});
