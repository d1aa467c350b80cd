/** --changed: which specs differ from a commit, or take in a file that does. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { referencedFiles } from '../spec/referenced.ts';

const run = promisify(execFile);
const DEADLINE_MS = 30_000;
const MAX_OUTPUT = 64 << 20;

/** The files of `files` that changed since `ref`, in their order. */
export async function changedSpecs(
  files: readonly string[],
  ref: string,
  cwd: string,
): Promise<readonly string[] | Diagnostic> {
  let changed: readonly string[];
  try {
    changed = await changedFiles(ref, cwd);
  } catch (error) {
    return refused(ref, error);
  }
  const paths = new Set(changed);
  // What a folder of firmware tables holds changes the folder.
  const isChanged = (file: string): boolean =>
    paths.has(file) || changed.some((path) => path.startsWith(`${file}/`));
  const known = new Map<string, readonly string[]>();
  return files.filter((file) => [...referencedFiles(resolve(cwd, file), known)].some(isChanged));
}

/**
 * Absolute paths: changed since the merge base of `ref` and HEAD, in the index, in the folder, or
 * new.
 */
async function changedFiles(ref: string, cwd: string): Promise<readonly string[]> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', args, { cwd, timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT })).stdout;
  const top = (await git('rev-parse', '--show-toplevel')).replace(/\n$/, '');
  const commit = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  );
  const base = (await git('merge-base', commit.trim(), 'HEAD')).trim();
  const lists = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', base, '--', top),
    git('ls-files', '--others', '--exclude-standard', '--full-name', '-z', '--', top),
  ]);
  const names = lists.flatMap((list) => list.split('\0')).filter((name) => name !== '');
  return names.map((name) => resolve(top, name));
}

function refused(ref: string, error: unknown): Diagnostic {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
  const said = typeof stderr === 'string' ? (stderr.trim().split('\n')[0] ?? '') : '';
  const why =
    code === 'ENOENT' ? 'git is not installed' : said === '' ? `git knows no commit ${ref}` : said;
  return {
    code: 'DB623',
    severity: 'error',
    message: `--changed: ${why}`,
    hint: 'the project must be in a git repository; write --changed=REF, so that REF is no path',
  };
}
