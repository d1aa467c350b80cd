/** `doorbell run --watch` as a process: edits, keys, the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, env, project } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-watch-test');
beforeAll(() => command.build(), 60_000);

const fire = (count: number): string =>
  specText(`steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: ${count} } } }
  - teardown: nic`);
const machine = /topology:\n([^]*?)designs:/.exec(fire(1))?.[1]?.replaceAll(/^ {2}/gm, '') ?? '';
const including = fire(1).replace(
  /topology:[^]*?designs:/,
  'topology: ../machines/m.yaml\ndesigns:',
);
const PROMPT = /\nwatching \d+ specs? .*\n/;

class Watched {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  err = '';
  private out = '';
  private heard: () => void = () => undefined;

  constructor(folder: string, ...args: readonly string[]) {
    const argv = [command.main, 'run', '--watch', '--reporter', 'lines', ...args];
    const more = { XDG_STATE_HOME: join(folder, 'state') };
    this.child = spawn(process.execPath, argv, { cwd: folder, env: env(more) });
    this.child.stdout?.on('data', (data: Buffer) => {
      this.out += data.toString();
      this.heard();
    });
    this.child.stderr?.on('data', (data: Buffer) => (this.err += data.toString()));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** What was printed up to the next prompt. */
  async run(): Promise<string> {
    for (;;) {
      const found = PROMPT.exec(this.out);
      if (found !== null) {
        const text = this.out.slice(0, found.index + found[0].length);
        this.out = this.out.slice(text.length);
        return text;
      }
      await new Promise<void>((heard) => (this.heard = heard));
    }
  }

  press(key: string): void {
    this.child.stdin?.write(key);
  }
}

let watched: Watched | undefined;
afterEach(() => {
  watched?.child.kill('SIGKILL');
});
const start = (folder: string, ...args: readonly string[]): Watched =>
  (watched = new Watched(folder, ...args));
const sample = (): string =>
  project({
    'specs/a.spec.yaml': including,
    'specs/b.spec.yaml': fire(2),
    'machines/m.yaml': 'include: base.yaml\n',
    'machines/base.yaml': machine,
  });

describe('an edit', () => {
  test('runs the specs that it concerns again, and no others', async () => {
    const here = sample();
    const session = start(here);
    expect(await session.run()).toMatch(/1 passed, 1 failed \(2 files[^]*watching 2 specs/);
    writeFileSync(join(here, 'specs/b.spec.yaml'), fire(1));
    expect(await session.run()).toMatch(/^specs\/b\.spec\.yaml[^]*\n1 passed \(1 file/);
    // What an included file includes.
    writeFileSync(join(here, 'machines/base.yaml'), machine.replace('cpus: 4', 'cpus: 1 # edited'));
    expect(await session.run()).toMatch(/^specs\/a\.spec\.yaml[^]*\n1 passed \(1 file/);
    rmSync(join(here, 'machines/base.yaml'));
    expect(await session.run()).toMatch(/base\.yaml[^]*1 error \(1 file/);
    writeFileSync(join(here, 'machines/base.yaml'), machine);
    expect(await session.run()).toMatch(/\n1 passed \(1 file/);
    // A new spec; a file that is none of ours does nothing before it.
    writeFileSync(join(here, 'specs/notes.txt'), 'x');
    writeFileSync(join(here, 'specs/c.spec.yaml'), fire(1));
    expect(await session.run()).toMatch(/^specs\/c\.spec\.yaml[^]*1 passed \(1 file[^]*3 specs/);
    session.press('q');
    expect([await session.ended, session.err]).toEqual([0, '']);
  });

  test('goes on without a leak, and writes its reports each time', async () => {
    const here = sample();
    const session = start(here, 'specs/b.spec.yaml', '--reporter', 'json=out.json');
    await session.run();
    for (let i = 0; i < 25; i++) {
      session.press('\r');
      expect(await session.run()).toContain('1 failed (1 file');
    }
    writeFileSync(join(here, 'specs/b.spec.yaml'), fire(1));
    await session.run();
    expect(readFileSync(join(here, 'out.json'), 'utf8')).toContain('"exitCode":0');
    session.press('q');
    // Node warns there of listeners that pile up.
    expect([await session.ended, session.err]).toEqual([0, '']);
  });
});

test('keys: f what failed, a all, Enter the last again, q the end with the code of the last run', async () => {
  const here = sample();
  const session = start(here);
  await session.run();
  session.press('f');
  expect(await session.run()).toMatch(/^specs\/b\.spec\.yaml[^]*\n1 failed \(1 file[^]*2 specs/);
  session.press('\r');
  expect(await session.run()).toMatch(/\n1 failed \(1 file/);
  session.press('x');
  session.press('a');
  expect(await session.run()).toMatch(/1 passed, 1 failed \(2 files/);
  session.press('q');
  expect(await session.ended).toBe(1);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends it with %i', async (signal, code) => {
  const session = start(sample());
  await session.run();
  session.child.kill(signal);
  expect([await session.ended, session.err]).toEqual([code, '']);
});

test('it starts where nothing is yet, and ends when asked though its input has ended', async () => {
  const here = project({ 'specs/none.txt': '' });
  const session = start(here);
  session.child.stdin?.end();
  expect(await session.run()).toContain('nothing ran');
  writeFileSync(join(here, 'specs/a.spec.yaml'), fire(1));
  expect(await session.run()).toContain('1 passed');
  session.child.kill('SIGINT');
  expect(await session.ended).toBe(130);
});

test('--bisect and --watch exclude each other', () => {
  const { code, err } = command.run(sample(), ['run', '--watch', '--bisect']);
  expect([code, /DB603 {2}--bisect has no use for --watch/.test(err)]).toEqual([2, true]);
});
