/** One file, run here, as the events that a run tells of it. */
import type { RunEvent } from './events.ts';
import { type RunOptions, runSpecs } from './runner.ts';

export async function fileEvents(
  file: string,
  options: Omit<RunOptions, 'files' | 'reporters'>,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  const on = (event: RunEvent): void => {
    if (event.type !== 'run-start' && event.type !== 'run-end') events.push(event);
  };
  await runSpecs({
    ...options,
    files: [file],
    reporters: [{ on, close: () => Promise.resolve() }],
  });
  return events;
}
