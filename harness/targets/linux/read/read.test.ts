/**
 * Readers of what a kernel and QEMU print: lines as they were recorded on 6.1 and 6.12 under QEMU
 * 7.2.
 */
import { describe, expect, test } from '@jest/globals';
import { parseInterrupts, vectorOfAction } from './interrupts.ts';
import { firstCry, parseSmmuEvents, warnings } from './kernel-log.ts';
import { parseHardwareEvent } from './qemu-trace.ts';
import { lostEvents, parseTraceLine } from './trace-line.ts';

const HEAD = '           agent-152     [000]      4.233338: ';

describe('tracefs', () => {
  test('iommu:map and iommu:unmap', () => {
    const map = `${HEAD}map: IOMMU: iova=0x0000000008000000 - 0x0000000008001000 paddr=0x0000000008090000 size=4096`;
    expect(parseTraceLine(map)).toEqual({
      cpu: 0,
      name: 'map',
      event: { kind: 'map', iova: 0x800_0000n, pa: 0x809_0000n, size: 4096n },
    });
    const unmap = `${HEAD}unmap: IOMMU: iova=0x0000000000100000 - 0x0000000000101000 size=4096 unmapped_size=4096`;
    expect(parseTraceLine(unmap)?.event).toEqual({ kind: 'unmap', iova: 0x10_0000n, size: 4096n });
  });

  test('the probe on iommu_map has the protection', () => {
    const line = `${HEAD}imap: (iommu_map+0x0/0xf8) iova=0x8000000 pa=0x8090000 size=0x1000 prot=0x1a`;
    expect(parseTraceLine(line)?.event).toEqual({
      kind: 'iommu-map',
      iova: 0x800_0000n,
      prot: 0x1a,
    });
  });

  test('a message as it was written, with and without its interrupt', () => {
    const line = `${HEAD}wmsi: (__pci_write_msi_msg+0x0/0x210) lo=0x8000040 hi=0x1 data=0x3`;
    expect(parseTraceLine(line)?.event).toEqual({
      kind: 'message',
      address: 0x1_0800_0040n,
      data: 3,
    });
    expect(parseTraceLine(`${line} irq=21`)?.event).toMatchObject({ irq: 21 });
  });

  test('flags between the CPU and the time, and a task with spaces and dashes in its name', () => {
    const line =
      ' kworker/u:2-event-7 [001] d..2. 4.233: imap: (iommu_map+0x0/0x40) iova=0x1000 pa=0x0 prot=0x1a';
    expect(parseTraceLine(line)).toEqual({
      cpu: 1,
      name: 'imap',
      event: { kind: 'iommu-map', iova: 0x1000n, prot: 0x1a },
    });
  });

  test('what is no event, and an event that nobody reads', () => {
    expect(parseTraceLine('# tracer: nop')).toBeUndefined();
    expect(parseTraceLine(`${HEAD}itsact: (its_irq_domain_activate+0x0/0x118)`)).toEqual({
      cpu: 0,
      name: 'itsact',
    });
  });

  test('an event of ours that has another form is an error, not a silence', () => {
    expect(() => parseTraceLine(`${HEAD}map: IOMMU: iova=0x1`)).toThrow(/does not parse.*iova=0x1/);
  });

  test('events that the ring buffer lost', () => {
    expect(lostEvents('CPU:1 [LOST 42 EVENTS]')).toBe(42);
    expect(lostEvents(`${HEAD}map: IOMMU`)).toBe(0);
  });
});

describe('/proc/interrupts', () => {
  const ITS =
    ' 24:          0          1  ITS-PCI-MSIX-0000:00:04.0   3 Edge      vfio-msix[3](0000:00:04.0)';
  const V2M = ' 28:          1          0       MSI 81920 Edge      vfio-msi[0](0000:00:05.0)';

  test('counts by CPU, the chip and the action, on ITS and GICv2m', () => {
    expect(parseInterrupts([ITS, V2M], [0, 1])).toEqual([
      {
        irq: 24,
        counts: new Map([
          [0, 0],
          [1, 1],
        ]),
        chip: 'ITS-PCI-MSIX-0000:00:04.0',
        action: 'vfio-msix[3](0000:00:04.0)',
      },
      {
        irq: 28,
        counts: new Map([
          [0, 1],
          [1, 0],
        ]),
        chip: 'MSI',
        action: 'vfio-msi[0](0000:00:05.0)',
      },
    ]);
  });

  test('with a CPU offline its column is gone', () => {
    const [line] = parseInterrupts([ITS], [0, 3]);
    expect([...(line?.counts ?? [])]).toEqual([
      [0, 0],
      [3, 1],
    ]);
  });

  test('the header, IPIs and errors are no interrupts', () => {
    const lines = [
      '           CPU0       CPU1',
      'IPI0:      12    14   Rescheduling interrupts',
      'Err:          0',
    ];
    expect(parseInterrupts(lines, [0, 1])).toEqual([]);
  });

  test('which vector an action is', () => {
    expect(vectorOfAction('vfio-msix[12](0000:00:04.0)')).toEqual({
      bdf: '0000:00:04.0',
      index: 12,
    });
    expect(vectorOfAction('vfio-msi[0](0000:00:05.0)')).toEqual({ bdf: '0000:00:05.0', index: 0 });
    expect(vectorOfAction('eth0-rx-0')).toBeUndefined();
  });
});

