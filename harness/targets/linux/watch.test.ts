/** The SMMU's events as the driver takes them: read from the trace while they are waited for. */
import { describe, expect, test } from '@jest/globals';
import { Agent, type Channel } from './agent.ts';
import { Watch } from './watch.ts';

const HEAD = ' irq/15-arm-smmu-60 [000] d.... 9.1: ';
const asked = (w0: string, w2: string): string =>
  `${HEAD}evask: (queue_remove_raw+0x0/0xb8) w0=${w0} w2=${w2}`;
const got = (result: number): string =>
  `${HEAD}evgot: (arm_smmu_evtq_thread+0x5c/0x200 <- queue_remove_raw) ret=${result}`;
const map = `${HEAD}map: IOMMU: iova=0x0000000000001000 - 0x0000000000002000 paddr=0x0000000040000000 size=4096`;

/** Each `trace` is answered with the next of these. */
function watchOf(traces: readonly (readonly string[])[]): Watch {
  const rest = [...traces];
  const channel: Channel = {
    seesHardware: true,
    isProbed: true,
    request: () => Promise.resolve({ lines: rest.shift() ?? [], errno: 0, text: '' }),
    hardware: () => Promise.resolve([]),
    kernelLog: () => Promise.resolve([]),
  };
  return new Watch(new Agent(channel), 1);
}

test('kernel events are of the request that they were asked for after, also when more was asked in one go', async () => {
  const other = map.replace('1000 -', '3000 -').replace('2000 p', '4000 p');
  const watch = watchOf([[map], [other]]);
  const [first, second] = await Promise.all([watch.kernelEvents(), watch.kernelEvents()]);
  expect(first).toMatchObject([{ kind: 'map', iova: 0x1000n }]);
  expect(second).toMatchObject([{ kind: 'map', iova: 0x3000n }]);
});

describe('the event queue', () => {
  const first = { name: 'F_TRANSLATION', streamId: 0x10, address: 0x1000n };

  test('a record is what lies there when the next is asked for, if it was got', async () => {
    const watch = watchOf([
      [asked('0xdead', '0xbeef'), got(0), asked('0x1000000010', '0x1000'), got(-11)],
    ]);
    expect((await watch.faults(1)).taken).toEqual([first]);
    expect((await watch.faults(0)).taken).toEqual([]);
  });

  test('what lies there still when the thread runs again is no second one', async () => {
    const watch = watchOf([
      [asked('0x0', '0x0'), got(0), asked('0x1000000010', '0x1000'), got(-11)],
      [asked('0x1000000010', '0x1000'), got(0), asked('0x1800000013', '0x2000'), got(-11)],
    ]);
    const { taken } = await watch.faults(2);
    expect(taken).toEqual([first, { name: 'F_PERMISSION', streamId: 0x18, address: 0x2000n }]);
  });

  test('other events that are read meanwhile are not lost', async () => {
    const watch = watchOf([[map, asked('0x0', '0x0'), got(0), asked('0x1000000002', '0x0')]]);
    expect((await watch.faults(1)).taken).toEqual([{ name: 'C_BAD_STREAMID', streamId: 0x10 }]);
    expect(await watch.kernelEvents()).toMatchObject([{ kind: 'map', iova: 0x1000n }]);
  });
});
