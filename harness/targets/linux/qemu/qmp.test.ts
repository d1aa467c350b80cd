/** QEMU's monitor, played here. */
import { duplexPair, type Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Qmp } from './qmp.ts';

const PATIENCE_MS = 60_000;

function monitor(): { readonly qmp: Qmp; readonly qemu: Duplex; readonly asked: () => unknown[] } {
  const [ours, theirs] = duplexPair();
  theirs.setEncoding('utf8');
  const asked = (): unknown[] =>
    String(theirs.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  return { qmp: new Qmp(ours), qemu: theirs, asked };
}

const say = async (qemu: Duplex, ...messages: readonly object[]): Promise<void> => {
  for (const message of messages) qemu.write(`${JSON.stringify(message)}\r\n`);
  await setImmediate();
};

describe('the monitor', () => {
  test('is asked for its capabilities first; an answer is no event, and an event no answer', async () => {
    const { qmp, qemu, asked } = monitor();
    const gone = qmp.event('DEVICE_DELETED', 'in-rp1', PATIENCE_MS);
    const work = qmp.execute('device_del', { id: 'in-rp1' }, PATIENCE_MS);
    await say(qemu, { QMP: {} });
    expect(asked()).toEqual([{ execute: 'qmp_capabilities', arguments: {} }]);
    await say(qemu, { return: {} });
    expect(asked()).toEqual([{ execute: 'device_del', arguments: { id: 'in-rp1' } }]);
    const other = { event: 'DEVICE_DELETED', data: { device: 'in-rp2' } };
    await say(qemu, other, { return: {} });
    await work;
    let isGone = false;
    void gone.then(() => (isGone = true));
    await setImmediate();
    expect(isGone).toBe(false);
    await say(qemu, { event: 'DEVICE_DELETED', data: { device: 'in-rp1' } });
    expect(isGone).toBe(true);
  });

  test('what it refuses is an error, and what it says then is not the next answer', async () => {
    const { qmp, qemu } = monitor();
    const first = qmp.execute('device_del', { id: 'x' }, PATIENCE_MS);
    const refused = expect(first).rejects.toThrow("refused device_del: Device 'x' not found");
    await say(qemu, { QMP: {} }, { return: {} });
    await say(qemu, { error: { class: 'DeviceNotFound', desc: "Device 'x' not found" } });
    await refused;
    const next = qmp.execute('device_add', {}, PATIENCE_MS);
    await setImmediate();
    await say(qemu, { return: {} });
    await expect(next).resolves.toBeUndefined();
  });

  test.each([
    ['nothing comes in time', 1, () => {}, 'no an answer to qmp_capabilities'],
    [
      'it says what is no JSON',
      PATIENCE_MS,
      (qemu: Duplex) => void qemu.write('bye\n'),
      'no JSON: bye',
    ],
    ['it is closed', PATIENCE_MS, (qemu: Duplex) => void qemu.end(), 'closed'],
  ])('%s: what waits ends', async (_, ms, happens, why) => {
    const { qmp, qemu } = monitor();
    const work = expect(qmp.execute('device_del', {}, ms)).rejects.toThrow(why);
    happens(qemu);
    await work;
  });
});