describe("QEMU's trace", () => {
  const ITS = 'GICv3 ITS: command';

  test.each([
    [
      `gicv3_its_cmd_mapd ${ITS} MAPD DeviceID 0x20 Size 0x1 ITT_addr 0x4823a0 V 1`,
      'MAPD',
      { deviceId: 0x20, size: 1, valid: true },
    ],
    [
      `gicv3_its_cmd_mapd ${ITS} MAPD DeviceID 0x20 Size 0x1 ITT_addr 0x4823da V 0`,
      'MAPD',
      { deviceId: 0x20, size: 1, valid: false },
    ],
    [
      `gicv3_its_cmd_mapti ${ITS} MAPTI DeviceID 0x20 EventID 0x1 ICID 0x1 pINTID 0x2001`,
      'MAPTI',
      { deviceId: 0x20, eventId: 1, icid: 1, intid: 8193 },
    ],
    [
      `gicv3_its_cmd_movi ${ITS} MOVI DeviceID 0x20 EventID 0x2 ICID 0x1`,
      'MOVI',
      { deviceId: 0x20, eventId: 2, icid: 1 },
    ],
    [`gicv3_its_cmd_sync ${ITS} SYNC`, 'SYNC', {}],
  ])('%s', (line, name, fields) => {
    expect(parseHardwareEvent(line)).toMatchObject({ kind: 'command', command: { name, fields } });
  });

  test('a translation, a fault and a write to the translater', () => {
    expect(
      parseHardwareEvent(
        'smmuv3_translate_success smmuv3-iommu-memory-region-32-1 sid=0x20 iova=0x8000040 translated=0x8090040 perm=0x3',
      ),
    ).toEqual({ kind: 'translation', streamId: 0x20, iova: 0x800_0040n, pa: 0x809_0040n, perm: 3 });
    expect(
      parseHardwareEvent('1234@1700000000.123456:smmuv3_record_event F_TRANSLATION sid=0x20'),
    ).toEqual({
      kind: 'fault',
      name: 'F_TRANSLATION',
      streamId: 0x20,
    });
    expect(
      parseHardwareEvent(
        'gicv3_its_translation_write GICv3 ITS TRANSLATER write: offset 0x40 data 0x2 size 4 requester_id 0x20',
      ),
    ).toEqual({ kind: 'msi', deviceId: 0x20, eventId: 2 });
  });

  test('an identity domain is a bypass', () => {
    const line =
      'smmuv3_translate_bypass smmuv3-iommu-memory-region-16-1 sid=0x10 STE bypass iova:0x8090040 is_write=1';
    expect(parseHardwareEvent(line)).toEqual({
      kind: 'bypass',
      streamId: 0x10,
      address: 0x809_0040n,
    });
  });

  test('other events are passed over; one of ours in another form is an error', () => {
    expect(parseHardwareEvent('smmuv3_cmdq_tlbi_nh_asid asid=1')).toBeUndefined();
    expect(() => parseHardwareEvent('smmuv3_translate_success x sid=0x20')).toThrow(/without iova/);
  });
});

describe('kernel log', () => {
  const event = (type: string, ...words: string[]): string[] => [
    `[    9.1] arm-smmu-v3 9050000.smmuv3: event ${type} received:`,
    ...words.map((word) => `[    9.1] arm-smmu-v3 9050000.smmuv3: \\x09${word}`),
  ];

  test('F_TRANSLATION with its address, C_BAD_STREAMID without', () => {
    const lines = [
      ...event(
        '0x10',
        '0x0000002000000010',
        '0x0000020000000000',
        '0x0000000008000040',
        '0x0000000000000000',
      ),
      'something else',
      ...event(
        '0x02',
        '0x0000002000000002',
        '0x0000000000000000',
        '0x0000000000000000',
        '0x0000000000000000',
      ),
    ];
    expect(parseSmmuEvents(lines)).toEqual([
      { name: 'F_TRANSLATION', streamId: 0x20, address: 0x800_0040n },
      { name: 'C_BAD_STREAMID', streamId: 0x20 },
    ]);
  });

  test('an event that is cut off is not there yet', () => {
    expect(parseSmmuEvents(event('0x10', '0x0000002000000010'))).toEqual([]);
  });

  test('a panic and an oops are cries, a warning is not', () => {
    expect(firstCry(['fine', '[  1.0] Kernel panic - not syncing: x'])).toMatch(/not syncing/);
    expect(firstCry(['[  1.0] Unable to handle kernel NULL pointer dereference'])).toBeDefined();
    expect(firstCry(['WARNING: CPU: 0 PID: 1 at x'])).toBeUndefined();
    expect(warnings(['WARNING: CPU: 0 PID: 1 at x', 'fine'])).toHaveLength(1);
  });
});
