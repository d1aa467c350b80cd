/** The command as a process, for tests: built anew, in a project of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');
export const REQUIRE =
  "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Each test file has a build of its own: they run beside one another. */
export class CommandBuild {
  /** Below the root, because the command looks for schemas/ above itself. */
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(ROOT, 'node_modules/.cache', name);
  }

  get main(): string {
    return join(this.folder, 'main.js');
  }

  /** `more`: what the command loads beside itself, as name=source. */
  build(...more: string[]): void {
    execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
      `main=${join(ROOT, 'harness/cli/main.ts')}`,
      `run-worker=${join(ROOT, 'harness/cli/run-worker.ts')}`,
      ...more.map((entry) => entry.replace('=', `=${ROOT}/`)),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--splitting',
      '--log-level=error',
      `--banner:js=${REQUIRE}`,
      `--outdir=${this.folder}`,
    ]);
  }

  run(cwd: string, args: readonly string[], more?: Readonly<Record<string, string>>): Ended {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.main, ...args], {
      cwd,
      encoding: 'utf8',
      env: env(more),
      timeout: 60_000,
    });
    return { code: status, out: stdout, err: stderr };
  }
}

/** A project with specs by name. */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-cli-'));
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function env(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = { ...process.env };
  delete own['NO_COLOR'];
  delete own['FORCE_COLOR'];
  return { ...own, CI: '1', ...more };
}
