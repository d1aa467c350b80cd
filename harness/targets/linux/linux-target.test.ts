/** The life of guests from case to case, with guests that are none. */
import { describe, expect, test } from '@jest/globals';
import type { Case } from '../../spec/case.ts';
import type { RunEvent, Verdict } from '../../run/events.ts';
import { requestOf } from '../../run/run-case.ts';
import { runSpecs } from '../../run/runner.ts';
import { casesOf } from '../../testing/samples.ts';
import type { CaseLog } from './case-log.ts';
import { LinuxTarget, type LinuxTargetOptions } from './linux-target.ts';
import { type FakeGuest, fakeGuests } from './testing/fake-guest.ts';

const SPEC = `
title: A sample
topology:
  cpus: "\${cpus}"
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000, event-id-bits: 16, device-id-bits: 16, lpis: 8192 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K, stream-id-bits: 16, stream-table: two-level }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 16, msi-parent: its, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: sw-msi }
matrix: { cpus: [2, 4], n: [1, 2, 3] }
designs: [linux-5.2]
steps:
  - attach: { device: nic, domain: vm }
    expect: { mappings: { vm: none } }
`;

const cases: readonly Case[] = casesOf(SPEC);

interface Run {
  readonly verdicts: readonly Verdict[];
  readonly warnings: readonly string[];
  readonly logs: ReadonlyMap<string, CaseLog>;
  readonly exitCode: number;
}

async function runAll(
  guests: LinuxTargetOptions['guests'],
  options: { readonly signal?: AbortSignal; readonly most?: number } = {},
): Promise<Run> {
  const logs = new Map<string, CaseLog>();
  const { signal, most = 1 } = options;
  const target = new LinuxTarget({
    guests,
    most,
    notice: () => {},
    log: (id, log) => logs.set(id, log),
    ...(signal === undefined ? {} : { signal }),
  });
  const events: RunEvent[] = [];
  const summary = await runSpecs({
    files: ['a.spec.yaml'],
    load: () => ({ cases, diagnostics: [] }),
    target,
    reporters: [{ on: (event) => void events.push(event), close: () => Promise.resolve() }],
    ...(signal === undefined ? {} : { signal }),
  });
  await target.close();
  return {
    verdicts: events.flatMap((event) => (event.type === 'case-end' ? [event.verdict] : [])),
    warnings: events.flatMap((event) =>
      event.type === 'diagnostic' ? [`${event.diagnostic.code} ${event.diagnostic.message}`] : [],
    ),
    logs,
    exitCode: summary.exitCode,
  };
}

const statuses = ({ verdicts }: Run): readonly string[] => verdicts.map(({ status }) => status);

