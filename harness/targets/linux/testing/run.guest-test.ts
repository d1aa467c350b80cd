/** Guests that fail in the middle of `doorbell run`: what is reported, what goes on, what is left. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { processesWith, until } from './processes-of.ts';
import { type Ended, run, SPECS, tamperedPackage } from './run-command.ts';

const KERNEL = ['--kernel', '6.1', '--jobs', '1'];
const FAULTS = join(SPECS, 'faults.spec.yaml');

/** What the agent does when it is asked for so many vectors. */
const TAMPERED = `
	if (r->count == 5 && strcmp(r->word[0], "irqs") == 0) {
		if (strcmp(r->word[4], "3") == 0)
			write_file("/proc/sysrq-trigger", "c", 0);
		if (strcmp(r->word[4], "4") == 0)
			write_file("/dev/kmsg", "<0>Internal error: Oops: made by a test\\n", 0);
		while (strcmp(r->word[4], "5") == 0)
			sleep(1);
		if (strcmp(r->word[4], "6") == 0)
			dprintf(1, "%s", ""), text("%s", "fine"), ok("%s", ""), ok("%s", "too much");
		if (strcmp(r->word[4], "7") == 0)
			_exit(1);
	}
`;

let logs: string;
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'doorbell-run-'));
});
afterEach(() => {
  expect(processesWith(logs)).toEqual([]);
  rmSync(logs, { recursive: true, force: true });
});

/** Every ABORT names a folder with the guest's logs, and there is nothing else. */
function expectLogsOfAborted({ text, verdicts }: Ended): void {
  const aborted = verdicts.filter((verdict) => verdict.startsWith('ABORT')).length;
  const named = new Set([...text.matchAll(/logs: (\S+)/g)].map(([, folder = '']) => folder));
  expect(named.size).toBe(aborted);
  for (const folder of named) {
    for (const file of ['command', 'console', 'protocol'])
      expect(existsSync(join(folder, file))).toBe(true);
  }
  expect(readdirSync(logs).filter((name) => name.startsWith('doorbell-guest')).length).toBe(
    aborted,
  );
}

describe('an agent that was tampered with', () => {
  let tampered: ReturnType<typeof tamperedPackage>;
  beforeAll(() => {
    tampered = tamperedPackage(TAMPERED);
  });
  afterAll(() => tampered.remove());

  test('panic, oops, hang, nonsense, an agent that ends: each aborts its case, and the next has a new guest', async () => {
    const ended = await run(logs, [...KERNEL, FAULTS], tampered.root).ended;
    expect(ended.verdicts).toEqual([
      'PASS vectors=1',
      'ABORT vectors=3',
      'ABORT vectors=4',
      'ABORT vectors=5',
      'ABORT vectors=6',
      'ABORT vectors=7',
      'PASS vectors=2',
    ]);
    expect(ended.code).toBe(3);
    const { text } = ended;
    expect(text).toContain('Kernel panic - not syncing: sysrq triggered crash');
    expect(text).toMatch(/the kernel (says|cries): .*Internal error: Oops: made by a test/);
    expect(text).toContain('no answer to `irqs 0000:00:02.0 msix 0 5` within 15 s');
    // Whether the next request was out by then or not.
    expect(text).toMatch(
      /the agent said what (nobody asked|is no answer to \d+ \w+): ok \d+ too much\)$/m,
    );
    expect(text).toContain('Attempted to kill init');
    expect(text).toMatch(/console: .*\n/);
    expectLogsOfAborted(ended);
  });
});

describe('from outside', () => {
  test('QEMU is killed: ABORT, and the others go on', async () => {
    const running = run(logs, [...KERNEL, FAULTS]);
    await running.asked(/irqs .* 0 3$/m);
    for (const pid of running.guests()) process.kill(pid, 'SIGKILL');
    // In the middle of a case or while it is closed.
    const ended = await running.ended;
    expect(ended.code).toBe(3);
    expect(ended.verdicts.length).toBe(7);
    expect(ended.verdicts.filter((verdict) => verdict.startsWith('ABORT')).length).toBe(1);
    expect(ended.text).toContain('QEMU was ended by SIGKILL');
    expectLogsOfAborted(ended);
  });

  test('a guest that boots too slowly is tried twice, not seven times', async () => {
    const ended = await run(logs, [...KERNEL, '--boot-timeout', '0.2', FAULTS]).ended;
    // Guests were seen to boot within a second.
    expect(ended.verdicts).toEqual([1, 3, 4, 5, 6, 7, 2].map((n) => `ABORT vectors=${n}`));
    expect(ended.text.match(/is not tried again/g)?.length).toBeGreaterThanOrEqual(5);
    expect(ended.text).toContain('no agent within 0.2 s');
    expect(ended.code).toBe(3);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s in a case: its summary, and nothing is left', async (signal, code) => {
    const running = run(logs, [...KERNEL, FAULTS]);
    await running.asked(/irqs/);
    running.kill(signal);
    const ended = await running.ended;
    expect(ended.code).toBe(code);
    expect(ended.verdicts.length).toBeLessThan(7);
    expect(readdirSync(logs).filter((name) => name.startsWith('doorbell-guest'))).toEqual([]);
  });

  test('SIGKILL of Doorbell takes QEMU with it', async () => {
    const running = run(logs, [...KERNEL, FAULTS]);
    await running.asked(/irqs/);
    running.kill('SIGKILL');
    await running.ended;
    await until(() => running.guests().length === 0, 5000);
    expect(running.guests()).toEqual([]);
  });
});

/** A small file system needs root to be mounted. */
(process.getuid?.() === 0 ? test : test.skip)('a full disk', async () => {
  const small = join(logs, 'small');
  spawnSync('mkdir', [small]);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', small]).status).toBe(0);
  try {
    const running = run(small, [...KERNEL, FAULTS]);
    await running.asked(/bind/);
    spawnSync('dd', ['if=/dev/zero', `of=${small}/fill`, 'bs=4k']);
    const ended = await running.ended;
    expect(ended.code).toBe(3);
    expect(ended.verdicts.at(-1)).toBe('ABORT vectors=2');
    expect(ended.text).toMatch(/the logs cannot be written: ENOSPC/);
    expect(ended.text).toContain('no room for logs');
  } finally {
    spawnSync('umount', [small]);
  }
});

test('logs of a case are the same, byte for byte, in another run and in another order', async () => {
  // Not a network card under its kernel driver: the watchdog of e1000e raises the receive vector when it likes.
  const specs = ['faults', '../../../../../specs/linux/dma-faults'];
  const args = [
    ...KERNEL,
    '--grep',
    'controller=its|vectors=[12]',
    ...specs.map((name) => join(SPECS, `${name}.spec.yaml`)),
  ];
  const read = (folder: string): ReadonlyMap<string, string> =>
    new Map(
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\/(command|console|protocol|trace)$/.test(name))
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  const [a, b] = ['a', 'b'].map((name) => join(logs, name)) as [string, string];
  expect((await run(logs, [...args, '--keep', a]).ended).code).toBe(0);
  expect((await run(logs, [...args, '--keep', b, '--seed', '3']).ended).code).toBe(0);
  const [first, second] = [read(join(a, 'cases')), read(join(b, 'cases'))];
  expect(first.size).toBe(4 * 4);
  for (const [name, text] of first) expect([name, second.get(name)]).toEqual([name, text]);
  expect([...first.values()].filter((text) => text === '').length).toBeLessThan(first.size / 2);
  expect(readdirSync(join(a, 'guests')).length).toBeGreaterThan(0);
});
