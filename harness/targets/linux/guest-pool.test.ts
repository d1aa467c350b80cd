/** Which guest serves which case, without any guest. */
import { describe, expect, test } from '@jest/globals';
import { GuestPool } from './guest-pool.ts';

interface Fake {
  readonly key: string;
  readonly number: number;
  closed: boolean;
}

/** A pool of guests with numbers, and what happened to them. */
function poolOf(most: number) {
  const story: string[] = [];
  let count = 0;
  let alive = 0;
  let mostAlive = 0;
  const pool = new GuestPool<Fake>({
    most,
    close: async (guest) => {
      await Promise.resolve();
      guest.closed = true;
      alive--;
      story.push(`close ${guest.key}${guest.number}`);
    },
  });
  const take = (key: string, spoilt?: (guest: Fake) => string | undefined): Promise<Fake> =>
    pool.take({
      key,
      boot: async () => {
        const number = ++count;
        alive++;
        mostAlive = Math.max(mostAlive, alive);
        story.push(`boot ${key}${number}`);
        await Promise.resolve();
        return { key, number, closed: false };
      },
      spoilt: spoilt ?? (() => undefined),
      notice: (text) => story.push(text),
    });
  return { pool, take, story, mostAlive: () => mostAlive };
}

const messageOf = (one: PromiseSettledResult<unknown>): string =>
  one.status === 'rejected' ? (one.reason as Error).message : 'fulfilled';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a guest goes from case to case', () => {
  test('one boot for many cases of a key, one after the other', async () => {
    const { pool, take, story } = poolOf(1);
    const numbers: number[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const guest = await take('a');
        numbers.push(guest.number);
        pool.giveBack(guest);
      }),
    );
    expect(numbers).toEqual(Array.from({ length: 10 }, () => 1));
    expect(story).toEqual(['boot a1']);
  });

  test('a case of the running key goes before an earlier one of another', async () => {
    const { pool, take, story } = poolOf(1);
    const first = await take('a');
    const order: string[] = [];
    const others = ['b', 'a'].map(async (key) => {
      const guest = await take(key);
      order.push(key);
      pool.giveBack(guest);
    });
    pool.giveBack(first);
    await Promise.all(others);
    expect(order).toEqual(['a', 'b']);
    expect(story).toEqual(['boot a1', 'close a1', 'boot b2']);
  });

  test('a guest that was discarded serves nobody again', async () => {
    const { pool, take, story } = poolOf(1);
    await pool.discard(await take('a'));
    expect((await take('a')).number).toBe(2);
    expect(story).toEqual(['boot a1', 'close a1', 'boot a2']);
  });

  test('one that is spoilt for a case is given up, and it is said why', async () => {
    const { pool, take, story } = poolOf(1);
    pool.giveBack(await take('a'));
    expect((await take('a', ({ number }) => (number === 1 ? 'it is old' : undefined))).number).toBe(
      2,
    );
    expect(story).toEqual(['boot a1', 'it is old: a new guest', 'close a1', 'boot a2']);
  });
});

describe('several guests', () => {
  test('never more than may be, also while one is closed and another booted', async () => {
    const { pool, take, mostAlive } = poolOf(2);
    await Promise.all(
      ['a', 'b', 'c', 'a', 'd', 'b'].map(async (key) => {
        const guest = await take(key);
        await settle();
        pool.giveBack(guest);
      }),
    );
    expect(mostAlive()).toBe(2);
  });

  test('a second one of the same key only for many cases', async () => {
    const few = poolOf(2);
    void few.take('a');
    for (let n = 0; n < 5; n++) void few.take('a');
    await settle();
    expect(few.story).toEqual(['boot a1']);
    const many = poolOf(2);
    void many.take('a');
    for (let n = 0; n < 101; n++) void many.take('a');
    await settle();
    expect(many.story).toEqual(['boot a1', 'boot a2']);
  });
});

describe('guests that do not come up', () => {
  test('twice in a row, and the cases that follow are told at once', async () => {
    let boots = 0;
    const pool = new GuestPool<Fake>({ most: 1, close: async () => {} });
    const take = (key: string, boot: () => Promise<Fake>): Promise<Fake> =>
      pool.take({ key, boot, spoilt: () => undefined, notice: () => {} });
    const fails = (): Promise<Fake> => {
      boots++;
      return Promise.reject(new Error('it panics'));
    };
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => take('a', fails)));
    expect(boots).toBe(2);
    expect(all.map((one) => messageOf(one))).toEqual([
      'it panics',
      'it panics',
      ...Array.from({ length: 3 }, () => expect.stringMatching(/not tried again: it panics$/)),
    ]);
    const good: Fake = { key: 'b', number: 1, closed: false };
    expect(await take('b', () => Promise.resolve(good))).toBe(good);
  });
});

test('the end: who waits is told, and no guest is left, not even one that was booting', async () => {
  const { pool, take, story } = poolOf(2);
  const idle = await take('a');
  pool.giveBack(idle);
  const booting = take('b');
  const waiting = take('c');
  const ends = Promise.allSettled([booting, waiting]);
  await pool.close(new Error('interrupted'));
  expect((await ends).map((one) => messageOf(one))).toEqual(['interrupted', 'interrupted']);
  expect(story).toEqual(['boot a1', 'boot b2', 'close a1', 'close b2']);
  await expect(take('a')).rejects.toThrow('interrupted');
});
