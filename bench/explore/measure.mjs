/** Runs a command and measures it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const DEADLINE_MS = 1_200_000;
const SAMPLE_MS = 5;

/**
 * A command to its end, or to the deadline: seconds, most bytes of memory at once (as last seen),
 * output, `late` if it did not end by itself. Undefined: not installed.
 */
export function measure(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd, timeout: DEADLINE_MS });
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    let [output, bytes] = ['', 0];
    const sample = () => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        bytes = Math.max(bytes, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        // It has ended.
      }
    };
    const timer = setInterval(sample, SAMPLE_MS);
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const over = () => {
      clearInterval(timer);
      process.off('exit', stop);
    };
    child.on('error', (error) => {
      over();
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.on('close', (code, signal) => {
      over();
      const seconds = (performance.now() - start) / 1000;
      resolve({ seconds, bytes, output, late: signal !== null && seconds * 1000 >= DEADLINE_MS });
    });
  });
}
