/** A job as a thread of this process. */
import { Worker } from 'node:worker_threads';
import type { RunEvent } from '../run/events.ts';
import type { Job } from '../run/run-in-jobs.ts';
import type { ToWorker, WorkerSetup } from './run-worker.ts';

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
