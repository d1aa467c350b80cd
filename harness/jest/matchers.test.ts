/** Every matcher, met and not met, with and without .not, on the model. */
import { describe, expect, test } from '@jest/globals';
import { type MachineOptions, openMachine, type TestMachine } from './extend.ts';
import { MATCHERS, type MatcherName } from './matchers.ts';

const MACHINE = {
  cpus: 4,
  'msi-controllers': { its: { kind: 'gicv3-its', base: 0x0808_0000 } },
  iommus: { smmu: { kind: 'smmu-v3', granule: '4K' } },
  devices: {
    nic: { bus: 'pci', address: '00:02.0', msix: 4, 'msi-parent': 'its', iommus: 'smmu' },
  },
  domains: { vm: { kind: 'unmanaged', 'msi-window': { base: 0x0800_0000n, size: '1M' } } },
} as const;
const PAGE = { iova: 0x0800_0000n, pa: 0x0809_0000 };

/** A device in `vm` with two vectors, of which the first has arrived at CPU 2. */
const ready = (design: NonNullable<MachineOptions['design']> = 'tracked'): TestMachine =>
  openMachine({ topology: MACHINE, design }).perform(
    { attach: { device: 'nic', domain: 'vm' } },
    { setup: { device: 'nic', vectors: 2, cpu: 2 } },
    { fire: 'nic/0' },
  );
const moved = (): TestMachine => ready().perform({ affinity: { vector: 'nic/0', cpu: 1 } });
const strayed = (): TestMachine =>
  ready().attempt({ 'dma-write': { device: 'nic', address: 0x4000_0000 } });
const empty = (): TestMachine => ready().perform({ teardown: 'nic' });
const leaking = (): TestMachine =>
  ready({ 'rfc-v3': { 'initial-count': 2 } }).perform({ teardown: 'nic' });
const full = (): TestMachine => ready().attempt({ setup: { device: 'nic', vectors: 5 } });

type Row = readonly [
  MatcherName,
  () => TestMachine,
  good: readonly unknown[],
  /** What the failure of `.not` says. */
  denied: string,
  bad?: readonly unknown[],
  /** What the failure says. */
  told?: string,
];

