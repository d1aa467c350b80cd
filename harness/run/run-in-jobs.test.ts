/** Files on several threads: told in order, whoever ends first. */
import { describe, expect, test } from '@jest/globals';
import { ATTACH, caseOf, runAll } from '../testing/samples.ts';
import type { RunEvent } from './events.ts';
import { byLength } from './plan.ts';
import { type Job, type JobsOptions, MOST_HELD, runInJobs } from './run-in-jobs.ts';

const steps = (count: number): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: ${count} } } }
  - teardown: nic`;
const good = caseOf(steps(1));
const bad = caseOf(steps(2));
const isOfFile = ({ type }: RunEvent): boolean => type !== 'run-start' && type !== 'run-end';

/** What one thread says of each file. */
async function eventsOf(file: string): Promise<readonly RunEvent[]> {
  const { events } = await runAll({ [file]: [file.startsWith('bad') ? bad : good] });
  return events.filter(isOfFile);
}

interface Ran {
  readonly events: readonly RunEvent[];
  readonly exitCode: number;
  readonly opened: number;
  readonly closed: number;
}

/** `ends`: when a file ends, as its place among those that are under way. */
async function ran(
  files: readonly string[],
  run: (file: string) => Promise<readonly RunEvent[]>,
  options: Partial<JobsOptions> = {},
): Promise<Ran> {
  const events: RunEvent[] = [];
  let [opened, closed] = [0, 0];
  const open = (): Job => {
    opened++;
    return {
      atOnce: 1,
      run,
      stop: () => undefined,
      close: () => {
        closed++;
        return Promise.resolve();
      },
    };
  };
  const { exitCode } = await runInJobs({
    files,
    diagnostics: [],
    threads: [open, open, open],
    plan: byLength(() => false),
    reporters: [{ on: (event) => void events.push(event), close: () => Promise.resolve() }],
    bail: false,
    signal: new AbortController().signal,
    now: () => 0,
    ...options,
  });
  return { events, exitCode, opened, closed };
}

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const filesIn = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'file-start' ? [event.file] : []));

describe('several threads', () => {
  const files = ['a', 'bad-b', 'c', 'd', 'e', 'f'];

  test('say what one thread says, though the first file ends last', async () => {
    const { events, exitCode, opened, closed } = await ran(files, async (file) => {
      await later(file === 'a' ? 60 : file === 'd' ? 20 : 1);
      return eventsOf(file);
    });
    const one = await runAll(
      Object.fromEntries(files.map((f) => [f, [f === 'bad-b' ? bad : good]])),
    );
    expect(events).toEqual(one.events);
    expect([exitCode, opened, closed]).toEqual([1, 3, 3]);
  });

  test('long files go to the second thread, and who is done helps the other', async () => {
    const all = ['long-a', 'b', 'long-c', 'd', 'long-e', 'f'];
    const plan = byLength((file) => file.startsWith('long'));
    const taken = (threads: readonly number[]): (string | undefined)[] => {
      const take = plan(all);
      return threads.map((thread) => all[take(thread) ?? -1]);
    };
    const firstIsFast = ['long-a', 'b', 'd', 'f', 'long-c', 'long-e', undefined, undefined];
    expect(taken([1, 0, 0, 0, 0, 0, 0, 1])).toEqual(firstIsFast);
    const secondIsFast = ['b', 'long-a', 'long-c', 'long-e', 'd', 'f', undefined];
    expect(taken([0, 1, 1, 1, 1, 1, 1])).toEqual(secondIsFast);
    const { events } = await ran(all, eventsOf, { plan });
    expect(filesIn(events)).toEqual(all);
  });

  test('no more threads than files', async () => {
    expect(await ran(['a'], eventsOf)).toMatchObject({ exitCode: 0, opened: 1, closed: 1 });
    expect(await ran([], eventsOf)).toMatchObject({ exitCode: 5, opened: 0 });
  });

  test('--bail tells nothing after the first bad file, however far others are', async () => {
    const slow = async (file: string): Promise<readonly RunEvent[]> => {
      await later(file === 'bad-b' ? 40 : 1);
      return eventsOf(file);
    };
    const { events, exitCode } = await ran(files, slow, { bail: true });
    expect(filesIn(events)).toEqual(['a', 'bad-b']);
    expect(events.at(-1)).toMatchObject({ summary: { files: 2, passed: 1, failed: 1 } });
    expect(exitCode).toBe(1);
  });

  test('--seed orders files as one thread does', async () => {
    const { events } = await ran(files, eventsOf, { seed: 11 });
    const one = await runAll(Object.fromEntries(files.map((f) => [f, [good]])), { seed: 11 });
    expect(filesIn(events)).toEqual(filesIn(one.events));
    expect(filesIn(events)).not.toEqual(files);
  });

  test('a thread that dies is our bug, its file is named, and the others run', async () => {
    const { events, exitCode, opened, closed } = await ran(files, (file) =>
      file === 'c' ? Promise.reject(new Error('out of memory')) : eventsOf(file),
    );
    expect(filesIn(events)).toEqual(['a', 'bad-b', 'd', 'e', 'f']);
    expect(events.flatMap((e) => (e.type === 'diagnostic' ? [e.diagnostic] : []))).toMatchObject([
      { code: 'DB901', message: 'a bug of Doorbell, the thread that ran c is gone\nout of memory' },
    ]);
    expect([exitCode, opened, closed]).toEqual([4, 4, 4]);
  });

  test('what a thread that dies was given beside is run by the next one', async () => {
    const begun: string[] = [];
    const open = (): Job => {
      let gone: Error | undefined;
      let last: Promise<unknown> = Promise.resolve();
      const one = async (file: string): Promise<readonly RunEvent[]> => {
        begun.push(file);
        if (file === 'c') gone = new Error('out of memory');
        if (gone !== undefined) throw gone;
        return eventsOf(file);
      };
      return {
        atOnce: 2,
        run: (file) => {
          const events = last.then(() => one(file));
          last = events;
          return events;
        },
        stop: () => undefined,
        close: () => Promise.resolve(),
      };
    };
    const { events, exitCode } = await ran(files, eventsOf, { threads: [open] });
    expect(filesIn(events)).toEqual(['a', 'bad-b', 'd', 'e', 'f']);
    expect(begun).toEqual(files);
    expect(events.filter(({ type }) => type === 'diagnostic')).toHaveLength(1);
    expect(exitCode).toBe(4);
  });

  test('a file that was given and not begun before a signal is not told of', async () => {
    const controller = new AbortController();
    const run = (file: string): Promise<readonly RunEvent[] | undefined> => {
      if (controller.signal.aborted) return Promise.resolve(undefined);
      if (file === 'a') controller.abort('SIGTERM');
      return eventsOf(file);
    };
    const open = (): Job => ({
      atOnce: 2,
      run,
      stop: () => undefined,
      close: () => Promise.resolve(),
    });
    const { signal } = controller;
    const { events } = await ran(files, eventsOf, { threads: [open], signal });
    expect(events.at(-1)).toMatchObject({ summary: { files: 1, interrupted: true } });
  });

  test('what ended before a signal is told, also behind a file that was not begun', async () => {
    const controller = new AbortController();
    let isEnded = (): void => undefined;
    const shortEnded = new Promise<void>((resolve) => (isEnded = resolve));
    const run = async (file: string): Promise<readonly RunEvent[]> => {
      if (file === 'long-a') await shortEnded;
      if (file === 'long-a') controller.abort('SIGTERM');
      else isEnded();
      return eventsOf(file);
    };
    const { events } = await ran(['long-a', 'long-b', 'c'], run, {
      // One thread has the first two, one the last.
      plan: () => {
        const left = [[0, 1], [2]];
        return (thread) => left[thread]?.shift();
      },
      signal: controller.signal,
    });
    expect(filesIn(events)).toEqual(['long-a', 'c']);
  });

  test('a signal: no file is begun any more, what ended is told', async () => {
    const controller = new AbortController();
    const { events, exitCode } = await ran(
      files,
      async (file) => {
        if (file === 'c') controller.abort('SIGTERM');
        await later(5);
        return eventsOf(file);
      },
      { signal: controller.signal },
    );
    expect(filesIn(events)).toEqual(['a', 'bad-b', 'c']);
    expect(events.at(-1)).toMatchObject({ summary: { interrupted: true } });
    expect(exitCode).toBe(143);
  });
});

test('a file that takes long holds the others up before what they said fills the memory', async () => {
  const files = Array.from({ length: 2 * MOST_HELD }, (_, n) => `${n}.yaml`);
  const begun: string[] = [];
  let end = (): void => undefined;
  const long = new Promise<void>((resolve) => (end = resolve));
  const running = ran(files, async (file) => {
    begun.push(file);
    if (file === files[0]) await long;
    return [{ type: 'file-start', file, cases: 0, list: [] }];
  });
  for (let turns = 0; turns < 20 * files.length; turns++) await Promise.resolve();
  expect(begun.length).toBeGreaterThanOrEqual(MOST_HELD);
  expect(begun.length).toBeLessThanOrEqual(MOST_HELD + 3);
  end();
  const { events } = await running;
  expect(events.filter(isOfFile).map((event) => ('file' in event ? event.file : ''))).toEqual(
    files,
  );
});
