/** A job as a thread of this process. */
import { Worker } from 'node:worker_threads';
import type { RunEvent } from '../run/events.ts';
import type { Job } from '../run/run-in-jobs.ts';
import type { ToWorker, WorkerSetup } from './run-worker.ts';

/** The one that it runs, and the one after that. */
const AT_ONCE = 2;

export function workerJob(script: URL, setup: WorkerSetup): Job {
  const worker = new Worker(script, { workerData: setup });
  const send = (message: ToWorker): void => worker.postMessage(message);
  /** In the order in which they were given, which is that of the answers. */
  const waiting: Waiting[] = [];
  let gone: Error | undefined;
  const end = (error: unknown): void => {
    gone ??= error instanceof Error ? error : new Error(String(error));
    for (const { reject } of waiting.splice(0)) reject(gone);
  };
  worker
    .on('message', (events: readonly RunEvent[] | undefined) => waiting.shift()?.resolve(events))
    .on('error', end)
    .on('exit', (code: number) => end(new Error(`it ended with ${code}`)));
  return {
    atOnce: AT_ONCE,
    run: (file) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone);
        waiting.push({ resolve, reject });
        send({ file });
      }),
    stop: (stop) => send({ stop }),
    close: async () => void (await worker.terminate()),
  };
}

interface Waiting {
  readonly resolve: (events: readonly RunEvent[] | undefined) => void;
  readonly reject: (error: Error) => void;
}