const ROWS: readonly Row[] = [
  [
    'toHaveMapping',
    ready,
    ['vm', { ...PAGE, size: '4K', prot: 'WRITE|NOEXEC|MMIO', refs: 2 }],
    '    0x08000000 -> 0x08090000  4K  WRITE|NOEXEC|MMIO (RW)  refs 2',
    ['vm', { pa: 0x0809_1000 }],
    'after this step, vm should have this mapping; it has 1',
  ],
  [
    'toHaveMappings',
    ready,
    ['vm', [PAGE]],
    '    0x08000000 -> 0x08090000',
    ['vm', 'none'],
    'after this step, vm should have no mappings; it has 1',
  ],
  ['toHaveNoMappings', empty, [], 'observed:\n\n    none'],
  [
    'toHaveRefcount',
    ready,
    ['vm', PAGE, 2],
    'refs 2',
    ['vm', PAGE, '3..9'],
    '≠ 0x08000000 -> 0x08090000  refs 3..9   0x08000000 -> 0x08090000',
  ],
  [
    'toHaveMessage',
    ready,
    ['nic/1', { address: 0x0800_0040n, data: 1 }],
    '    0x08000040 / 0x1',
    ['nic/1', 'none'],
    'nic/1 should have the message none (all zero); it has 0x08000040 / 0x1',
  ],
  [
    'toHaveDelivered',
    ready,
    ['nic/0', { cpu: 2 }],
    '    nic/0 at CPU 2, 1 time',
    ['nic/0', { cpu: 1, count: 2 }],
    '≠ at CPU 1, 2 times   none',
  ],
  ['toHaveNoInterrupts', moved, [], 'observed:\n\n    none'],
  [
    'toHaveFaulted',
    strayed,
    [{ device: 'nic', name: 'F_TRANSLATION', address: 0x4000_0000 }],
    '    F_TRANSLATION  nic StreamID 0x10  0x40000000',
    [{ name: 'F_PERMISSION' }],
    'after this step, the faults differ; 1 fault recorded',
  ],
  [
    'toHaveFaults',
    strayed,
    [[{ device: 'nic' }]],
    '    F_TRANSLATION  nic StreamID 0x10  0x40000000',
    [[{ device: 'nic', count: 2 }]],
    'the faults differ; 1 fault recorded',
  ],
  ['toHaveNoFaults', ready, [], 'observed:\n\n    none'],
  [
    'toHaveCommand',
    moved,
    [{ MOVI: { 'event-id': 0, icid: 1 } }],
    '    MOVI deviceId=0x10 eventId=0x0 icid=0x1',
    ['DISCARD'],
    'the ITS should execute these commands in this order; it executed 2',
  ],
  [
    'toHaveCommands',
    moved,
    [['MOVI', 'SYNC']],
    '    SYNC',
    [['MOVI']],
    'the ITS should execute exactly these 1 commands in this order; it executed 2',
  ],
  ['toHaveNoCommands', ready, [], 'observed:\n\n    none'],
  [
    'toHaveInvalidation',
    empty,
    [{ TLBI_NH_VA: { size: '4K' } }],
    '    CMD_SYNC',
    ['CFGI_STE'],
    'should send an SMMU these commands in this order; it sent 2',
  ],
  [
    'toHaveInvalidations',
    empty,
    [['TLBI_NH_VA', 'CMD_SYNC']],
    '    CMD_SYNC',
    ['none'],
    'should send an SMMU no command; it sent 2',
  ],
  ['toHaveNoInvalidations', ready, [], 'observed:\n\n    none'],
  [
    'toHaveLeaks',
    leaking,
    ['vm', '1..2'],
    'taken by setup nic, 2 vectors',
    ['vm', 7],
    'vm should have 7 leaked references; it has',
  ],
  ['toHaveNoLeaks', empty, [], 'observed:\n\n    none'],
  [
    'toHaveWindow',
    ready,
    ['vm', { pages: 256, free: 255 }],
    '    a window of 256 pages, 255 free',
    ['vm', 'none'],
    'vm should have no window; it has a window of 256 pages, 255 free',
  ],
  [
    'toHaveAffinity',
    ready,
    ['nic/0', { cpus: [2], effective: 2 }],
    'cpus 2; effective 2',
    ['nic/0', { cpus: [1, 2] }],
    'nic/0 should have cpus 1, 2; it has cpus 2; effective 2',
  ],
  [
    'toHaveEffectiveAffinity',
    moved,
    ['nic/0', '0..1'],
    'effective 1',
    ['nic/0', 'none'],
    'should have effective none; it has cpus 1; effective 1',
  ],
  [
    'toHaveFailed',
    full,
    ['EINVAL'],
    '    EINVAL',
    ['ENOMEM'],
    'the step should return ENOMEM; it returned EINVAL',
  ],
  ['toHaveSucceeded', ready, [], 'observed:\n\n    none'],
];

/** Matchers of an absence: what they fail of is another machine. */
const PRESENT: readonly (readonly [MatcherName, () => TestMachine, readonly unknown[], string])[] =
  [
    ['toHaveNoMappings', ready, ['vm'], 'vm should have no mappings; it has 1'],
    [
      'toHaveNoInterrupts',
      ready,
      ['nic/0'],
      'none of nic/0 should arrive; observed: nic/0 at CPU 2',
    ],
    ['toHaveNoFaults', strayed, [], 'there should be no fault; 1 fault recorded'],
    ['toHaveNoInvalidations', empty, [], 'should send an SMMU no command; it sent 2'],
    ['toHaveNoCommands', moved, [], 'the ITS should execute no command; it executed 2'],
    ['toHaveNoLeaks', leaking, [], 'vm should have 0 leaked references'],
    ['toHaveSucceeded', full, [], 'the step should return no error; it returned EINVAL'],
  ];

