/**
 * Where what doorbell remembers of a project is kept: beside the caches of other tools in its
 * node_modules, else below `$XDG_STATE_HOME` (XDG Base Directory Specification 0.8: state persists
 * between runs, but is not worth a backup).
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Projects without node_modules that are remembered; those used least recently go first. */
const MOST = 100;

export function stateFile(root: string, env: NodeJS.ProcessEnv = process.env): string {
  const modules = join(root, 'node_modules');
  if (existsSync(modules)) return join(modules, '.cache/doorbell/failed.json');
  // A relative path is to be ignored, says the specification.
  const wish = env['XDG_STATE_HOME'] ?? '';
  const states = wish.startsWith('/') ? wish : join(homedir(), '.local/state');
  return join(states, 'doorbell/failed', nameOf(root));
}

/** A name has 255 bytes at most. The end of a path tells more than its beginning. */
const nameOf = (root: string): string => `${encodeURIComponent(root).slice(-240)}.json`;

/** The folder that a name was made of, or undefined where it was too long. */
function folderOf(name: string): string | undefined {
  try {
    const folder = decodeURIComponent(name.replace(/\.json$/, ''));
    return folder.startsWith('/') ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Before a file is added: those of folders that are gone are removed, and all beyond the most
 * recent.
 */
export function makeRoom(file: string): void {
  const folder = dirname(file);
  if (!existsSync(folder) || folder.endsWith('/node_modules/.cache/doorbell')) return;
  const kept = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const path = join(folder, name);
      const of = folderOf(name);
      const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (used === undefined) return [];
      if (of === undefined || existsSync(of)) return [{ path, used }];
      rmSync(path, { force: true });
      return [];
    });
  kept.sort((a, b) => b.used - a.used);
  for (const { path } of kept.slice(MOST - 1)) if (path !== file) rmSync(path, { force: true });
}
