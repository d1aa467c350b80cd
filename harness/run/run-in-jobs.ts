/**
 * Files on several threads, told as one run: in the order in which one thread would have run them,
 * whoever ends first. A file is one job; its events come when it has ended.
 */
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Reporter, RunEvent, Shard, Summary } from './events.ts';
import { isSignalName } from './exit-codes.ts';
import type { Plan } from './plan.ts';
import { shuffled } from './shuffle.ts';
import { Counts } from './summary.ts';

/** A thread that runs files, one after another. */
export interface Job {
  /**
   * Files that it may be given before the first has ended, so that it does not wait for the next.
   */
  readonly atOnce: number;
  /**
   * The events of the file, without those of a run; undefined: it was stopped before. Rejects if
   * the thread is gone, and with it all that were given to it.
   */
  run(file: string): Promise<readonly RunEvent[] | undefined>;
  /** The file under way ends after its step, and none is begun. */
  stop(reason: unknown): void;
  close(): Promise<void>;
}

export interface JobsOptions {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Each opens a thread. */
  readonly threads: readonly (() => Job)[];
  readonly plan: Plan;
  readonly reporters: readonly Reporter[];
  readonly bail: boolean;
  readonly seed?: number;
  readonly shard?: Shard;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

interface Given {
  readonly index: number;
  readonly events: Promise<readonly RunEvent[] | undefined>;
}

const NOT_BEGUN: readonly RunEvent[] = [];

/**
 * Files that have ended and wait for one before them, so that what is held does not grow with the
 * length of a run.
 */
export const MOST_HELD = 1000;

export async function runInJobs(options: JobsOptions): Promise<Summary> {
  const { files: given, seed, shard, signal, bail } = options;
  const start = options.now();
  const files = seed === undefined ? given : shuffled(given, seed);
  const told = new Told(options.reporters);
  told.event({
    type: 'run-start',
    files: files.length,
    paths: files,
    ...(seed === undefined ? {} : { seed }),
    ...(shard === undefined ? {} : { shard }),
  });
  for (const diagnostic of options.diagnostics) told.event({ type: 'diagnostic', diagnostic });

  const ended = new Map<number, readonly RunEvent[]>();
  const next = options.plan(files);
  let toTell = 0;
  const stopped = (): boolean => signal.aborted || (bail && told.counts.bad);
  const tellOne = (index: number, events: readonly RunEvent[]): void => {
    ended.delete(index);
    if (events !== NOT_BEGUN && !(bail && told.counts.bad)) told.file(events);
  };
  const waiting: (() => void)[] = [];
  const tell = (): void => {
    for (let events = ended.get(toTell); events !== undefined; events = ended.get(toTell))
      tellOne(toTell++, events);
    for (const go of waiting.splice(0)) go();
  };
  const underWay = new Set<number>();
  /** Only while somebody is at the file that all wait for: else it would never be begun. */
  const isFull = (): boolean => ended.size >= MOST_HELD && underWay.has(toTell) && !stopped();
  const thread = async (open: () => Job, nth: number): Promise<void> => {
    let job = open();
    const stop = (): void => job.stop(signal.reason);
    const given: Given[] = [];
    const give = (index: number): Given => {
      underWay.add(index);
      const events = job.run(files[index] as string);
      // Looked at when those before it have ended.
      events.catch(() => undefined);
      return { index, events };
    };
    signal.addEventListener('abort', stop);
    try {
      for (;;) {
        // Who has something given to him may be the one that all wait for.
        while (given.length === 0 && isFull()) await new Promise<void>((go) => waiting.push(go));
        while (given.length < job.atOnce && !stopped() && !isFull()) {
          const index = next(nth);
          if (index === undefined) break;
          given.push(give(index));
        }
        const first = given.shift();
        if (first === undefined) break;
        const { index } = first;
        try {
          ended.set(index, (await first.events) ?? NOT_BEGUN);
        } catch (error) {
          const file = files[index] as string;
          ended.set(index, [{ type: 'diagnostic', diagnostic: lost(file, error) }]);
          await job.close();
          job = open();
          given.forEach((one, n) => (given[n] = give(one.index)));
        }
        underWay.delete(index);
        tell();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await job.close();
    }
  };
  await Promise.all(options.threads.slice(0, files.length).map(thread));
  // Of a run that was stopped, what ended behind a file that was not begun.
  for (const [index, events] of [...ended].sort(([a], [b]) => a - b)) tellOne(index, events);

  const name = signal.aborted
    ? isSignalName(signal.reason)
      ? signal.reason
      : 'SIGINT'
    : undefined;
  const durationMs = Math.round((options.now() - start) * 1000) / 1000;
  const summary = told.counts.summary(durationMs, name);
  told.event({ type: 'run-end', summary });
  return summary;
}

class Told {
  readonly counts = new Counts();
  private readonly reporters: readonly Reporter[];

  constructor(reporters: readonly Reporter[]) {
    this.reporters = reporters;
  }

  file(events: readonly RunEvent[]): void {
    this.counts.files++;
    for (const event of events) this.event(event);
  }

  event(event: RunEvent): void {
    if (event.type === 'case-end') this.counts.add(event.verdict);
    if (event.type === 'diagnostic') {
      if (event.diagnostic.severity === 'error') this.counts.errors++;
      if (event.diagnostic.code === 'DB901') this.counts.bugs++;
    }
    for (const reporter of this.reporters) reporter.on(event);
  }
}

const lost = (file: string, error: unknown): Diagnostic => ({
  code: 'DB901',
  severity: 'error',
  message: `a bug of Doorbell, the thread that ran ${file} is gone\n${error instanceof Error ? error.message : String(error)}`,
  hint: 'please report it with this spec',
});
