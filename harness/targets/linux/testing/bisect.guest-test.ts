/**
 * `git bisect run doorbell run --bisect` finds the commit: a history whose commits boot 6.1, one of them nothing that
 * boots, and then 6.12, in which the ITT of a device is made for its whole MSI-X table (b5712bf89b4b, 6.11).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT, SPECS } from './run-command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-bisect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  const { status, stdout, stderr } = spawnSync('git', [...who, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/** A history in which each commit names the kernel that it is. */
function commit(kernel: string, message: string): void {
  writeFileSync(join(folder, 'kernel'), `${kernel}\n`);
  writeFileSync(join(folder, 'number'), `${message}\n`);
  git('add', '-A');
  git('commit', '-q', '-m', message);
}

test('the first bad commit, past one that cannot be judged', () => {
  git('init', '-q', '.');
  writeFileSync(join(folder, 'no-kernel'), 'no kernel at all');
  commit('6.1', 'one, good');
  commit('6.1', 'two, good');
  commit(join(folder, 'no-kernel'), 'three, does not boot');
  commit('6.1', 'four, good');
  commit('6.12', 'five, bad');
  writeFileSync(
    join(folder, '.git', 'judge'),
    `exec ${process.execPath} ${ROOT}/dist/cli.js run --target linux --kernel "$(cat kernel)" ` +
      `--boot-timeout 40 --bisect --reporter lines ${SPECS}/itt-size.spec.yaml\n`,
  );
  git('bisect', 'start', 'HEAD', 'HEAD~4');
  const answer = git('bisect', 'run', 'sh', '.git/judge');
  expect(answer).toMatch(/is the first bad commit/);
  expect(git('log', '-1', '--format=%s', 'refs/bisect/bad')).toBe('five, bad\n');
  const log = git('bisect', 'log');
  expect(log).toMatch(/# good: \[\w+\] four, good/);
  expect(log).toMatch(/# skip: \[\w+\] three, does not boot/);
});
