/** Work that overlaps tells in order. */
import { expect, test } from '@jest/globals';
import { InOrder } from './in-order.ts';

/** Pieces of work that end when they are told to. */
function pieces(most: number) {
  const told: string[] = [];
  const order = new InOrder<string>((event) => told.push(event), most);
  const ends = new Map<string, () => void>();
  const begin = (name: string): Promise<void> =>
    order.begin(async (tell) => {
      tell(`${name} begins`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      tell(`${name} ends`);
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { told, order, begin, end, ends };
}

test('the first tells as it goes, a later one when the first has ended', async () => {
  const { told, order, begin, end } = pieces(3);
  await begin('a');
  await begin('b');
  order.tell('between');
  await end('b');
  expect(told).toEqual(['a begins']);
  await end('a');
  expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'between']);
  order.tell('after');
  expect(told.at(-1)).toBe('after');
});

test('no more at once than may be', async () => {
  const { begin, end, ends } = pieces(2);
  await begin('a');
  let room = false;
  const second = begin('b').then(() => (room = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect([room, ends.has('b')]).toEqual([false, true]);
  await end('b');
  await second;
  expect(room).toBe(true);
});

test('all: everything has been told', async () => {
  const { told, order, begin, ends } = pieces(9);
  for (const name of ['a', 'b', 'c']) await begin(name);
  await new Promise((resolve) => setImmediate(resolve));
  for (const name of ['c', 'a', 'b']) ends.get(name)?.();
  await order.all();
  expect(told.filter((text) => text.endsWith('ends'))).toEqual(['a ends', 'b ends', 'c ends']);
});
