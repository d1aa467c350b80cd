/**
 * `doorbell run --target linux` as a process, with everything that it may leave behind in one
 * folder.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesWith, until } from './processes-of.ts';

export const ROOT = join(__dirname, '../../../..');
export const SPECS = join(__dirname, 'specs');

export interface Ended {
  readonly code: number | null;
  /** Of each case, in order: `PASS vectors=1`. */
  readonly verdicts: readonly string[];
  readonly text: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** QEMUs of this run. */
  guests(): readonly number[];
  /** Until a guest has been asked for something that matches. */
  asked(pattern: RegExp): Promise<void>;
}

/** `logs`: TMPDIR of the command. */
export function run(logs: string, args: readonly string[], root = ROOT): Running {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/cli.js'), 'run', '--target', 'linux', '--reporter', 'lines', ...args],
    { cwd: ROOT, env: { ...process.env, TMPDIR: logs, NO_COLOR: '1' } },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, verdicts: verdictsOf(text), text })),
  );
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    guests: () => processesWith(`${logs}/doorbell-guest`),
    asked: async (pattern) => {
      await until(() => protocols(logs).some((protocol) => pattern.test(protocol)), 120_000);
      if (!protocols(logs).some((protocol) => pattern.test(protocol)))
        throw new Error(`nobody asked for ${pattern.source}:\n${text}`);
    },
  };
}

const verdictsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^ +(PASS|FAIL|SKIP|ABORT) +\[\S+\] ?([^\n(]*)/gm)].map(
    ([, status = '', point = '']) => `${status} ${point}`.trim(),
  );

function protocols(logs: string): readonly string[] {
  return readdirSync(logs)
    .filter((name) => name.startsWith('doorbell-guest'))
    .flatMap((name) => {
      try {
        return [readFileSync(join(logs, name, 'protocol'), 'latin1')];
      } catch {
        return [];
      }
    });
}

/**
 * The package with an agent that does what no agent should: `faults` is C, run before each request
 * `r`.
 */
export function tamperedPackage(faults: string): { readonly root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'doorbell-tampered-'));
  for (const part of ['dist', 'agent', 'schemas', 'package.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  const main = join(root, 'agent', 'main.c');
  const source = readFileSync(main, 'utf8');
  const before = '\tsplit(r);\n';
  if (!source.includes(before)) throw new Error('agent/main.c is not as it was');
  writeFileSync(main, source.replace(before, `${before}${faults}`));
  return { root, remove: () => rmSync(root, { recursive: true }) };
}