/** A matcher by its name, called or called with .not; what it threw. */
function thrown(machine: unknown, name: string, args: readonly unknown[], not = false) {
  const on = not ? expect(machine).not : expect(machine);
  const matcher = (on as unknown as Record<string, (...args: readonly unknown[]) => void>)[name];
  try {
    matcher?.(...args);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

test('each matcher is in a row', () => {
  const tested = new Set([...ROWS, ...PRESENT].map(([name]) => name));
  expect(Object.keys(MATCHERS).filter((name) => !tested.has(name as MatcherName))).toEqual([
    'toMeet',
  ]);
});

test.each(ROWS)('%s holds, and .not of it fails with what is there', (name, open, good, denied) => {
  const machine = open();
  expect(thrown(machine, name, good)).toBeUndefined();
  const error = thrown(machine, name, good, true);
  expect(error?.name).not.toBe('UsageError');
  expect(error?.message).toContain(`expect(machine).not.${name}(`);
  expect(error?.message).toContain(denied);
});

const BAD = ROWS.filter(({ length }) => length === 6);
test.each(BAD)(
  '%s fails with both sides, and .not of it holds',
  (name, open, _, __, bad = [], told = '') => {
    const machine = open();
    expect(thrown(machine, name, bad, true)).toBeUndefined();
    const error = thrown(machine, name, bad);
    expect(error?.name).not.toBe('UsageError');
    expect(error?.message).toContain(`expect(machine).${name}(`);
    expect(error?.message).toContain(told);
  },
);

test.each(PRESENT)('%s fails of what is there, and .not of it holds', (name, open, args, told) => {
  const machine = open();
  expect(thrown(machine, name, args)?.message).toContain(told);
  expect(thrown(machine, name, args, true)).toBeUndefined();
});

test('a failure as a whole', () => {
  const error = thrown(ready(), 'toHaveRefcount', ['vm', { pa: '0x0809_0000' }, 1]);
  expect(error?.message).toBe(`expect(machine).toHaveRefcount(vm, { pa: 0x0809_0000 }, 1)

  step 3  fire nic/0   DB402
  after this step, vm should have this mapping; it has 1

    domain vm
      expected                  observed
    ≠ * -> 0x08090000  refs 1   0x08000000 -> 0x08090000  4K  WRITE|NOEXEC|MMIO (RW)  refs 2
                                  taken by setup nic, 2 vectors, cpu 2 (step 2) 2 times, not dropped

    the way of nic/0 at that moment
      message  0x8000040 / 0x0
      IOMMU    StreamID 0x10: stage 1 tables of domain vm (unmanaged, 4K)
               0x8000040 -> 0x8090040
      bus      GITS_TRANSLATER 0x8090040: DeviceID 0x10, EventID 0x0 -> LPI 8192
      GICR     LPI 8192 is enabled, redistributor of CPU 2, owned by nic/0

    the last events
      step 2  its    INV deviceId=0x10 eventId=0x1
      step 2  its    SYNC rd=1
      step 2  nic/1  pci_msi_unmask_irq
      step 2  nic/1  its_set_affinity
      step 2  its    MOVI deviceId=0x10 eventId=0x1 icid=2
      step 2  its    SYNC rd=1
      step 3  nic    MSI nic/0: write 0x0 to 0x8000040
      step 3  CPU 2  INTID 8192: nic/0`);
});

describe('toMeet', () => {
  test('is a block of expectations, and fails for each that is not met', () => {
    const machine = ready();
    expect(machine).toMeet({ faults: 'none', interrupts: { 'nic/0': { cpu: 2 } } });
    const error = thrown(machine, 'toMeet', [
      { mappings: 'none', leaks: 'none', commands: ['INV'] },
    ]);
    expect(error?.message).toMatch(/should have no mappings[\s\S]*exactly these 1 commands/);
  });

  test('has no .not', () => {
    const error = thrown(ready(), 'toMeet', [{ faults: 'none' }], true);
    expect(error?.message).toContain('use the matcher of the one');
  });
});

describe('captures', () => {
  test('take their value once, and keep it', () => {
    const machine = ready();
    expect(machine).toHaveMessage('nic/0', { address: '$page + 0x40' });
    expect(machine).toHaveMapping('vm', { iova: '$page' });
    const error = thrown(machine, 'toHaveMapping', ['vm', { iova: '$page + 4K' }]);
    expect(error?.message).toContain('$page + 4K (0x8001000)');
  });

  test('are not bound by what is wrong or denied', () => {
    const machine = ready();
    expect(machine).not.toHaveMapping('vm', { iova: '$page', refs: 9 });
    expect(thrown(machine, 'toHaveMapping', ['vm', { iova: '$page', refs: 9 }])).toBeDefined();
    expect(thrown(machine, 'toHaveMapping', ['vm', { iova: '$page' }], true)).toBeDefined();
    expect(machine).toHaveMapping('vm', { iova: '$page - 4K' });
  });
});

describe('the whole run', () => {
  test('counts what all steps did', () => {
    const machine = moved().perform({ fire: 'nic/0' });
    expect(machine).toHaveDelivered('nic/0', { cpu: 1 });
    expect(machine.whole).toHaveDelivered('nic/0', [{ cpu: 1 }, { cpu: 2 }]);
    const error = thrown(machine.whole, 'toHaveDelivered', ['nic/0']);
    expect(error?.message).toContain('  so far   DB404\n  in the whole case, interrupts of nic/0');
    expect(machine).toHaveNoCommands();
    expect(machine.whole).toHaveCommands({ includes: ['MAPD', { MOVI: { icid: 1 } }] });
    expect(strayed().perform({ fire: 'nic/1' }).whole).toHaveFaulted({ device: 'nic' });
  });
});

describe('a silence', () => {
  const quiet = (): TestMachine =>
    openMachine({ topology: MACHINE, design: 'tracked' }).perform({
      attach: { device: 'nic', domain: 'vm' },
    });

  test.each([
    ['toHaveNoInterrupts', [], false],
    ['toHaveNoInterrupts', ['nic/0'], false],
    ['toHaveDelivered', ['nic/0', { count: 0 }], false],
    ['toHaveDelivered', ['nic/0'], true],
  ] as const)('%s(%j), not: %s, needs a control', (name, args, not) => {
    expect(thrown(quiet(), name, args, not)?.message).toContain(
      'the silence proves nothing   DB416',
    );
    expect(thrown(moved(), name, args, not)).toBeUndefined();
  });
});

describe('a wrong use', () => {
  test.each([
    ['toHaveMapping', ['vn', PAGE], 'no domain "vn"; did you mean "vm"?'],
    ['toHaveMapping', ['vm', { refz: 2 }], 'unknown key "refz"; did you mean "refs"?'],
    ['toHaveMapping', ['vm', {}], 'DB205'],
    ['toHaveMapping', ['vm', { refs: undefined }], 'refs is undefined'],
    ['toHaveMapping', ['vm', { refs: 1.5 }], '"1.5" does not belong here'],
    ['toHaveMapping', ['vm', { refs: -1 }], '"-1" does not belong here'],
    ['toHaveMapping', ['vm', { refs: '${n}' }], '${n} stands for nothing here'],
    ['toHaveMapping', ['vm', new Map()], 'neither a value nor a plain object'],
    ['toHaveMapping', ['vm'], 'the mapping is undefined'],
    ['toHaveMapping', ['vm', PAGE, 2], '3 arguments; it takes domain, mapping'],
    ['toHaveMappings', ['vm', []], 'DB205'],
    ['toHaveNoMappings', [undefined], 'the domain is undefined'],
    ['toHaveRefcount', ['vm', { refs: 1 }, 1], 'the mapping has refs already'],
    ['toHaveRefcount', ['vm', 'page', 1], 'the mapping is page; a mapping has fields'],
    ['toHaveMessage', ['nik/0', 'none'], 'no device "nik"; did you mean "nic"?'],
    ['toHaveMessage', ['nic/4', 'none'], 'no vector "nic/4": there is nic/0 to nic/3'],
    ['toHaveDelivered', ['nic/0', { cpus: 2 }], 'unknown key "cpus"; did you mean "cpu"?'],
    ['toHaveDelivered', ['nic', { cpu: 2 }], 'no vector "nic": there is nic/0 to nic/3'],
    ['toHaveFaulted', [{ name: 'F_TRANSLATON' }], 'did you mean "F_TRANSLATION"?'],
    ['toHaveCommand', ['MOVX'], 'did you mean'],
    ['toHaveFailed', ['ENOMEN'], 'did you mean "ENOMEM"?'],
    ['toMeet', [{}], 'DB205'],
    ['toMeet', [{ why: 'x' }], 'expects nothing'],
    ['toMeet', [{ design: 'tracked', faults: 'none' }], 'one design and no matrix'],
    ['toMeet', [{ mappings: {} }], 'DB205'],
  ] as const)('%s(%j) is an error, with .not too', (name, args, message) => {
    for (const not of name === 'toMeet' ? [false] : [false, true]) {
      const error = thrown(ready(), name, args, not);
      expect(error?.message).toContain(message);
      expect(error?.name).toBe('UsageError');
    }
  });

  test('of what is no machine', () => {
    for (const [value, what] of [
      [42, 'a number'],
      [null, 'null'],
      [Promise.resolve(), 'a promise'],
    ] as const)
      expect(thrown(value, 'toHaveNoLeaks', [])?.message).toContain(`expect() is given ${what}`);
  });

  test('before the first step, and of an error in the whole run', () => {
    const machine = openMachine({ topology: MACHINE, design: 'tracked' });
    expect(machine).toHaveWindow('vm', { pages: 256 });
    expect(thrown(machine, 'toHaveNoFaults', [])?.message).toContain('no step has been performed');
    expect(thrown(full().whole, 'toHaveSucceeded', [])?.message).toContain('not at machine.whole');
  });

  test('what cannot be seen is neither met nor denied', () => {
    const uncounted = ready('linux-5.2');
    for (const not of [false, true])
      expect(thrown(uncounted, 'toHaveRefcount', ['vm', PAGE, 2], not)?.message).toContain(
        'this cannot be seen: ',
      );
  });
});
