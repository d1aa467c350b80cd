/** Where prepared things are: `$XDG_CACHE_HOME/doorbell/linux`, or `~/.cache/doorbell/linux`. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const set = env['XDG_CACHE_HOME'];
  const base = set !== undefined && isAbsolute(set) ? set : join(homedir(), '.cache');
  return join(base, 'doorbell', 'linux');
}

export const sha256 = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex');

/** Whole or not at all: an interrupted set-up leaves no half a file under the final name. */
export function writeWhole(path: string, content: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** What a process that has ended left half made, or the one with this number. */
export function removePartials(cache: string, own?: number): void {
  for (const folder of namesIn(cache))
    for (const name of namesIn(join(cache, folder))) {
      const pid = Number(/\.(\d+)\.partial$/.exec(name)?.[1] ?? NaN);
      if (pid === own || (Number.isInteger(pid) && !isAlive(pid)))
        rmSync(join(cache, folder, name), { recursive: true, force: true });
    }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The text of a file, or undefined without it. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
