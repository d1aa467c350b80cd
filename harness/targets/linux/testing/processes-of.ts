/**
 * Processes that have a text in their command line: the way to see whether a guest left one behind.
 */
import { readdirSync, readFileSync } from 'node:fs';

export function processesWith(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Until it is so, or the time is up; the caller's expectation then says what is not. */
export async function until(so: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!so() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}
