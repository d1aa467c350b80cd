/** `doorbell run --jobs` with real threads: the same reports as without. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { CommandBuild, env, project } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-jobs-test');
beforeAll(() => command.build(), 60_000);

const fire = (count: number, head: string): string =>
  specText(
    `steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: ${count} } } }
  - teardown: nic`,
    head,
  );
const sample = (): string =>
  project({
    ...Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `specs/s${i}.spec.yaml`,
        fire(
          i === 4 ? 2 : 1,
          `designs: [tracked, rfc-v3]\ntags: [${i % 2 === 0 ? 'even' : 'odd'}]`,
        ),
      ]),
    ),
    'specs/s5.spec.yaml': 'titel: x\n',
  });
const timeless = (text: string): string =>
  text.replace(/"durationMs":[\d.]+/g, '').replace(/\d+ ms\b|\d+\.\d s\b/g, '');

test.each([
  [[]],
  [['--seed', '3']],
  [['--verbose', '--grep', 'tracked', '--not-tag', 'odd']],
  [['--bail']],
  [['--shard', '2/3']],
  [['specs/s1.spec.yaml:14', 'specs/s4.spec.yaml']],
])('%j: all reports are what one thread writes', (args) => {
  const here = sample();
  const reports = (jobs: string): string[] => {
    const names = ['json', 'lines', 'tap'].map((name) => `${name}=${name}-${jobs}`);
    const flags = [
      'run',
      ...args,
      '--jobs',
      jobs,
      ...names.flatMap((name) => ['--reporter', name]),
    ];
    const { code, err } = command.run(here, flags);
    expect(err).toBe('');
    const texts = ['json', 'lines', 'tap'].map((name) =>
      timeless(readFileSync(join(here, `${name}-${jobs}`), 'utf8')),
    );
    return [String(code), ...texts];
  };
  expect(reports('3')).toEqual(reports('1'));
});

test('many interleavings, which a thread of their own explores, are told in the order of the files', () => {
  const files = Object.fromEntries(
    Array.from({ length: 10 }, (_, i): [string, string] => {
      const designs = i === 2 ? '[tracked, tracked-early]' : '[tracked]';
      const interleaved = `steps:${ATTACH}\ninterleave: { a: [mask: nic/0], b: [teardown: nic/1] }`;
      return i % 2 === 0
        ? [`specs/s${i}.spec.yaml`, specText(interleaved, `designs: ${designs}`)]
        : [`specs/s${i}.spec.yaml`, fire(i === 3 ? 2 : 1, `designs: ${designs}`)];
    }),
  );
  const here = project(files);
  const told = (...jobs: string[]): string[] => {
    const { code, out } = command.run(here, ['run', ...jobs, '--reporter', 'ndjson']);
    return [String(code), timeless(out)];
  };
  expect(told()).toEqual(told('--jobs', '1'));
  expect(told()[1]?.match(/"case-end"/g)).toHaveLength(11);
});

test('--failed and Ctrl-C reach the threads', async () => {
  const here = sample();
  const states = { XDG_STATE_HOME: join(here, 'state') };
  command.run(here, ['run', '--jobs', '2'], states);
  const failed = command.run(here, ['run', '--failed', '--jobs', '2'], states);
  expect(failed.out).toMatch(/^2 failed, 2 errors \(2 files/m);

  const long = '  - fire: { vector: nic/0, times: 4096 }\n'.repeat(20_000);
  const text = specText(`steps:${ATTACH}\n${long}  - teardown: nic\nexpect: { leaks: none }`);
  const slow = project({ 'specs/a.spec.yaml': text, 'specs/b.spec.yaml': text });
  const argv = [command.main, 'run', '--jobs', '2', '--reporter', 'ndjson'];
  const child = spawn(process.execPath, argv, { cwd: slow, env: env() });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    if (out === '') setTimeout(() => child.kill('SIGINT'), 1_500);
    out += data.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  // Neither thread went on to the end of its file.
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/"passed":0,.*"interrupted":true/);
  expect(code).toBe(130);
}, 60_000);
