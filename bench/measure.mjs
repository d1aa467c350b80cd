/** A process from start to end: how long, and how much memory it had at most. */
import { spawnSync } from 'node:child_process';

export function timed(args, options = {}) {
  const start = process.hrtime.bigint();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
    ...options,
    env: { ...process.env, NO_COLOR: '1', CI: '1', ...options.env },
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  // A figure of a run that failed would say nothing.
  if (status !== 0) throw new Error(`${args.join(' ')}: ${signal ?? status}\n${stdout}${stderr}`);
  return { seconds, stdout };
}

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

/** Medians of several things done in turn, so that a slow minute of the machine hits all alike. */
export function alternate(times, tasks) {
  const results = tasks.map(() => []);
  for (let n = 0; n < times; n++)
    tasks.forEach((task, index) => results[index].push(task().seconds));
  return results.map(median);
}

/** A row of the table for a ratio. */
export function ratio(name, measured, reference, limit) {
  const value = measured / reference;
  return {
    name,
    figure: `${value.toFixed(2)} (${ms(measured)} to ${ms(reference)})`,
    target: `<= ${limit}`,
    ok: value <= limit,
  };
}

const ms = (seconds) => `${Math.round(seconds * 1000)} ms`;
