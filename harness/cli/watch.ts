/**
 * `doorbell run --watch`: runs, waits for an edit or a key, and runs again what it concerns. One
 * thing at a time: what happens during a run waits for its end.
 */
import { resolve } from 'node:path';

import { count, styleFor } from '../report/style.ts';
import { isSignalName, SIGNAL_EXIT } from '../run/exit-codes.ts';
import { referencedFiles } from '../spec/referenced.ts';
import { type Ran, runOnce, type RunRequest } from './run-once.ts';
import { environment, wantsColour } from './terminal.ts';
import { keyPresses } from './watch-keys.ts';
import { fileChanges } from './watch-files.ts';

/** What is to be done next. */
type Wish =
  | { readonly kind: 'all' | 'failed' | 'again' | 'quit' }
  | { readonly kind: 'changed'; readonly paths: readonly string[] };

export async function watch(request: RunRequest): Promise<number> {
  const { paths, flags, cwd, signal } = request;
  const wishes = new Wishes();
  const stop = (): void => wishes.add({ kind: 'quit' });
  signal.addEventListener('abort', stop);
  const keys = keyPresses((key) => wishes.add({ kind: key }));
  const changes = await fileChanges(paths, cwd, (changed) =>
    wishes.add({ kind: 'changed', paths: changed }),
  );
  let last: RunRequest = request;
  let ran: Ran = { code: 0, files: [] };
  let watched = 0;
  const run = async (next: RunRequest): Promise<void> => {
    last = next;
    clear();
    ran = await runOnce(next);
    if (signal.aborted) return;
    changes.alsoWatch(ran.files.flatMap((file) => dependencies(file, cwd)));
    if (next.flags === flags) watched = ran.files.length;
    console.log(promptText(watched, flags.color));
  };
  try {
    await run(request);
    for (;;) {
      const wish = signal.aborted ? { kind: 'quit' as const } : await wishes.next();
      switch (wish.kind) {
        case 'quit':
          return isSignalName(signal.reason) ? SIGNAL_EXIT[signal.reason] : ran.code;
        case 'all':
          await run(request);
          break;
        case 'failed':
          await run({ ...request, flags: { ...flags, failed: true } });
          break;
        case 'again':
          await run(last);
          break;
        case 'changed': {
          const changed = new Set(wish.paths);
          const concerns = (file: string): boolean =>
            dependencies(file, cwd).some((path) => changed.has(path));
          // A path that no spec takes in is none of ours; a new spec takes in itself.
          if (await anyOf(request, concerns)) await run({ ...request, only: concerns });
        }
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    keys.close();
    await changes.close();
  }
}

const dependencies = (file: string, cwd: string): string[] => [
  ...referencedFiles(resolve(cwd, file), new Map<string, readonly string[]>()),
];

async function anyOf(
  { paths, flags, target, cwd }: RunRequest,
  concerns: (file: string) => boolean,
): Promise<boolean> {
  const { selectSpecs } = await import('./select-specs.ts');
  const { files } = await selectSpecs(paths, flags, target.name, cwd);
  return files.some(concerns);
}

/** Wishes in order; edits that come together are one. */
class Wishes {
  private waiting: Wish[] = [];
  private wake: (() => void) | undefined;

  add(wish: Wish): void {
    const last = this.waiting.at(-1);
    if (wish.kind === 'changed' && last?.kind === 'changed')
      this.waiting.splice(-1, 1, { kind: 'changed', paths: [...last.paths, ...wish.paths] });
    else if (wish.kind === 'quit') this.waiting = [wish];
    else if (last?.kind !== wish.kind) this.waiting.push(wish);
    this.wake?.();
  }

  async next(): Promise<Wish> {
    for (;;) {
      const wish = this.waiting.shift();
      if (wish !== undefined) return wish;
      await new Promise<void>((wake) => (this.wake = wake));
    }
  }
}

/** What a run says begins at the top of the screen. */
function clear(): void {
  if (environment().isTTY) process.stdout.write('\u001b[2J\u001b[H');
}

function promptText(files: number, color: boolean): string {
  const style = styleFor(wantsColour(environment(), color));
  const keys = 'a run all · f run what failed · Enter run again · q quit';
  return style.dim(`\nwatching ${count(files, 'spec')} · ${keys}`);
}
