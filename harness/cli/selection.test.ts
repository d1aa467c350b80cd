/** Which cases a command line means: lines, tags, changes, failures, shards. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, type Ended, project } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-selection-test');
const doorbell = command.run.bind(command);
beforeAll(() => command.build(), 60_000);

const fire = (count: number, head = 'designs: [tracked]'): string =>
  specText(
    `steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: ${count} } } }
  - teardown: nic`,
    head,
  );
interface Listed {
  readonly specs: readonly { readonly cases: readonly { readonly id: string }[] }[];
}
const listed = (folder: string, ...args: readonly string[]): string[] => {
  const { out, err } = doorbell(folder, ['run', '--list', ...args]);
  if (err !== '') throw new Error(err);
  return (JSON.parse(out) as Listed).specs.flatMap(({ cases }) => cases.map(({ id }) => id));
};

describe('file:line', () => {
  const MATRIX = 'designs:\n  - tracked\n  - rfc-v3\nmatrix:\n  n:\n    - 1\n    - 2';
  const text = fire(1, MATRIX);
  const line = (mark: string): number => text.split('\n').indexOf(mark) + 1;
  const folder = (): string => project({ 'specs/a.spec.yaml': text, 'specs/b.spec.yaml': fire(1) });

  test('means the cases at that line, and no others', () => {
    const here = folder();
    const at = (mark: string): string[] => listed(here, `specs/a.spec.yaml:${line(mark)}`);
    expect(at('  - rfc-v3').map((id) => id.replace(/.*\[/, '['))).toEqual([
      '[rfc-v3] n=1',
      '[rfc-v3] n=2',
    ]);
    expect(at('    - 2').map((id) => id.replace(/.*\[/, '['))).toEqual([
      '[tracked] n=2',
      '[rfc-v3] n=2',
    ]);
    expect(at('steps:')).toHaveLength(4);
  });

  test('with a column, as messages have it; several lines; a whole file beside a line of it', () => {
    const here = folder();
    const one = `specs/a.spec.yaml:${line('    - 2')}`;
    expect(listed(here, `${one}:7`)).toHaveLength(2);
    expect(listed(here, one, `specs/a.spec.yaml:${line('  - rfc-v3')}`)).toHaveLength(3);
    expect(listed(here, one, 'specs/a.spec.yaml')).toHaveLength(4);
    expect(listed(here, one, 'specs')).toHaveLength(5);
    const { code, out } = doorbell(here, ['run', one]);
    expect([code, /^2 passed/m.test(out)]).toEqual([0, true]);
  });

  test('a line that is not there is an error, a file of that name is a file', () => {
    const here = folder();
    expect(doorbell(here, ['run', 'specs/b.spec.yaml:999'])).toMatchObject({ code: 2 });
    expect(doorbell(here, ['run', 'specs/b.spec.yaml:0']).out).toMatch(
      /DB601 {2}there is no line 0 in .*b\.spec\.yaml[^]*its lines are 1 to \d+/,
    );
    writeFileSync(join(here, 'c.yaml:3'), fire(1));
    expect(listed(here, 'c.yaml:3')).toHaveLength(1);
    expect(doorbell(here, ['run', 'none.spec.yaml:3']).out).toContain('DB601');
  });
});

test('--not-tag leaves out, and goes before --tag', () => {
  const here = project({
    'specs/a.spec.yaml': fire(1, 'designs: [tracked]\ntags: [slow, x]'),
    'specs/b.spec.yaml': fire(1, 'designs: [tracked]\ntags: [x]'),
    'specs/c.spec.yaml': fire(1),
  });
  expect(listed(here, '--not-tag', 'slow')).toHaveLength(2);
  expect(listed(here, '--tag', 'x', '--not-tag', 'slow')).toEqual(['specs/b.spec.yaml [tracked]']);
  expect(listed(here, '--not-tag', 'slow', '--not-tag', 'x')).toHaveLength(1);
});

describe('--failed', () => {
  const failing = (): string =>
    project({
      'specs/good.spec.yaml': fire(1),
      'specs/bad.spec.yaml': fire(
        2,
        'designs: [tracked, rfc-v3]\nxfail: { reason: x, design: rfc-v3 }',
      ),
      'specs/broken.spec.yaml': 'title: x\n',
    });
  const run = (folder: string, ...args: readonly string[]): Ended =>
    doorbell(folder, ['run', ...args], { XDG_STATE_HOME: join(folder, 'state') });

  test('runs what failed when it last ran, until it passes', () => {
    const here = failing();
    expect(run(here, '--failed')).toMatchObject({ code: 2 });
    expect(run(here).out).toMatch(/1 passed, 1 failed, 1 failed as expected, 1 error/);
    const again = run(here, '--failed');
    expect(again.out).toMatch(/^1 failed, 1 error \(2 files/m);
    expect(again.code).toBe(2);
    // A run of something else changes nothing about it.
    run(here, 'specs/good.spec.yaml');
    writeFileSync(join(here, 'specs/broken.spec.yaml'), fire(1));
    expect(run(here, '--failed').out).toMatch(/^1 passed, 1 failed \(2 files/m);
    expect(run(here, '--failed').out).toMatch(/^1 failed \(1 file/m);
    writeFileSync(join(here, 'specs/bad.spec.yaml'), fire(1));
    expect(run(here, '--failed')).toMatchObject({ code: 0 });
    const none = run(here, '--failed');
    expect([none.code, /DB604/.test(none.err)]).toEqual([5, true]);
    expect(none.err).toContain('nothing failed when it last ran');
  });

  test('is kept for as long as the folder is there', () => {
    const states = mkdtempSync(join(tmpdir(), 'doorbell-states-'));
    const kept = (): string[] => readdirSync(join(states, 'doorbell/failed'));
    const fails = (folder: string): Ended => doorbell(folder, ['run'], { XDG_STATE_HOME: states });
    const [one, other] = [failing(), failing()];
    fails(one);
    expect(kept()).toEqual([`${encodeURIComponent(one)}.json`]);
    rmSync(one, { recursive: true });
    fails(other);
    expect(kept()).toEqual([`${encodeURIComponent(other)}.json`]);
  });

  test('is kept in node_modules/.cache where there is one, and nowhere while all passes', () => {
    const here = failing();
    mkdirSync(join(here, 'node_modules'));
    const kept = join(here, 'node_modules/.cache/doorbell/failed.json');
    run(here, 'specs/good.spec.yaml');
    expect(existsSync(kept)).toBe(false);
    run(here);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({
      version: 1,
      failed: {
        model: {
          'specs/bad.spec.yaml': ['specs/bad.spec.yaml [tracked]'],
          'specs/broken.spec.yaml': [''],
        },
      },
    });
    expect(existsSync(join(here, 'state'))).toBe(false);
    writeFileSync(kept, '{"version":1,"failed":{"model":3,"x":{"y":{}}}}');
    expect(run(here, '--failed').code).toBe(5);
    writeFileSync(kept, 'not json');
    expect(run(here, '--failed').err + run(here, '--failed').out).toContain('DB623');
  });
});

describe('--changed', () => {
  const git = (folder: string, ...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const including = fire(1).replace(
    /topology:[^]*?designs:/,
    'topology: ../machines/top.yaml\ndesigns:',
  );
  const machine = /topology:\n([^]*?)designs:/.exec(fire(1))?.[1]?.replaceAll(/^ {2}/gm, '') ?? '';
  const committed = (): string => {
    const here = project({
      'specs/a.spec.yaml': including,
      'specs/b.spec.yaml': fire(1),
      'machines/top.yaml': 'include: base.yaml\n',
      'machines/base.yaml': machine,
    });
    git(here, 'init', '-q', '-b', 'main');
    git(here, 'add', '-A');
    git(here, 'commit', '-qm', 'x');
    return here;
  };
  const files = (here: string, ...args: readonly string[]): string[] =>
    listed(here, ...args).map((id) => id.replace(/ .*/, ''));

  test('specs that were edited, are new, or take in what was', () => {
    const here = committed();
    expect(files(here)).toEqual(['specs/a.spec.yaml', 'specs/b.spec.yaml']);
    expect(files(here, '--changed')).toEqual([]);
    expect(doorbell(here, ['run', '--changed']).code).toBe(5);
    writeFileSync(join(here, 'specs/b.spec.yaml'), `${fire(1)}# edited\n`);
    expect(files(here, '--changed')).toEqual(['specs/b.spec.yaml']);
    // From a folder below the top as well.
    const below = doorbell(join(here, 'specs'), ['run', '.', '--changed']);
    expect(below.out).toMatch(/^1 passed \(1 file/m);
    writeFileSync(join(here, 'machines/base.yaml'), `${machine}# edited\n`);
    expect(files(here, '--changed')).toEqual(['specs/a.spec.yaml', 'specs/b.spec.yaml']);
    git(here, 'commit', '-qam', 'y');
    expect(files(here, '--changed')).toEqual([]);
    expect(files(here, '--changed=HEAD~1')).toHaveLength(2);
    writeFileSync(join(here, 'specs/c é.spec.yaml'), fire(1));
    expect(files(here, '--changed')).toEqual(['specs/c']);
    git(here, 'add', '-A');
    expect(files(here, '--changed')).toEqual(['specs/c']);
  });

  test('since the merge base: what others did on the branch is not ours', () => {
    const here = committed();
    git(here, 'checkout', '-qb', 'topic');
    writeFileSync(join(here, 'specs/b.spec.yaml'), `${fire(1)}# ours\n`);
    git(here, 'commit', '-qam', 'ours');
    git(here, 'checkout', '-q', 'main');
    writeFileSync(join(here, 'specs/a.spec.yaml'), `${including}# theirs\n`);
    git(here, 'commit', '-qam', 'theirs');
    git(here, 'checkout', '-q', 'topic');
    expect(files(here, '--changed=main')).toEqual(['specs/b.spec.yaml']);
  });

  test('a topology that is gone is a change of who takes it in', () => {
    const here = committed();
    rmSync(join(here, 'machines/base.yaml'));
    const { code, out } = doorbell(here, ['run', '--changed']);
    expect(out).toMatch(/base\.yaml[^]*nothing ran|1 error/);
    expect(code).toBe(2);
  });

  test('without git, a repository or the commit: one message', () => {
    const here = committed();
    const message = (folder: string, args: readonly string[], more = {}): string => {
      const { code, out, err } = doorbell(folder, ['run', ...args], more);
      expect(code).toBe(2);
      return /DB623.*/.exec(out + err)?.[0] ?? out + err;
    };
    expect(message(here, ['--changed=nope'])).toContain('git knows no commit nope');
    expect(message(here, ['--changed=--help'])).toContain('git knows no commit --help');
    expect(message(here, ['--changed', 'specs/a.spec.yaml'])).toContain(
      'no commit specs/a.spec.yaml',
    );
    expect(message(project({ 'specs/a.spec.yaml': fire(1) }), ['--changed'])).toContain(
      'not a git',
    );
    expect(message(here, ['--changed'], { PATH: '/nowhere' })).toContain('git is not installed');
  });
});

