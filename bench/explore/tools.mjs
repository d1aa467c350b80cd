/** The tools that explore the scenario: each from its model to its verdict, with all that takes. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { common } from '../../scripts/bundling.mjs';
import { scratch } from '../scratch.mjs';
import { measure } from './measure.mjs';
import { murphi } from './murphi.mjs';
import { promela } from './promela.mjs';

export const folder = scratch();

/** As in dist/, where the command loads chunks only when it needs them. */
await build({
  ...common,
  entryPoints: { run: 'bench/explore/scenario-run.ts', worker: 'harness/explore/worker.ts' },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  splitting: true,
});

async function inTurn(steps) {
  const results = [];
  for (const [command, args, cwd] of steps) {
    const result = await measure(command, args, cwd);
    if (result === undefined) return undefined;
    results.push(result);
    if (result.late) break;
  }
  const last = results.at(-1);
  return { ...last, seconds: results.reduce((sum, { seconds }) => sum + seconds, 0) };
}

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? NaN);

export async function doorbell(parameters, options = {}) {
  const request = { parameters, options: { workerFile: join(folder, 'worker.mjs'), ...options } };
  const { output, ...rest } = await measure(process.execPath, [
    join(folder, 'run.mjs'),
    JSON.stringify(request),
  ]);
  const report = JSON.parse(output);
  return {
    ...rest,
    states: report.states,
    represented: report.represented,
    transitions: report.transitions,
    violated: report.verdict === 'violated',
    searching: report.seconds,
  };
}

/**
 * Every state, exactly. Its stack is allocated at the start, so `depth` is not larger than it has
 * to be.
 */
export async function spin(parameters, depth = 500_000) {
  const cwd = mkdtempSync(join(folder, 'spin-'));
  writeFileSync(join(cwd, 'model.pml'), promela(parameters));
  const flags = ['-O2', '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=16000', '-o', 'pan', 'pan.c'];
  const run = await inTurn([
    ['spin', ['-a', 'model.pml'], cwd],
    ['gcc', flags, cwd],
    [join(cwd, 'pan'), [`-m${depth}`], cwd],
  ]);
  if (run && /search depth too small/.test(run.output)) return spin(parameters, 10 * depth);
  return (
    run && {
      ...run,
      states: number(run.output, /(\d+) states, stored/),
      transitions: number(run.output, /([\d.]+(?:e\+\d+)?) transitions/),
      violated: /assertion violated/.test(run.output),
    }
  );
}

export async function rumur(parameters, symmetry = 'off', threads = 1) {
  const cwd = mkdtempSync(join(folder, 'rumur-'));
  writeFileSync(join(cwd, 'model.m'), murphi(parameters));
  const options = ['--deadlock-detection=off', `--symmetry-reduction=${symmetry}`];
  const run = await inTurn([
    ['rumur', [...options, '--threads', `${threads}`, '--output', 'model.c', 'model.m'], cwd],
    ['gcc', ['-O3', '-march=native', '-mcx16', '-pthread', '-o', 'model', 'model.c'], cwd],
    [join(cwd, 'model'), [], cwd],
  ]);
  return (
    run && {
      ...run,
      states: number(run.output, /(\d+) states, \d+ rules/),
      transitions: number(run.output, /states, (\d+) rules/),
      violated: /[1-9]\d* error\(s\) found/.test(run.output),
    }
  );
}
