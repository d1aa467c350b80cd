/**
 * From paths on the command line to spec files: files as they are, folders and globs in order of
 * name.
 */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Diagnostic } from '../spec/diagnostic.ts';

export interface SelectedFiles {
  /** Relative to `cwd` where they lie below it. */
  readonly files: readonly string[];
  /** Of files that were given as file:line: the lines. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULT_FOLDER = 'specs';
const SPECS = '**/*.spec.yaml';
const IGNORED = ['**/node_modules/**', '**/.git/**'];

export async function selectFiles(paths: readonly string[], cwd: string): Promise<SelectedFiles> {
  const files = new Set<string>();
  /** Named without a line as well: all of it is meant. */
  const whole = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const asked =
    paths.length > 0 ? paths : kindOf(join(cwd, DEFAULT_FOLDER)) ? [DEFAULT_FOLDER] : [];
  const lines = new Map<string, number[]>();
  for (const asIs of asked) {
    const { path, line } = withLine(asIs, cwd);
    const kind = kindOf(join(cwd, path)) ?? kindOf(path);
    if (kind === 'file') {
      const file = shown(path, cwd);
      files.add(file);
      if (line === undefined) whole.add(file);
      else lines.set(file, [...(lines.get(file) ?? []), line]);
    } else {
      const found = await glob(kind === 'folder' ? undefined : path, path, cwd);
      for (const file of found) {
        files.add(shown(file, cwd));
        whole.add(shown(file, cwd));
      }
      if (found.length === 0 && kind === undefined) diagnostics.push(missing(path));
    }
  }
  for (const file of whole) lines.delete(file);
  return { files: [...files], lines, diagnostics };
}

/** `a.spec.yaml:12`, and `a.spec.yaml:12:3` as messages have it; not a file of that very name. */
function withLine(path: string, cwd: string): { readonly path: string; readonly line?: number } {
  const [, file, line] = /^(.+?\.ya?ml):(\d{1,7})(?::\d+)?$/.exec(path) ?? [];
  if (file === undefined || kindOf(join(cwd, path)) !== undefined) return { path };
  return { path: file, line: Number(line) };
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
  hint: 'paths are files, folders, globs or file:line, from the current folder',
});