describe('--shard and merge', () => {
  const many = (): string =>
    project(
      Object.fromEntries(
        Array.from({ length: 7 }, (_, i) => [
          `specs/${i % 2}/s${i}.spec.yaml`,
          fire(i === 3 ? 2 : 1, `designs: [tracked]\nsource: ${'x'.repeat(i * 100)}.`),
        ]),
      ),
    );

  test.each(['json', 'ndjson'])('three runs make one report, through %s', (format) => {
    const here = many();
    const parts = [1, 2, 3].map((i) => {
      const args = ['run', '--shard', `${i}/3`, '--reporter', `${format}=r${i}`];
      expect(doorbell(here, args).code).toBe(
        listed(here, '--shard', `${i}/3`).some((id) => id.includes('s3')) ? 1 : 0,
      );
      return listed(here, '--shard', `${i}/3`);
    });
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(parts.flat().sort()).toEqual(listed(here).sort());

    const args = ['merge', 'r1', 'r2', 'r3', '--reporter', 'junit=all.xml', '--reporter', 'lines'];
    const { code, out } = doorbell(here, args);
    expect(out).toMatch(/^6 passed, 1 failed \(7 files/m);
    expect(out).toContain('✖ specs/1/s3.spec.yaml:');
    expect(readFileSync(join(here, 'all.xml'), 'utf8').match(/<testcase /g)).toHaveLength(7);
    expect(code).toBe(1);

    const short = doorbell(here, ['merge', 'r1', 'r2']);
    expect(short.out).toContain('DB622  shard 3/3 is missing');
    expect(short.code).toBe(2);
    // The merged report may take the place of one of its parts.
    expect(doorbell(here, ['merge', 'r1', 'r2', 'r3', '--reporter', 'json=r1']).code).toBe(1);
    expect(doorbell(here, ['merge', 'r1']).out).toMatch(/^6 passed, 1 failed \(7 files/m);
  });

  test('what cannot be merged is named, the rest is', () => {
    const here = many();
    doorbell(here, ['run', 'specs/0', '--reporter', 'json=r1']);
    const { code, out } = doorbell(here, ['merge', 'r1', 'none', 'specs', 'package.json']);
    for (const name of ['none', 'specs', 'package.json'])
      expect(out).toContain(`cannot merge ${name}: `);
    expect(out).toMatch(/^4 passed, 3 errors/m);
    expect(code).toBe(2);
  });

  test.each(['0/3', '4/3', '1', 'a/b', '1/0'])('--shard %s is a usage error', (shard) => {
    expect(doorbell(many(), ['run', '--shard', shard])).toMatchObject({ code: 2 });
  });
});
