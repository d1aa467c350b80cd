/** The bash script in a real bash; of zsh and fish what is in the text. */
import { spawnSync } from 'node:child_process';
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

/** What bash offers when Tab is pressed after these words. */
function offered(...words: readonly string[]): string[] {
  const script = `${scripts.get('bash')}
complete -p doorbell >&2
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_doorbell
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['--norc', '-c', script, 'bash', 'doorbell', ...words],
    { encoding: 'utf8', cwd: folder, timeout: 20_000 },
  );
  expect([status, stderr.trim()]).toEqual([0, 'complete -o bashdefault -F _doorbell doorbell']);
  return stdout.split('\n').filter(Boolean);
}

describe('bash', () => {
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
    [['import', '-o', 'sp'], ['specs']],
    [
      ['run', 'specs/'],
      ['specs/a.spec.yaml', 'specs/b c.spec.yaml'],
    ],
    [['fuzz', '--runs', ''], []],
  ])('%j', (words, expected) => {
    expect(offered(...words).sort()).toEqual([...expected].sort());
  });

  test('every command and option of the tree is offered', () => {
    const names = offered('');
    expect(names).toEqual(expect.arrayContaining(['init', 'run', 'errors', 'linux', 'completion']));
    for (const name of names) {
      const help = command.run(folder, [name, '--help']).out;
      const flags = [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
      expect(offered(name, '--').sort()).toEqual([...flags].sort());
    }
  });
});

test.each([
  ['zsh', /^#compdef doorbell$/m, /\*--design\[[^\]]*\]: :\([^)]*tracked/],
  ['fish', /^complete -c doorbell -f$/m, /seen_subcommand_from run'.* -l design .*tracked/],
])('%s has the commands and the words', (shell, head, words) => {
  const script = scripts.get(shell) ?? '';
  expect(script).toMatch(head);
  expect(script).toMatch(words);
});

test('another shell is a mistake', () => {
  const { code, err } = command.run(folder, ['completion', 'tcsh']);
  expect([code, /Allowed choices are bash, zsh, fish/.test(err)]).toEqual([2, true]);
});
