/**
 * Programs that prepare an image: run to their end, with a deadline and a bound on what they say.
 */
import { type ChildProcess, execFile } from 'node:child_process';

const running = new Set<ChildProcess>();

/** Those that run now, at once: whoever waited for them is to end too. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export interface Ended {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** 127: there is no such program. 124: it was ended because its time was up. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: { readonly seconds: number; readonly cwd?: string },
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        encoding: 'buffer',
        maxBuffer: 256 << 20,
        timeout: options.seconds * 1000,
        killSignal: 'SIGKILL',
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        running.delete(child);
        const code =
          error === null
            ? 0
            : error.code === 'ENOENT'
              ? 127
              : error.killed === true
                ? 124
                : Number(error.code) || 1;
        resolve({ code, stdout, stderr: stderr.toString() });
      },
    );
    running.add(child);
  });
}
