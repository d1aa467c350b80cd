/** The host's end of the protocol, against an agent played here. */
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { AgentStream } from './agent-stream.ts';
import { cryOf } from './cry.ts';

const PATIENCE_MS = 60_000;

function made() {
  const input = new PassThrough();
  const output = new PassThrough();
  const log: string[] = [];
  const stream = new AgentStream({ input, output, log: (lines) => log.push(...lines) });
  return { input, output, log, stream, asked: () => String(output.read() ?? '') };
}

async function greeted() {
  const all = made();
  const greeting = all.stream.greeting(PATIENCE_MS);
  all.input.write('Welcome to a board\r\n\ndoorbell-agent 3\r\n');
  await greeting;
  return all;
}

describe('the stream', () => {
  test('answers come in order, in whatever pieces, with their lines and errors', async () => {
    const { stream, input, asked, log } = await greeted();
    const first = stream.request('get /x', PATIENCE_MS);
    const second = stream.request('put /y 1', PATIENCE_MS);
    expect(asked()).toBe('');
    await setImmediate();
    expect(asked()).toBe('1 get /x\n2 put /y 1\n');
    for (const piece of ['| li', 'ne\n| \nok 1\nerr 2 1', '6 /y: busy\n']) input.write(piece);
    expect(await first).toEqual({ lines: ['line', ''], errno: 0, text: '' });
    expect(await second).toEqual({ lines: [], errno: 16, text: '/y: busy' });
    expect(log).toContain('< err 2 16 /y: busy');
  });

  test('another version of the agent is refused', async () => {
    const { stream, input } = made();
    const greeting = stream.greeting(PATIENCE_MS);
    input.write('doorbell-agent 1\n');
    await expect(greeting).rejects.toMatchObject({ trouble: 'nonsense' });
  });

  test('what is no answer ends it, for all that waits and for what comes later', async () => {
    const { stream, input } = await greeted();
    const first = stream.request('ping', PATIENCE_MS);
    const second = stream.request('ping', PATIENCE_MS);
    input.write('Segmentation fault\n');
    for (const request of [first, second, stream.request('ping', PATIENCE_MS)])
      await expect(request).rejects.toMatchObject({ trouble: 'nonsense' });
  });

  test.each([
    ['given twice', 'ok 1 again\n', 'what nobody asked: ok 1 again'],
    ['of a request to come', 'ok 2\n', 'what nobody asked: ok 2'],
    ['without a number', 'ok\n', 'what is no answer: ok'],
  ])('an answer %s, when nothing waits', async (_, surplus, why) => {
    const { stream, input } = await greeted();
    const first = stream.request('ping', PATIENCE_MS);
    input.write('ok 1\n');
    await first;
    input.write(surplus);
    await expect(stream.request('ping', PATIENCE_MS)).rejects.toMatchObject({
      trouble: 'nonsense',
      message: `the agent said ${why}`,
    });
  });

  test('an answer given twice is not taken for that to the next request', async () => {
    const { stream, input } = await greeted();
    const first = stream.request('irqs 0000:00:02.0 msix 0 2', PATIENCE_MS);
    const second = stream.request('ev 0000:00:02.0 msix', PATIENCE_MS);
    input.write('ok 1\n| 0x0\nok 1 0:5 1:5\nok 2 0:1 1:0\n');
    expect(await first).toMatchObject({ errno: 0 });
    await expect(second).rejects.toMatchObject({
      trouble: 'nonsense',
      message: 'the agent said what is no answer to 2 ev 0000:00:02.0 msix: ok 1 0:5 1:5',
    });
  });

  test('an answer that comes after its request was given up ends nothing but what has ended', async () => {
    const { stream, input } = await greeted();
    const late = stream.request('sleep 9', 1);
    await expect(late).rejects.toMatchObject({ trouble: 'late' });
    input.write('ok 1\n');
    await expect(stream.request('ping', PATIENCE_MS)).rejects.toMatchObject({ trouble: 'late' });
  });

  test('an end of the stream ends what waits', async () => {
    const { stream, input } = await greeted();
    const request = stream.request('ping', PATIENCE_MS);
    input.destroy();
    await expect(request).rejects.toMatchObject({ trouble: 'ended' });
  });

  test('no answer in time', async () => {
    const { stream } = await greeted();
    await expect(stream.request('sleep 9', 1)).rejects.toMatchObject({ trouble: 'late' });
  });

  test('a line without an end is not gathered for ever', async () => {
    const { stream, input } = await greeted();
    const request = stream.request('ping', PATIENCE_MS);
    input.write('x'.repeat(70_000));
    await expect(request).rejects.toMatchObject({ trouble: 'nonsense' });
  });

  test('a request is one line', async () => {
    const { stream, asked } = await greeted();
    await expect(stream.request('ping\nbye', PATIENCE_MS)).rejects.toThrow(RangeError);
    await expect(stream.request('x'.repeat(1024), PATIENCE_MS)).rejects.toThrow(RangeError);
    expect(asked()).toBe('');
  });
});

test('cries of a kernel: the worst is told, and a quiet console has none', () => {
  const oops = 'Internal error: Oops: 96000004 [#1] SMP';
  expect(cryOf(`x\n[ 1.0] ${oops}\n`)).toEqual({ failure: 'oops', line: `[ 1.0] ${oops}` });
  expect(cryOf(`${oops}\nKernel panic - not syncing: Fatal\n`)?.failure).toBe('panic');
  expect(cryOf('[ 9.0] watchdog: BUG: soft lockup - CPU#1 stuck')?.failure).toBe('hung');
  expect(cryOf('Booting Linux on physical CPU 0x0\n')).toBeUndefined();
});
