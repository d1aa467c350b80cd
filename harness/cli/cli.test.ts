/** The command as a process: what it prints where, and how it ends. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, env, project, ROOT } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-cli-test');
const doorbell = command.run.bind(command);
beforeAll(() => command.build(), 60_000);

const fire = (count: number): string =>
  specText(`steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: ${count} } } }
  - teardown: nic`);

const two = (): string =>
  project({ 'specs/good.spec.yaml': fire(1), 'specs/deep/bad.spec.yaml': fire(2) });

describe('run', () => {
  test('runs specs/ without a path, and fails when a check does', () => {
    const { code, out, err } = doorbell(two(), ['run']);
    expect(out).toMatch(/^1 passed, 1 failed \(2 files, /m);
    expect(out).toContain('✖ specs/deep/bad.spec.yaml:');
    expect(out).toMatch(/^ +\d+ \|     expect: \{ interrupts: \{ nic\/0: \{ count: 2 \} \} \}$/m);
    expect([code, err]).toEqual([1, '']);
  });

  test.each([
    [['specs/good.spec.yaml'], 0, /1 passed/],
    [['specs/*.yaml'], 0, /1 passed/],
    [['specs/deep', 'specs/deep/bad.spec.yaml'], 1, /1 failed \(1 file/],
    [['--grep', 'good'], 0, /1 passed/],
    [['--design', 'rfc-v3'], 5, /nothing ran/],
    [['--tag', 'none'], 5, /nothing ran/],
    [
      ['specs/none.spec.yaml', 'specs/good.spec.yaml'],
      2,
      /DB601 .*specs\/none\.spec\.yaml[^]*1 passed, 1 error/,
    ],
    [
      ['specs/good.spec.yaml', '--reporter', 'json=/nowhere/x.json'],
      2,
      /DB602 [^]*1 passed, 1 error/,
    ],
  ])('%j exits %i', (args, exit, text) => {
    const { code, out } = doorbell(two(), ['run', ...args]);
    expect(out).toMatch(text);
    expect(code).toBe(exit);
  });

  test('an invalid spec is one diagnostic, and the others run', () => {
    const folder = project({ 'specs/a.spec.yaml': 'title: [', 'specs/b.spec.yaml': fire(1) });
    const { code, out } = doorbell(folder, ['run']);
    expect(out).toMatch(/specs\/a\.spec\.yaml:1:\d+ {2}DB1/);
    expect(out).toContain('1 passed');
    expect(code).toBe(2);
  });

  test('a file that may not be read, a folder named as a spec', () => {
    const folder = project({
      'specs/a.spec.yaml': fire(1),
      'specs/b.spec.yaml/c.spec.yaml': fire(1),
    });
    const { code, out } = doorbell(folder, ['run']);
    expect([code, /2 passed/.test(out)]).toEqual([0, true]);
    chmodSync(join(folder, 'specs/a.spec.yaml'), 0);
    // Root may read everything.
    if (process.getuid?.() !== 0) expect(doorbell(folder, ['run']).code).toBe(2);
  });

  test('reports to files are whole, and leave nothing behind', () => {
    const folder = two();
    const { code, out } = doorbell(folder, [
      'run',
      '--reporter',
      'json=out.json',
      '--reporter',
      'lines=out.txt',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('1 passed, 1 failed');
    const report = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
      summary: object;
      cases: { id: string }[];
    };
    expect(report.summary).toMatchObject({ passed: 1, failed: 1, exitCode: 1 });
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toContain('1 passed, 1 failed');
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('out'))
        .sort(),
    ).toEqual(['out.json', 'out.txt']);
  });

  test('the repeat line repeats the failure, from another folder too', () => {
    const folder = two();
    const { out } = doorbell(join(folder, 'specs'), ['run', '.']);
    const line = /repeat {3}npx doorbell (.*)$/m.exec(out)?.[1] ?? '';
    expect(line).toMatch(/^run deep\/bad\.spec\.yaml /);
    const again = doorbell(join(folder, 'specs'), line.split(' '));
    expect(again.out).toMatch(/^1 failed /m);
  });

  test('colour only where it is wanted', () => {
    const folder = two();
    const escape = String.fromCharCode(27);
    const coloured = (args: string[], more: Record<string, string>): boolean =>
      doorbell(folder, ['run', ...args], more).out.includes(escape);
    expect(coloured([], {})).toBe(false);
    expect(coloured([], { FORCE_COLOR: '1' })).toBe(true);
    expect(coloured([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(coloured(['--no-color'], { FORCE_COLOR: '1' })).toBe(false);
  });

  test('Ctrl-C prints what ran and exits 130', async () => {
    const names = Array.from({ length: 1500 }, (_, i) => [`specs/s${i}.spec.yaml`, fire(1)]);
    const folder = project(Object.fromEntries(names) as Record<string, string>);
    const argv = [command.main, 'run', '--reporter', 'json=out.json', '--reporter', 'lines'];
    const child = spawn(process.execPath, argv, { cwd: folder, env: env() });
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      if (out === '') child.kill('SIGINT');
      out += data.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    const ran = Number(/^interrupted: (\d+) passed/m.exec(out)?.[1]);
    expect(ran).toBeGreaterThan(0);
    expect(ran).toBeLessThan(1500);
    const report = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
      summary: { interrupted: boolean; passed: number };
    };
    expect(report.summary).toMatchObject({ interrupted: true, passed: ran });
  }, 30_000);

  test('Ctrl-C ends a long case between its steps; a second one ends the process', async () => {
    const steps = '  - fire: { vector: nic/0, times: 4096 }\n'.repeat(20_000);
    const text = specText(`steps:${ATTACH}\n${steps}  - teardown: nic\nexpect: { leaks: none }`);
    const folder = project({ 'specs/long.spec.yaml': text });
    const interrupted = (times: number): Promise<[number | null, string]> =>
      new Promise((resolve) => {
        const argv = [command.main, 'run', '--reporter', 'lines'];
        const child = spawn(process.execPath, argv, { cwd: folder, env: env() });
        let out = '';
        child.stdout.on('data', (data: Buffer) => {
          if (out === '')
            for (let n = 0; n < times; n++) setTimeout(() => child.kill('SIGINT'), 100 * (n + 1));
          out += data.toString();
        });
        // A signal that comes when the handlers are gone ends the process itself: to a shell, 130.
        child.on('close', (code, signal) => resolve([signal === 'SIGINT' ? 130 : code, out]));
      });
    const [code, out] = await interrupted(1);
    expect(out).toMatch(/^interrupted: 1 aborted/m);
    expect(out).toMatch(/ABORT .*interrupted after step \d+/);
    expect(code).toBe(130);
    expect((await interrupted(2))[0]).toBe(130);
  }, 60_000);

  test('a reader that goes away is no error', () => {
    const folder = two();
    const line = `"${process.execPath}" "${command.main}" list | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], {
      cwd: folder,
      encoding: 'utf8',
      env: env(),
    });
    expect([stdout, stderr]).toEqual(['0\n', '']);
  });
});

describe('usage', () => {
  test.each([
    [['rum'], /unknown command 'rum'\n\(Did you mean run\?\)/],
    [
      ['run', '--design', 'trackd'],
      /--design <name>' argument 'trackd' is invalid\. There are unmapped, /,
    ],
    [
      ['compare', '--kernels', '6.1,6.x'],
      /'6\.1,6\.x' is invalid\. Versions are such as 5\.1,6\.12\./,
    ],
    [['compare', '--kernels', '3.10'], /The table of changes begins at 4\.5\./],
    [['compare', '--kernels', '6.1,6.1'], /A version is named twice\./],
    [['compare', '--kernels', '6.1', '--target', 'linux,model'], /DB603 {2}--kernels is for/],
    [['run', '--desing', 'x'], /unknown option '--desing'\n\(Did you mean --design\?\)/],
    [['run', '--grep', '('], /'--grep <regexp>' argument '\(' is invalid/],
    [['run', '--seed', 'x'], /A seed is a whole number/],
    [['run', '--reporter', 'xml'], /no reporter "xml"; there are tasks, lines, json/],
    [
      ['run', '--reporter', 'lines', '--reporter', 'json'],
      /two reporters write to standard output/,
    ],
    [['run', '--target', 'linnux'], /no target "linnux"; there (is|are) /],
    [['schema', 'spce'], /no schema "spce"; there are/],
    [['validate', 'none'], /DB601/],
  ])('%j exits 2 with one message', (args, message) => {
    const { code, err } = doorbell(two(), args);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n +at /);
    expect(code).toBe(2);
  });

  test('help and version exit 0', () => {
    expect(doorbell(two(), ['--help'])).toMatchObject({ code: 0, err: '' });
    expect(doorbell(two(), ['run', '--help']).out).toContain('--design <name>');
    expect(doorbell(two(), ['--version']).code).toBe(0);
  });
});

describe('list, validate, schema', () => {
  test('list names specs and cases, as text and as JSON', () => {
    const folder = two();
    const { code, out } = doorbell(folder, ['list']);
    expect([code, out]).toEqual([
      0,
      'specs/deep/bad.spec.yaml  A sample\n  [tracked]\nspecs/good.spec.yaml  A sample\n  [tracked]\n',
    ]);
    const json = JSON.parse(doorbell(folder, ['list', '--json', '--grep', 'good']).out) as object;
    expect(json).toMatchObject({
      version: 1,
      specs: [{ file: 'specs/good.spec.yaml', cases: [{ design: 'tracked' }] }],
    });
    expect(doorbell(folder, ['list', '--grep', 'zzz']).code).toBe(5);
  });

  test('validate counts, and says what is wrong', () => {
    const folder = project({ 'specs/a.spec.yaml': fire(1), 'specs/b.spec.yaml': 'titel: x' });
    const { code, out, err } = doorbell(folder, ['validate']);
    expect(out).toMatch(/^2 files, 1 case, \d+ errors?\n$/);
    expect(err).toMatch(/did you mean "title"/);
    expect(code).toBe(2);
    expect(doorbell(folder, ['validate', 'specs/a.spec.yaml']).code).toBe(0);
  });

  test('schema prints what is published', () => {
    const { out } = doorbell(two(), ['schema', 'spec']);
    expect(out).toBe(readFileSync(join(ROOT, 'schemas/spec.schema.json'), 'utf8'));
  });
});
