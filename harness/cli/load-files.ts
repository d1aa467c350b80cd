/** The loader as the commands use it: one file, in the project that it belongs to. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { includeCache, loadSpec, type ParsedSpec } from '../spec/load.ts';
import { casesAt } from '../spec/cases-at.ts';
import { findRoot } from '../spec/read-file.ts';
import type { Place } from '../spec/case.ts';
import type { LoadedFile } from '../run/runner.ts';

export interface LoadedSpec extends LoadedFile {
  readonly parsed?: ParsedSpec;
}

export type LoadFile = (file: string) => LoadedSpec;

/** `lines`: of files of which only the cases at these lines are meant. */
export function fileLoader(
  cwd: string,
  lines: ReadonlyMap<string, readonly number[]> = new Map(),
): LoadFile {
  const roots = new Map<string, string>();
  const cache = includeCache();
  return (file) => {
    const path = resolve(cwd, file);
    const folder = dirname(path);
    const root = roots.get(folder) ?? findRoot(path);
    roots.set(folder, root);
    const { cases, diagnostics, parsed } = loadSpec(path, { root, cache });
    const asked = lines.get(file);
    const meant =
      asked === undefined || parsed === undefined
        ? { cases, diagnostics }
        : atLines(path, { cases, diagnostics }, parsed, asked);
    return {
      ...meant,
      ...(parsed === undefined ? {} : { parsed }),
      sourceLine: (place) => sourceLine(root, place),
      pathFor: (name) => relative(cwd, join(root, name)) || name,
    };
  };
}

function atLines(
  path: string,
  { cases, diagnostics }: LoadedFile,
  { spec }: ParsedSpec,
  lines: readonly number[],
): LoadedFile {
  const count = readFileSync(path, 'utf8').replace(/\n$/, '').split('\n').length;
  const beyond = lines.find((line) => line < 1 || line > count);
  if (beyond !== undefined) {
    const message = `there is no line ${beyond} in ${relative(process.cwd(), path) || path}`;
    const hint = `its lines are 1 to ${count}`;
    return {
      cases: [],
      diagnostics: [...diagnostics, { code: 'DB601', severity: 'error', message, hint }],
    };
  }
  const meant = new Set(lines.flatMap((line) => casesAt(cases, spec, line)));
  return { cases: cases.filter((each) => meant.has(each)), diagnostics };
}

/**
 * Read again only when something failed there: keeping the text of every file would grow with them.
 */
function sourceLine(root: string, place: Place): string | undefined {
  try {
    return readFileSync(join(root, place.file), 'utf8').split(/\r?\n/)[place.line - 1];
  } catch {
    // The file went away since it was loaded; the place says enough.
    return undefined;
  }
}
