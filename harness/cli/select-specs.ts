/**
 * What `run` and `list` are about: the files that the paths name, less those that --changed,
 * --failed and --shard leave out, and of their cases those that --grep, --tag, --design and lines
 * mean.
 */
import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { shardOf } from '../run/shard.ts';
import type { Case } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { findRoot } from '../spec/read-file.ts';
import { LastFailures } from './last-failures.ts';
import { fileLoader, type LoadFile } from './load-files.ts';
import type { FilterFlags, NarrowFlags } from './flags.ts';
import { caseFilter } from './select-cases.ts';
import { selectFiles } from './select-files.ts';

export interface Selection {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly lines: ReadonlyMap<string, readonly number[]>;
  readonly load: LoadFile;
  readonly select: (spec: Case) => boolean;
}

export async function selectSpecs(
  paths: readonly string[],
  flags: FilterFlags & NarrowFlags,
  target: string,
  cwd: string,
): Promise<Selection> {
  const named = await selectFiles(paths, cwd);
  const load = fileLoader(cwd, named.lines);
  let { files } = named;
  const { lines } = named;
  const select = caseSelection(flags, target, cwd);
  const nothing = (diagnostic: Diagnostic): Selection => ({
    files: [],
    diagnostics: [...named.diagnostics, diagnostic],
    lines,
    load,
    select,
  });
  if (flags.changed !== undefined) {
    const { changedSpecs } = await import('./changed-specs.ts');
    const ref = flags.changed === true ? 'HEAD' : flags.changed;
    const changed = await changedSpecs(files, ref, cwd);
    if ('code' in changed) return nothing(changed);
    files = changed;
  }
  if (flags.failed) {
    const root = findRoot(cwd);
    const last = LastFailures.of(root, target);
    if (!last.recorded) return nothing(notRecorded(last.path));
    const nameOf = (file: string): string =>
      relative(root, resolve(cwd, file)).split(sep).join('/');
    files = files.filter((file) => last.inFile(nameOf(file)));
  }
  if (flags.shard !== undefined) {
    const weighed = files.map((path) => ({
      path,
      weight: statSync(resolve(cwd, path), { throwIfNoEntry: false })?.size ?? 0,
    }));
    files = shardOf(weighed, flags.shard);
  }
  return { files, diagnostics: named.diagnostics, lines, load, select };
}

/** Which cases of the files; each thread of a run makes its own. */
export function caseSelection(
  flags: FilterFlags & NarrowFlags,
  target: string,
  cwd: string,
): (spec: Case) => boolean {
  const filter = caseFilter(flags);
  if (!flags.failed) return filter;
  const last = LastFailures.of(findRoot(cwd), target);
  return (spec) => last.failed(spec) && filter(spec);
}

const notRecorded = (path: string): Diagnostic => ({
  code: 'DB623',
  severity: 'error',
  message: '--failed: no run of this project has failed here yet',
  hint: `failures are kept in ${path}`,
});
