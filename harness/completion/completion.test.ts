/**
 * Each script in its shell, as Tab would. bash is everywhere; tests in zsh and fish are skipped,
 * and say so, where the shell is not installed.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, project } from '../testing/command.ts';

const command = new CommandBuild('doorbell-completion-test');
const scripts = new Map<string, string>();
const folder = project({ 'specs/a.spec.yaml': '', 'specs/b c.spec.yaml': '' });
beforeAll(() => {
  command.build();
  for (const shell of ['bash', 'zsh', 'fish'])
    scripts.set(shell, command.run(folder, ['completion', shell]).out);
}, 60_000);

type Shell = 'bash' | 'zsh' | 'fish';

/** What the shell offers when Tab is pressed after these words. */
const offered = (shell: Shell, ...words: readonly string[]): string[] =>
  ({ bash: inBash, zsh: inZsh, fish: inFish })[shell](words).filter(Boolean).sort();

function inBash(words: readonly string[]): string[] {
  const script = `${scripts.get('bash')}
complete -p doorbell >&2
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_doorbell
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = shell('bash', ['--norc', '-c', script, 'bash', 'doorbell', ...words]);
  expect(stderr.trim()).toBe('complete -o bashdefault -F _doorbell doorbell');
  return stdout.split('\n');
}

/** An interactive zsh on a terminal of its own. */
function inZsh(words: readonly string[]): string[] {
  const args = ['-f', join(__dirname, 'capture.zsh'), scriptFile('zsh'), lineOf(words)];
  const { stdout, stderr } = shell('zsh', args);
  expect(stderr).toBe('');
  return stdout.split('\n');
}

function inFish(words: readonly string[]): string[] {
  const ask = 'source $argv[1]; complete -C $argv[2]';
  const args = ['--no-config', '-c', ask, scriptFile('fish'), lineOf(words)];
  const { stdout, stderr } = shell('fish', args);
  expect(stderr).toBe('');
  // Behind a tab is the description.
  return stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
}

const lineOf = (words: readonly string[]): string => ['doorbell', ...words].join(' ');

function scriptFile(name: Shell): string {
  const path = join(folder, `completion.${name}`);
  writeFileSync(path, scripts.get(name) ?? '');
  return path;
}

function shell(name: Shell, args: readonly string[]): { stdout: string; stderr: string } {
  const home = { ...process.env, HOME: folder, TERM: 'xterm' };
  const result = spawnSync(name, args, {
    encoding: 'utf8',
    cwd: folder,
    timeout: 30_000,
    env: home,
  });
  expect([result.status, result.stderr]).toEqual([0, expect.any(String)]);
  return result;
}

const isInstalled = (name: Shell): boolean => spawnSync(name, ['-c', 'true']).status === 0;

for (const name of ['bash', 'zsh', 'fish'] as const) {
  const here = isInstalled(name);
  (here ? describe : describe.skip)(here ? name : `${name} (skipped: it is not installed)`, () => {
    test.each([
      [['ex'], ['explore', 'explain']],
      [
        ['linux', ''],
        ['setup', 'doctor', 'boot'],
      ],
      [['linux', 'boot', '--ms'], ['--msi']],
      [
        ['linux', 'boot', '--msi', ''],
        ['its', 'gicv2m'],
      ],
      [['run', '--design', 'linux-6'], ['linux-6.15']],
      [['run', '--design', 'tracked', '--ba'], ['--bail']],
      [['explore', '--search', 'd'], ['depth-first']],
      [
        ['errors', 'DB20'],
        ['DB201', 'DB202', 'DB203', 'DB204', 'DB205'],
      ],
      [['schema', 't'], ['topology']],
      [
        ['completion', ''],
        ['bash', 'zsh', 'fish'],
      ],
      [['import', '-o', 'sp'], [name === 'fish' ? 'specs/' : 'specs']],
      [
        ['run', 'specs/'],
        {
          bash: ['specs/a.spec.yaml', 'specs/b c.spec.yaml'],
          zsh: ['a.spec.yaml', 'b\\ c.spec.yaml'],
          fish: ['specs/a.spec.yaml', 'specs/b c.spec.yaml'],
        }[name],
      ],
      [['fuzz', '--runs', ''], []],
    ])('%j', (words, expected) => {
      expect(offered(name, ...words)).toEqual([...expected].sort());
    });

    test('every command and option of the tree is offered', () => {
      const names = offered(name, '');
      expect(names).toEqual(
        expect.arrayContaining(['init', 'run', 'errors', 'linux', 'completion']),
      );
      for (const each of names) {
        const help = command.run(folder, [each, '--help']).out;
        const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
        expect(offered(name, each, '--')).toEqual([...flags].sort());
      }
    });
  });
}

test.each([
  ['zsh', /^#compdef doorbell$/m, /\*--design\[[^\]]*\]: :\([^)]*tracked/],
  ['fish', /^complete -c doorbell -f$/m, /seen_subcommand_from run'.* -l design .*tracked/],
])('%s, where it is not installed: the commands and words are in its text', (name, head, words) => {
  const script = scripts.get(name) ?? '';
  expect(script).toMatch(head);
  expect(script).toMatch(words);
});

test('another shell is a mistake', () => {
  const { code, err } = command.run(folder, ['completion', 'tcsh']);
  expect([code, /Allowed choices are bash, zsh, fish/.test(err)]).toEqual([2, true]);
});
