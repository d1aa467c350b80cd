/** Reports that cannot be written: one diagnostic, the right exit code, and the other reports whole. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, env, project } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-bad-reports-test');
beforeAll(() => command.build(), 60_000);

const fire = (count: number): string =>
  specText(`steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: ${count} } } }
  - teardown: nic`);
const sample = (count = 1): string => {
  const here = project({ 'specs/a.spec.yaml': fire(count), 'a-file': '' });
  mkdirSync(join(here, 'a-folder'));
  return here;
};

test.each([
  ['a-folder', /it is a folder/],
  ['none/out.json', /no such file or directory/],
  ['a-file/out.json', /not a directory/],
  ['/dev/full', /no space left on device/],
  ['', /a file name is missing/],
  ['/proc/self/none', /./],
  ['x'.repeat(300), /name too long/],
])('%s', (path, why) => {
  for (const [count, code] of [
    [1, 2],
    [2, 2],
  ] as const) {
    const here = sample(count);
    const args = ['run', '--reporter', `json=${path}`, '--reporter', 'tap=out.tap'];
    const ended = command.run(here, args);
    const said = ended.out + ended.err;
    expect(said.match(/DB602/g)).toHaveLength(1);
    expect(/cannot write the report .*/.exec(said)?.[0]).toMatch(why);
    expect(said).not.toMatch(/\n +at /);
    expect(readFileSync(join(here, 'out.tap'), 'utf8')).toMatch(/1\.\.\d\n$/);
    expect(ended.code).toBe(code);
    expect(readdirSync(here).sort()).toEqual([
      'a-file',
      'a-folder',
      'out.tap',
      'package.json',
      'specs',
    ]);
  }
});

describe('a disk that fills', () => {
  /** A process may write files of 4 KiB at most; beyond that a write fails, as on a full disk. */
  const limited = (here: string, args: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(
      'bash',
      [
        '-c',
        `trap '' XFSZ; ulimit -f 4; exec "$@"`,
        'bash',
        process.execPath,
        command.main,
        ...args,
      ],
      { cwd: here, encoding: 'utf8', env: env({ XDG_STATE_HOME: join(here, 'a-folder') }) },
    );

  test('costs the report that is too long, and leaves its old one', () => {
    const here = sample();
    const specs = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, fire(1)]));
    for (const [i, text] of Object.entries(specs))
      writeFileSync(join(here, `specs/s${i}.spec.yaml`), text);
    writeFileSync(join(here, 'out.json'), 'old');
    const { status, stdout, stderr } = limited(here, [
      'run',
      '--reporter',
      'json=out.json',
      '--reporter',
      'tap=out.tap',
    ]);
    expect(String(stdout)).toMatch(/^21 passed \(/m);
    expect(String(stderr)).toMatch(
      /^DB602 {2}cannot write the report .*out\.json: EFBIG: file too large/,
    );
    expect(readFileSync(join(here, 'out.json'), 'utf8')).toBe('old');
    expect(readFileSync(join(here, 'out.tap'), 'utf8')).toMatch(/1\.\.21\n$/);
    expect(readdirSync(here).filter((name) => name.endsWith('tmp'))).toEqual([]);
    expect(status).toBe(2);
  });
});
