/**
 * A thread of --jobs: loads and runs the files that it is given on the model, and hands back their
 * events.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { RunEvent } from '../run/events.ts';
import { fileEvents } from '../run/file-events.ts';
import { startFrom } from '../spec/schema-folder.ts';
import { modelTarget } from '../targets/model.ts';
import { fileLoader } from './load-files.ts';
import type { RunFlags } from './flags.ts';
import { caseSelection } from './select-specs.ts';

/** What a thread is told at its start. Regular expressions and maps arrive as what they are. */
export interface WorkerSetup {
  readonly cwd: string;
  readonly flags: RunFlags;
  readonly lines: ReadonlyMap<string, readonly number[]>;
}

/** To the thread. */
export type ToWorker = { readonly file: string } | { readonly stop: unknown };

startFrom(dirname(fileURLToPath(import.meta.url)));
const { cwd, flags, lines } = workerData as WorkerSetup;
const load = fileLoader(cwd, lines);
const select = caseSelection(flags, modelTarget.name, cwd);
const stopping = new AbortController();

async function run(file: string): Promise<readonly RunEvent[] | undefined> {
  if (stopping.signal.aborted) return undefined;
  return fileEvents(file, {
    load,
    select,
    target: modelTarget,
    bail: flags.bail,
    verbose: flags.verbose,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    signal: stopping.signal,
  });
}

let last = Promise.resolve();

parentPort?.on('message', (message: ToWorker) => {
  if ('stop' in message) stopping.abort(message.stop);
  // As one message: a case that many events are about is copied once.
  else last = last.then(async () => parentPort?.postMessage(await run(message.file)));
});
