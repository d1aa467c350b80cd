/** On how many threads a run of the model goes, and what runs on which. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileEvents } from '../run/file-events.ts';
import { byLength } from '../run/plan.ts';
import type { Job, JobsOptions } from '../run/run-in-jobs.ts';
import { compileForJobs } from './compiler.ts';
import type { RunRequest } from './run-once.ts';
import type { Selection } from './select-specs.ts';

/** So many files of interleavings take longer than a thread takes to start. */
const WORTH_A_THREAD = 4;

export type Threads = Pick<JobsOptions, 'threads' | 'plan'>;

/** Undefined: this thread alone. */
export async function threadsFor(
  request: RunRequest,
  files: readonly string[],
  selection: Selection,
): Promise<Threads | undefined> {
  const { flags, cwd } = request;
  const { jobs, bail } = flags;
  // With --bail the first failure is to be the last thing that is told, and nothing after it to be
  // run.
  const isAlone = jobs === undefined ? bail || availableParallelism() === 1 : jobs === 1;
  if (isAlone || files.length < 2) return undefined;
  const long = new Set(files.filter((file) => mayInterleave(resolve(cwd, file))));
  if (jobs === undefined && long.size < WORTH_A_THREAD) return undefined;
  const other = await opener(request, selection);
  const others = Array.from({ length: (jobs ?? 2) - 1 }, () => other);
  return {
    threads: [() => hereJob(request, selection), ...others],
    plan: byLength((file) => long.has(file)),
  };
}

const hereJob = ({ flags, signal, target }: RunRequest, { load, select }: Selection): Job => ({
  atOnce: 1,
  run: async (file) => {
    // Else nothing would be heard of the other threads, nor of signals.
    await turn();
    return fileEvents(file, {
      load,
      select,
      target,
      verbose: flags.verbose,
      bail: flags.bail,
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      signal,
    });
  },
  stop: () => {
    // It has the run's signal itself.
  },
  close: () => Promise.resolve(),
});

async function opener(
  { flags, cwd, worker }: RunRequest,
  { lines }: Selection,
): Promise<() => Job> {
  const { workerJob } = await import('./worker-job.ts');
  compileForJobs();
  return () => workerJob(worker, { cwd, flags, lines });
}

/** A guess, before the file is loaded: of how it is run, not of what comes of it. */
function mayInterleave(path: string): boolean {
  try {
    return readFileSync(path).includes('interleave:');
  } catch {
    return false;
  }
}
