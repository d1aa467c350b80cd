/** The agent itself, compiled for this machine and asked over a pipe: all that needs no special kernel. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AgentStream } from '../agent-stream.ts';
import type { Answer } from '../guest.ts';
import { agentSource, buildAgent } from '../image/agent-build.ts';
import { processesWith, until } from './processes-of.ts';

const PATIENCE_MS = 30_000;
const E = { ENOENT: 2, E2BIG: 7, EINVAL: 22, ENODEV: 19, ENOSYS: 38, EPROTO: 71, ETIMEDOUT: 110 };

let folder: string;
let program: string;
let agent: ChildProcessByStdio<Writable, Readable, null>;
let stream: AgentStream;
const ask = (line: string): Promise<Answer> => stream.request(line, PATIENCE_MS);

/** What an agent of its own answers to these bytes, without the greeting. */
function raw(bytes: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const other = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    other.stdout.on('data', (text: Buffer) => (said += text.toString()));
    other.on('close', () => resolve(said.trimEnd().split('\n').slice(1)));
    other.stdin.end(bytes);
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-agent-'));
  program = await buildAgent(agentSource(__dirname), folder, 'gcc');
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  agent = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  stream = new AgentStream({ input: agent.stdout, output: agent.stdin });
  await stream.greeting(PATIENCE_MS);
});
afterEach(() => void agent.kill('SIGKILL'));

describe('every request is answered', () => {
  test('hello, and another version', async () => {
    expect(await ask('hello 3')).toMatchObject({
      errno: 0,
      text: expect.stringMatching(/^doorbell-agent 3 kernel=\S+ page=\d+ cpus=\d+$/),
    });
    expect(await ask('hello 1')).toMatchObject({ errno: E.EPROTO });
  });

  test('an unknown one, an empty one, one that is too long: and the next is right again', async () => {
    expect(await ask('nonsense')).toMatchObject({ errno: E.ENOSYS });
    expect(await ask('')).toMatchObject({ errno: E.ENOSYS });
    // The stream would not send it.
    await expect(raw(`7 ${'x'.repeat(5000)}\n8 ping\n`)).resolves.toEqual([
      expect.stringMatching(/^err 7 7 /),
      'ok 8',
    ]);
  });

  test('what may be the last that is done: what was asked before it has been answered', async () => {
    const lines = ['1 ping', '2 get /proc/version', '3 ping', '4 sh kill -9 $PPID', '5 ping'];
    const said = await raw(`${lines.join('\n')}\n`);
    expect(said).toEqual(['ok 1', expect.stringMatching(/^\| Linux/), 'ok 2', 'ok 3']);
  });

  test('without a number that it could give back: with the number 0', async () => {
    const refused = expect.stringMatching(/^err 0 22 usage: NUMBER/);
    const lines = ['', 'ping', '0 ping', '4294967296 ping', '-1 ping', '1ping', '4294967295 ping'];
    await expect(raw(`${lines.join('\n')}\n`)).resolves.toEqual([
      ...lines.slice(1).map(() => refused),
      'ok 4294967295',
    ]);
  });

  test.each([
    'put',
    'bind 0000:00:04 vfio-pci',
    'bind 0000:00:04.0 ../../x',
    'bind ../..:00:04.0 x',
    'copen .',
    'copen a/b',
    'irqs 0000:00:04.0 intx 0 1',
    'w 0000:00:04.0 6 0 1',
    'w 0000:00:04.0 0 2 1',
    'w 0000:00:04.0 0 0 0x100000000',
    'sw 0000:00:04.0 0 -4 1',
    'cfgr 0000:00:04.0 0 3',
    'cpu 0 perhaps',
    'present 0000:00:04.0',
    'module e1000e perhaps',
    'module ../x on',
    'sleep 10001',
    'fire 0000:00:04.0 toaster 0',
    'event ../../x/y 1',
    'probe imap iommu_map',
  ])('%s: it is the request that is wrong', async (line) => {
    const { errno, text } = await ask(line);
    expect([errno, text]).toEqual(
      line.startsWith('cfgr')
        ? [errno, expect.any(String)]
        : [E.EINVAL, expect.stringMatching(/^usage: /)],
    );
    expect(errno).not.toBe(0);
  });

  test('errors are those of the kernel', async () => {
    expect(await ask('put /nonexistent/file 1')).toMatchObject({ errno: E.ENOENT });
    expect(await ask('driver ffff:ff:1f.7')).toMatchObject({ errno: E.ENODEV });
    expect(await ask('get /proc/self')).toMatchObject({ errno: 21 });
    expect(await ask('dclose ffff:ff:1f.7')).toMatchObject({ errno: E.ENOENT });
    expect(await ask('msiirqs ffff:ff:1f.7')).toMatchObject({ errno: E.ENOENT });
    expect(await ask('module no-such on')).toMatchObject({ errno: E.ENOENT });
    expect(await ask('present ffff:ff:1f.7 off')).toMatchObject({ errno: 0 });
  });

  test('a thousand at once, in order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => ask(i % 2 === 0 ? 'ping' : 'nonsense')),
    );
    expect(answers.map(({ errno }) => errno)).toEqual(
      Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 0 : E.ENOSYS)),
    );
  });
});

describe('files and shell', () => {
  test('what is put is there, appended after it, and read line by line', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    expect(await ask(`put ${path} one  two`)).toMatchObject({ errno: 0 });
    expect(await ask(`append ${path} `)).toMatchObject({ errno: E.EINVAL });
    expect(await ask(`append ${path} | three`)).toMatchObject({ errno: 0 });
    expect(await ask(`get ${path}`)).toMatchObject({ lines: ['one  two| three'], errno: 0 });
  });

  test('long lines are cut, many are bounded, bytes that would break a line are blanks', async () => {
    const path = join(folder, 'long');
    writeFileSync(path, `${'x'.repeat(5000)}\n\ra\r\n`);
    const { lines } = await ask(`get ${path}`);
    expect(lines.map(({ length }) => length)).toEqual([2045, 3]);
    writeFileSync(path, 'y\n'.repeat(100_000));
    const many = (await ask(`get ${path}`)).lines;
    expect([many.length, many.at(-1)]).toEqual([65_536, '[TRUNCATED]']);
  });

  test('a line for the shell has its output and its code', async () => {
    expect(await ask('sh echo a; echo b >&2; exit 3')).toEqual({
      lines: ['a', 'b'],
      errno: 0,
      text: 'rc=3',
    });
    expect(await ask('sh cat')).toMatchObject({ text: 'rc=0' });
  });

  test('one that does not end is ended, with all that it began', async () => {
    const { errno } = await ask('sh echo begun; sleep 7654 & sleep 7654');
    expect(errno).toBe(E.ETIMEDOUT);
    await until(() => processesWith('sleep\x007654').length === 0, 2000);
    expect(processesWith('sleep\x007654')).toEqual([]);
  });
});

test('it ends with its stream, and with bye', async () => {
  const code = new Promise((resolve) => agent.on('exit', resolve));
  await ask('bye');
  expect(await code).toBe(0);
  const second = spawn(program, [], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => second.on('exit', resolve));
  second.stdin.end();
  expect(await ended).toBe(0);
});
