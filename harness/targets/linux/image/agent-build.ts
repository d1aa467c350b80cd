/** The agent, compiled from its source when that or the compiler's line has changed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { runToEnd } from '../processes.ts';
import { sha256 } from './cache.ts';
import { ImageProblem } from './problem.ts';

export const CROSS_COMPILER = 'aarch64-linux-gnu-gcc';
const FLAGS = ['-static', '-D_GNU_SOURCE', '-std=c11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** The folder of the agent's source: beside the package's own files. */
export function agentSource(from: string): string {
  for (let at = from; at !== parse(at).root; at = dirname(at))
    if (existsSync(join(at, 'agent', 'agent.h'))) return join(at, 'agent');
  throw new ImageProblem(`the agent's source is not beside ${from}`);
}

/**
 * The path of the program. `compiler` is for the guest unless a test wants the agent on this
 * machine.
 */
export async function buildAgent(
  source: string,
  cache: string,
  compiler = CROSS_COMPILER,
): Promise<string> {
  const names = readdirSync(source)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  const all = names.map((name) => `${name}\n${readFileSync(join(source, name), 'utf8')}`);
  const id = sha256([compiler, ...FLAGS, ...all].join('\n')).slice(0, 16);
  const path = join(cache, 'agent', id);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  const files = names.filter((name) => name.endsWith('.c')).map((name) => join(source, name));
  const { code, stderr } = await runToEnd(compiler, [...FLAGS, '-o', partial, ...files], {
    seconds: 120,
  });
  if (code === 127)
    throw new ImageProblem(
      `${compiler} is missing: the agent is compiled for arm64`,
      'apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
    );
  if (code !== 0) throw new ImageProblem(`the agent does not compile: ${stderr.trim()}`);
  renameSync(partial, path);
  return path;
}
