/** From paths on the command line to spec files: files as they are, folders and globs in order of name. */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Diagnostic } from '../spec/diagnostic.ts';

export interface SelectedFiles {
  /** Relative to `cwd` where they lie below it. */
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULT_FOLDER = 'specs';
const SPECS = '**/*.spec.yaml';
const IGNORED = ['**/node_modules/**', '**/.git/**'];

export async function selectFiles(paths: readonly string[], cwd: string): Promise<SelectedFiles> {
  const files = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const asked =
    paths.length > 0 ? paths : kindOf(join(cwd, DEFAULT_FOLDER)) ? [DEFAULT_FOLDER] : [];
  for (const path of asked) {
    const kind = kindOf(join(cwd, path)) ?? kindOf(path);
    if (kind === 'file') files.add(shown(path, cwd));
    else {
      const found = await glob(kind === 'folder' ? undefined : path, path, cwd);
      for (const file of found) files.add(shown(file, cwd));
      if (found.length === 0 && kind === undefined) diagnostics.push(missing(path));
    }
  }
  return { files: [...files], diagnostics };
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return stat.isDirectory() ? 'folder' : 'file';
}

/** The same file named twice, or in two ways, runs once. */
function shown(path: string, cwd: string): string {
  const name = relative(cwd, join(path.startsWith('/') ? '' : cwd, path));
  return name.startsWith('..') ? path : name;
}

async function glob(pattern: string | undefined, folder: string, cwd: string): Promise<string[]> {
  const { globSync } = await import('tinyglobby');
  const found =
    pattern === undefined
      ? globSync(SPECS, {
          cwd: folder.startsWith('/') ? folder : join(cwd, folder),
          ignore: IGNORED,
        }).map((name) => join(folder, name))
      : globSync(pattern, { cwd, ignore: IGNORED });
  return found.sort();
}

const missing = (path: string): Diagnostic => ({
  code: 'DB601',
  severity: 'error',
  message: `no file, folder or match: ${path}`,
  hint: 'paths are files, folders or globs, from the current folder',
});