describe('one boot for the cases of a machine', () => {
  test('six cases of two machines, and every guest is closed', async () => {
    const guests = fakeGuests();
    const run = await runAll(guests);
    expect(statuses(run)).toEqual(Array.from({ length: 6 }, () => 'PASS'));
    expect(run.verdicts.map((verdict) => verdict.case.id)).toEqual(cases.map(({ id }) => id));
    expect(guests.booted.map(({ closed }) => closed)).toEqual([true, true]);
    expect(run.warnings).toEqual([]);
  });

  test('a case begins alike in a new guest and in one that had others', async () => {
    const { logs } = await runAll(fakeGuests());
    const [first, ...others] = cases.slice(0, 3).map(({ id }) => logs.get(id)?.protocol);
    expect(first?.length).toBeGreaterThan(5);
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('a case that leaves something behind', () => {
  const leaving =
    (line: string) =>
    (guest: FakeGuest, number: number): void => {
      if (number > 1) return;
      guest.answer = (command) => {
        if (command.startsWith('gclose')) guest.leftovers.push(line);
        return undefined;
      };
    };

  test.each([
    ['fd /dev/vfio/0', 'a descriptor of VFIO'],
    ['irq 21:  0  0 ITS-MSI vfio-msix[0](0000:00:02.0)', 'an interrupt'],
    ['fd anon_inode:[eventfd]', 'an eventfd'],
    ['group 0 identity', 'the type of a group'],
  ])('%s: a new guest, and the report says so', async (line, what) => {
    const guests = fakeGuests(leaving(line));
    const run = await runAll(guests);
    expect(statuses(run)).toEqual(Array.from({ length: 6 }, () => 'PASS'));
    expect(guests.booted.length).toBe(3);
    expect(run.warnings).toEqual([expect.stringContaining(`DB502 ${what}`)]);
    expect(run.exitCode).toBe(0);
  });

  test('a mapping', async () => {
    const guests = fakeGuests((guest, number) => {
      if (number > 1) return;
      guest.answer = (command) =>
        command === 'trace' && guest.transcript.filter((each) => each === '> trace').length === 2
          ? {
              lines: [
                ' agent-1 [000] ..... 1.5: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x40000000 size=4096',
              ],
              errno: 0,
              text: '',
            }
          : undefined;
    });
    const run = await runAll(guests);
    expect(run.warnings).toEqual([expect.stringContaining('DB502 4096 bytes are still mapped')]);
    expect(guests.booted.length).toBe(3);
  });
});

describe('a guest that fails', () => {
  test('in a case: ABORT for it, the others in a new guest, exit code 3', async () => {
    const guests = fakeGuests((guest, number) => {
      guest.answer = (command) =>
        number === 1 && command.startsWith('dopen') ? new Error('QEMU was ended') : undefined;
    });
    const run = await runAll(guests);
    expect(statuses(run)).toEqual(['ABORT', 'PASS', 'PASS', 'PASS', 'PASS', 'PASS']);
    expect(run.verdicts[0]?.reason).toBe('QEMU was ended');
    expect(guests.booted.map(({ closed }) => closed)).toEqual([true, true, true]);
    expect([run.exitCode, run.logs.size]).toEqual([3, 6]);
  });

  test('while it is closed: an ABORT too', async () => {
    const guests = fakeGuests((guest, number) => {
      guest.answer = (command) =>
        number === 1 && command.startsWith('gclose') ? new Error('the kernel panicked') : undefined;
    });
    const run = await runAll(guests);
    expect(statuses(run)).toEqual(['ABORT', 'PASS', 'PASS', 'PASS', 'PASS', 'PASS']);
    expect(run.verdicts[0]?.reason).toBe('while all was closed: the kernel panicked');
    expect(run.exitCode).toBe(3);
  });

  test('a kernel that refuses to clean: the verdict stands, the next case has a new guest', async () => {
    const guests = fakeGuests((guest, number) => {
      guest.answer = (command) =>
        number === 1 && command.startsWith('gclose')
          ? { lines: [], errno: 16, text: 'close' }
          : undefined;
    });
    const run = await runAll(guests);
    expect(statuses(run)).toEqual(Array.from({ length: 6 }, () => 'PASS'));
    expect(run.warnings).toEqual([
      expect.stringMatching(/it could not be cleaned: the guest refused `gclose .*EBUSY/),
    ]);
  });

  test('one that never boots is tried twice, and the cases of other machines run', async () => {
    let failed = 0;
    const all = fakeGuests();
    const guests = {
      ...all,
      boot: (plan: Parameters<typeof all.boot>[0]) => {
        if (plan.topology.cpus !== 2) return all.boot(plan);
        failed++;
        return Promise.reject(new Error('it panics'));
      },
    };
    const run = await runAll(guests);
    expect([failed, ...statuses(run)]).toEqual([
      2,
      'ABORT',
      'ABORT',
      'ABORT',
      'PASS',
      'PASS',
      'PASS',
    ]);
    expect(run.exitCode).toBe(3);
  });
});

test('interrupted: the case that ran is aborted, those that waited are not told of', async () => {
  const stop = new AbortController();
  const guests = fakeGuests((guest) => {
    guest.answer = (command) => {
      if (command.startsWith('irqs') || !command.startsWith('gopen 0000:00:02.0')) return undefined;
      stop.abort('SIGINT');
      return new Error('the guest was ended by a signal');
    };
  });
  const run = await runAll(guests, { signal: stop.signal });
  expect(run.verdicts.filter(({ status }) => status !== 'ABORT')).toEqual([]);
  expect(run.verdicts.length).toBeLessThanOrEqual(1);
  expect(guests.booted.every(({ closed }) => closed)).toBe(true);
  expect(run.exitCode).toBe(130);
});

test('a device that the kernel did not give to VFIO is set up by nobody, and that is no bug of ours', async () => {
  const [spec] = casesOf(`${SPEC}  - setup: { device: nic, vectors: 1 }\n`);
  if (spec === undefined) throw new Error('no case');
  const guests = fakeGuests((guest) => {
    guest.answer = (command) =>
      command.startsWith('gopen 0000:00:02.0')
        ? { lines: [], errno: 22, text: 'VFIO_GROUP_SET_CONTAINER' }
        : undefined;
  });
  const target = new LinuxTarget({ guests, most: 1, notice: () => {} });
  const machine = await target.open(requestOf(spec));
  if ('unsupported' in machine) throw new Error(machine.unsupported);
  const [attach, setup] = spec.steps.map(({ operation }) => operation);
  if (attach === undefined || setup === undefined) throw new Error('two steps');
  expect((await machine.perform(attach)).error).toBe('EINVAL');
  await expect(async () => machine.perform(setup)).rejects.toThrow(
    /^nic is not VFIO's, as its attach was refused/,
  );
  await target.close();
});
