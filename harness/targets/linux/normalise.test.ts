/** What of a log differs from run to run. */
import { expect, test } from '@jest/globals';
import { normalised } from './normalise.ts';

const map = (from: string, to: string, at: number, pa: string): string[] => [
  `  |            agent-152 [000] ..... 4.2${at}: imap: (iommu_map+0x0/0x94) iova=0x${from} pa=0x${pa} size=0x1000 prot=0x7`,
  `  |            agent-152 [000] ..... 4.2${at}: map: IOMMU: iova=0x${from} - 0x${to} paddr=0x${pa} size=1`,
];

test('times, tasks, addresses of RAM, folders of guests', () => {
  expect(
    normalised([
      '[    2.866692] vfio-pci 0000:00:02.0: enabling device',
      'Q 123@1764.5:smmuv3_translate_success sid=0x10 iova=0x40000100 translated=0x482f9100 perm=0x3',
      'qemu -D /tmp/x/doorbell-guest-Ab12/trace',
    ]),
  ).toEqual([
    'vfio-pci 0000:00:02.0: enabling device',
    'Q smmuv3_translate_success sid=0x10 iova=0x40000100 translated=RAM perm=0x3',
    'qemu -D doorbell-guest/trace',
  ]);
});

test('memory in other pieces reads the same; a hole between two does not', () => {
  const whole = normalised([...map('1000', '3000', 1, '48000000'), '  ok']);
  const parts = [
    ...map('1000', '2000', 7, '51000000'),
    ...map('2000', '3000', 8, '4a000000'),
    '  ok',
  ];
  expect(normalised(parts)).toEqual(whole);
  expect(whole).toHaveLength(3);
  const hole = [
    ...map('1000', '2000', 7, '51000000'),
    ...map('2800', '3000', 8, '4a000000'),
    '  ok',
  ];
  expect(normalised(hole)).toHaveLength(5);
});

test('the number of a task may have more digits', () => {
  const [long = ''] = map('1000', '2000', 1, '48000000');
  const short = long.replace('            agent-152', '              agent-1');
  expect(short).not.toBe(long);
  expect(normalised([short])).toEqual(normalised([long]));
});

test('a doorbell stays as it was mapped', () => {
  expect(normalised(map('8000000', '8001000', 1, '8020000')).join('\n')).toContain('pa=0x8020000');
});

test('how often was asked whether something had come is not told', () => {
  expect(normalised(['> counts', '  | 21: 5', '  ok', 'Q x', '> ping', '  ok'])).toEqual([
    'Q x',
    '> ping',
    '  ok',
  ]);
});

test('what eventfds counted is told once, however often they were asked', () => {
  const ask = '> ev 0000:00:02.0 msix';
  const first = ['> w 0', '  ok', ask, '  ok 0:1 1:2', 'Q write', '> irqoff', '  ok'];
  const told = ['> w 0', '  ok', 'Q write', ask, '  ok 0:1 1:2', '> irqoff', '  ok'];
  const early = ['> w 0', '  ok', ask, '  ok 0:0 1:1', 'Q write', '> counts', '  | 21: 5', '  ok'];
  expect(normalised([...early, ask, '  ok 0:1 1:1', '> irqoff', '  ok'])).toEqual(first);
  const late = ['> w 0', '  ok', 'Q write', ask, '  ok 0:1 1:2', ask, '  ok 0:0 1:0'];
  expect(normalised([...late, '> irqoff', '  ok'])).toEqual(told);
  // Of another device, and after another request, it is another question.
  for (const kept of [
    [ask, '  ok 0:1', '> irqoff', '  ok', ask, '  ok 0:1'],
    [ask, '  ok 0:0 1:0', '> ev 0000:00:03.0 msix', '  ok 0:0'],
    [ask, '  error ENODEV', ask, '  ok'],
  ])
    expect(normalised(kept)).toEqual(kept);
});

test('eventfds of several devices, asked once or again: told in the same place', () => {
  const asked = (a: string, b: string): string[] => [
    '> ev A msi',
    `  ok ${a}`,
    '> ev B msi',
    `  ok ${b}`,
  ];
  const once = ['> w A 0', '  ok', ...asked('0:0 1:1', '0:0'), 'Q written'];
  const again = [
    '> w A 0',
    '  ok',
    ...asked('0:0 1:0', '0:0'),
    ...asked('0:0 1:1', '0:0'),
    'Q written',
  ];
  const late = [
    '> w A 0',
    '  ok',
    ...asked('0:0 1:0', '0:0'),
    'Q written',
    '> ev A msi',
    '  ok 0:0 1:1',
  ];
  expect(normalised(again)).toEqual(once);
  expect(normalised(late)).toEqual(once);
  const twice = [...once, '> w A 0', '  ok', ...asked('0:0 1:1', '0:0')];
  expect(normalised(twice)).toEqual(twice);
});

test('that the host was busy is nothing of the case', () => {
  expect(normalised(['a', '[    9.1] hrtimer: interrupt took 48311344 ns', 'b'])).toEqual([
    'a',
    'b',
  ]);
});
