import { expect, test } from '@jest/globals';
import { Store } from '../../state/store.ts';
import { PercpuDoorbells } from './percpu-doorbell.ts';

function make() {
  const store = new Store();
  const taken: string[] = [];
  const block = new PercpuDoorbells(
    store,
    { index: 5, base: 0x2c00_0000, stride: 0x1_0000, identities: 4, cpus: 3 },
    {
      takeIntid: () => undefined,
      takeVirtual: () => undefined,
      takeIdentity: (controller, identity, cpu) =>
        void taken.push(`${controller}:${identity}@${cpu}`),
    },
  );
  store.seal();
  return { block, taken };
}

test('a page belongs to the CPU that its distance from the base says', () => {
  const { block } = make();
  expect(
    [0x2bff_ffff, 0x2c00_0040, 0x2c01_0040, 0x2c02_ffff, 0x2c03_0000].map((pa) => block.cpuOf(pa)),
  ).toEqual([-1, 0, 1, 2, -1]);
});

test('the same identity of two CPUs is two interrupts', () => {
  const { block, taken } = make();
  block.setEnabled(1, 3, true);
  block.raise(0, 3);
  block.raise(1, 3);
  expect(taken).toEqual(['5:3@1']);
  expect([block.isPending(0, 3), block.isPending(1, 3)]).toEqual([true, false]);
  block.setEnabled(0, 3, true);
  expect(taken).toEqual(['5:3@1', '5:3@0']);
});

test('a pending bit that was cleared is not delivered', () => {
  const { block, taken } = make();
  block.raise(2, 0);
  block.clearPending(2, 0);
  block.setEnabled(2, 0, true);
  expect(taken).toEqual([]);
});
