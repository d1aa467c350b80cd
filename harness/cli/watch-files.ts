/** Edits below the folders that a run is about, and of files elsewhere that its specs take in. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { watch as watchPaths } from 'chokidar';

/** An editor writes a file in several steps, a checkout many files. */
const TOGETHER_MS = 100;

export interface FileChanges {
  alsoWatch(paths: readonly string[]): void;
  close(): Promise<void>;
}

/** `told`: absolute paths that were written, made or removed. */
export async function fileChanges(
  paths: readonly string[],
  cwd: string,
  told: (paths: readonly string[]) => void,
): Promise<FileChanges> {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (path: string): void => {
    changed.add(resolve(cwd, path));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const all = [...changed];
      changed.clear();
      told(all);
    }, TOGETHER_MS);
  };
  const roots = [
    ...new Set((paths.length > 0 ? paths : ['specs']).map((path) => rootOf(path, cwd))),
  ];
  const ignored = (path: string): boolean =>
    /[\\/](node_modules|\.git)([\\/]|$)/.test(path.slice(cwd.length));
  const below = watchPaths(roots, { ignoreInitial: true, ignored });
  // Of a file its folder is watched: a file that is removed and made again would be lost.
  const beside = watchPaths([], { ignoreInitial: true, ignored, depth: 0 });
  for (const watcher of [below, beside]) {
    watcher.on('add', note).on('change', note).on('unlink', note);
    // A folder that may not be read is seen again by the run itself, which says so.
    watcher.on('error', () => undefined);
  }
  const folders = new Set<string>();
  await new Promise<void>((ready) => below.once('ready', ready));
  return {
    alsoWatch: (more) => {
      const fresh = [...new Set(more.map((path) => dirname(path)))].filter(
        (folder) => !folders.has(folder) && !roots.some(contains(folder)),
      );
      for (const folder of fresh) folders.add(folder);
      if (fresh.length > 0) beside.add(fresh);
    },
    close: async () => {
      clearTimeout(timer);
      await Promise.all([below.close(), beside.close()]);
    },
  };
}

const contains =
  (path: string) =>
  (folder: string): boolean =>
    path === folder || path.startsWith(`${folder}/`);

/** What stands before the first wildcard, or before the line of file:line. */
function rootOf(path: string, cwd: string): string {
  const at = resolve(cwd, path);
  if (statSync(at, { throwIfNoEntry: false }) !== undefined) return at;
  return resolve(
    cwd,
    path.replace(/:\d+(:\d+)?$/, '').replace(/(^|\/)[^/]*[*?[{(!].*$/, '') || '.',
  );
}
