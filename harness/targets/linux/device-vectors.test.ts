/** How often vectors came, from what /proc/interrupts shows of them. */
import { expect, test } from '@jest/globals';
import { DeviceVectors } from './device-vectors.ts';
import { MessageTable } from './known.ts';
import type { InterruptLine } from './read/interrupts.ts';

const BDF = '0000:00:02.0';
const line = (irq: number, index: number, count: number): InterruptLine => ({
  irq,
  counts: new Map([[0, count]]),
  chip: 'ITS-PCI-MSIX-0000:00:02.0',
  action: `vfio-msix[${index}](${BDF})`,
});

test('an interrupt that was out of /proc/interrupts does not come again with its old counts', () => {
  const vectors = new DeviceVectors('nic', BDF, true, 'msix');
  const settle = (lines: readonly InterruptLine[]): void =>
    vectors.settle(lines, [], false, [], new MessageTable());
  const both = [line(40, 0, 1), line(41, 1, 0)];
  vectors.setUp(0, 2);
  settle(both);
  expect(vectors.deliveries([], both)).toEqual([{ vector: 'nic/0', cpu: 0, count: 1 }]);
  const fired = [line(40, 0, 1), line(41, 1, 3)];
  expect(vectors.deliveries(both, fired)).toEqual([{ vector: 'nic/1', cpu: 0, count: 3 }]);
  vectors.free(1);
  const alone = [line(40, 0, 1)];
  settle(alone);
  expect(vectors.deliveries(fired, alone)).toEqual([]);
  vectors.setUp(0, 2);
  settle(fired);
  expect(vectors.deliveries(alone, fired)).toEqual([]);
  // All of them gone: the next ones are new interrupts, whatever their numbers.
  vectors.forget();
  settle([]);
  vectors.setUp(0, 2);
  settle(both);
  expect(vectors.deliveries([], both)).toEqual([{ vector: 'nic/0', cpu: 0, count: 1 }]);
});
