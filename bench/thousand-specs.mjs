/**
 * 1,000 spec files of 12 steps through the command, against parsing the same files with yaml alone.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, ratio, timed } from './measure.mjs';
import { project, root } from './specs.mjs';

const COUNT = 1_000;

export async function run() {
  const folder = project(COUNT);
  const cli = join(root, 'dist/cli.js');
  const [doorbell, yaml] = alternate(5, [
    () => checked(timed([cli, 'run', 'specs'], { cwd: folder }), String(COUNT)),
    () =>
      checked(timed([join(root, 'bench/parse-only.mjs'), join(folder, 'specs')]), `${COUNT + 1}`),
  ]);
  const small = await peak([cli, 'run', 'specs'], folder);
  const large = await peak([cli, 'run', 'specs'], project(4 * COUNT));
  return [
    ratio('1,000 specs of 12 steps : yaml alone', doorbell, yaml, 1.5),
    {
      name: 'most memory, 1,000 and 4,000 specs',
      figure: `${small}, ${large} MiB`,
      target: '<= 1.3 x',
      ok: large <= 1.3 * small,
    },
  ];
}

/** Every spec must have been run: a run that selects nothing is fast. */
function checked(result, number) {
  if (!new RegExp(`\\b${number}\\b`).test(result.stdout))
    throw new Error(`${number} is not in:\n${result.stdout.slice(-500)}`);
  return result;
}

/** The most memory that a process ever had resident, in MiB (VmHWM, read until it ends). */
function peak(args, cwd) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CI: '1' };
    const child = spawn(process.execPath, args, { cwd, stdio: 'ignore', env });
    let most = 0;
    const timer = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        // The process has just ended.
      }
    }, 10);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(timer);
      if (code === 0) resolve(Math.round(most / 1024));
      else reject(new Error(`${args.join(' ')} ended with ${code}`));
    });
  });
}
