/** The loader as the commands use it: one file, in the project that it belongs to. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { includeCache, loadSpec, type ParsedSpec } from '../spec/load.ts';
import { findRoot } from '../spec/read-file.ts';
import type { Place } from '../spec/case.ts';
import type { LoadedFile } from '../run/runner.ts';

export interface LoadedSpec extends LoadedFile {
  readonly parsed?: ParsedSpec;
}

export function fileLoader(cwd: string): (file: string) => LoadedSpec {
  const roots = new Map<string, string>();
  const cache = includeCache();
  return (file) => {
    const path = resolve(cwd, file);
    const folder = dirname(path);
    const root = roots.get(folder) ?? findRoot(path);
    roots.set(folder, root);
    const { cases, diagnostics, parsed } = loadSpec(path, { root, cache });
    return {
      cases,
      diagnostics,
      ...(parsed === undefined ? {} : { parsed }),
      sourceLine: (place) => sourceLine(root, place),
      pathFor: (name) => relative(cwd, join(root, name)) || name,
    };
  };
}

/** Read again only when something failed there: keeping the text of every file would grow with them. */
function sourceLine(root: string, place: Place): string | undefined {
  try {
    return readFileSync(join(root, place.file), 'utf8').split(/\r?\n/)[place.line - 1];
  } catch {
    // The file went away since it was loaded; the place says enough.
    return undefined;
  }
}
