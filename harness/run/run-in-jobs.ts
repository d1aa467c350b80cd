/**
 * Files on several threads, told as one run: in the order in which one thread would have run them, whoever ends
 * first. A file is one job; its events come when it has ended.
 */
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Reporter, RunEvent, Shard, Summary } from './events.ts';
import { isSignalName } from './exit-codes.ts';
import { shuffled } from './shuffle.ts';
import { Counts } from './summary.ts';

/** A thread that runs one file at a time. */
export interface Job {
  /** The events of the file, without those of a run. Rejects if the thread is gone. */
  run(file: string): Promise<readonly RunEvent[]>;
  /** The file under way ends after its step. */
  stop(reason: unknown): void;
  close(): Promise<void>;
}

export interface JobsOptions {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly open: () => Job;
  readonly jobs: number;
  readonly reporters: readonly Reporter[];
  readonly bail: boolean;
  readonly seed?: number;
  readonly shard?: Shard;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

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
  let next = 0;
  let toTell = 0;
  const stopped = (): boolean => signal.aborted || (bail && told.counts.bad);
  const tell = (): void => {
    for (let events = ended.get(toTell); events !== undefined; events = ended.get(toTell)) {
      ended.delete(toTell++);
      if (!(bail && told.counts.bad)) told.file(events);
    }
  };
  const thread = async (): Promise<void> => {
    let job = options.open();
    const stop = (): void => job.stop(signal.reason);
    signal.addEventListener('abort', stop);
    try {
      while (next < files.length && !stopped()) {
        const index = next++;
        const file = files[index] as string;
        try {
          ended.set(index, await job.run(file));
        } catch (error) {
          ended.set(index, [{ type: 'diagnostic', diagnostic: lost(file, error) }]);
          await job.close();
          job = options.open();
        }
        tell();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await job.close();
    }
  };
  const threads = Math.min(options.jobs, files.length);
  await Promise.all(Array.from({ length: threads }, thread));

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
