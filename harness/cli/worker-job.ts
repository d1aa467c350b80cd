/** A job as a thread of this process. */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { RunEvent } from '../run/events.ts';
import type { Job } from '../run/run-in-jobs.ts';
import type { ToWorker, WorkerSetup } from './run-worker.ts';

/**
 * Each thread compiles what it runs for itself, and V8 optimizes on further threads that take the processors away
 * from the jobs. Six times as patient as it is by itself, the project's own specs on two threads take 3.0 s of processors
 * instead of 4.3 (one thread, as it is by itself: 3.4).
 */
const PATIENT = '--interrupt-budget=400000';

/** Before the first job. */
export const prepareForJobs = (): void => setFlagsFromString(PATIENT);

export function workerJob(script: URL, setup: WorkerSetup): Job {
  const worker = new Worker(script, { workerData: setup });
  const send = (message: ToWorker): void => worker.postMessage(message);
  return {
    run: (file) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        };
        const onMessage = (events: readonly RunEvent[]): void => {
          settle();
          resolve(events);
        };
        const onError = (error: unknown): void => {
          settle();
          reject(error instanceof Error ? error : new Error(String(error)));
        };
        const onExit = (code: number): void => onError(new Error(`it ended with ${code}`));
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        send({ file });
      }),
    stop: (stop) => send({ stop }),
    close: async () => void (await worker.terminate()),
  };
}
