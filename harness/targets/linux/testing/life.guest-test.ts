/** How guests end: each way is caused, and afterwards nothing of the guest is left but the logs that tell of it. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import { RUN_EXAMPLES } from '../../../errors/run-examples.ts';
import { type Guest, GuestError, type GuestImage } from '../guest.ts';
import { CROSS_COMPILER } from '../image/agent-build.ts';
import { cacheFolder } from '../image/cache.ts';
import { prepareImage } from '../image/prepare.ts';
import { launch, type LaunchOptions } from '../qemu/launch.ts';
import type { QemuMachine } from '../qemu/machine.ts';
import { processesWith, until } from './processes-of.ts';

const ROOT = join(__dirname, '../../../..');
const machine: QemuMachine = { cpus: 1, msi: 'its', smmu: false, ports: [], devices: [] };

let image: GuestImage;
let logs: string;

beforeAll(async () => {
  image = await prepareImage({ kernel: '6.1', from: __dirname });
});
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'doorbell-life-'));
});
afterEach(() => {
  expect(processesWith(logs)).toEqual([]);
  rmSync(logs, { recursive: true, force: true });
});

const boot = (more: Partial<LaunchOptions> = {}): Promise<Guest> =>
  launch({ image, machine, logs, ...more });

async function failureOf(work: Promise<unknown>): Promise<GuestError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GuestError)) throw new Error(`no GuestError but ${String(error)}`);
  expect(existsSync(join(error.folder, 'command'))).toBe(true);
  return error;
}

/** In a guest that runs: the failure of what is asked, and of all that is asked later. */
async function dies(guest: Guest, work: Promise<unknown>): Promise<GuestError> {
  const error = await failureOf(work);
  expect(await failureOf(guest.request('ping'))).toBe(error);
  await guest.close();
  await guest.close();
  return error;
}

describe('a guest that boots', () => {
  test('answers, and leaves nothing when it is closed', async () => {
    const guest = await boot();
    expect(await guest.request('ping')).toEqual({ lines: [], errno: 0, text: '' });
    expect(guest.release).toMatch(/^6\.1\./);
    expect([...guest.refusedProbes]).toEqual([]);
    expect(processesWith(logs).length).toBeGreaterThan(0);
    await guest.close();
    expect(readdirSync(logs)).toEqual([]);
  });
});

describe('a guest that does not boot', () => {
  test('no kernel: what QEMU said', async () => {
    const error = await failureOf(boot({ image: { ...image, kernel: '/nonexistent' } }));
    expect(error.failure).toBe('start');
    expect(error.message).toContain('/nonexistent');
  });

  test('a kernel without an init panics, and the panic is the reason', async () => {
    const empty = join(logs, 'empty.cpio');
    writeFileSync(empty, '');
    const error = await failureOf(boot({ image: { ...image, initramfs: empty } }));
    expect(error.failure).toBe('panic');
    expect(error.message).toContain('Kernel panic');
    expect(error.tail.length).toBeGreaterThan(5);
  });

  test('one that is too slow', async () => {
    expect((await failureOf(boot({ bootMs: 200 }))).failure).toBe('boot-deadline');
  });
});

describe('a guest that dies', () => {
  test('panic', async () => {
    const guest = await boot();
    // Asked in one go: what was answered before the kernel died has come.
    const before = [guest.request('get /proc/version'), guest.request('counts')];
    const error = await dies(guest, guest.request('put /proc/sysrq-trigger c'));
    for (const answer of before) expect(await answer).toMatchObject({ errno: 0 });
    expect(readFileSync(join(error.folder, 'protocol'), 'latin1')).toMatch(/^< \| Linux version/m);
    expect(error.failure).toBe('panic');
    expect(error.tail.join('\n')).toContain('sysrq triggered crash');
  });

  test('an oops of which the agent knows nothing', async () => {
    const guest = await boot();
    // Seen with the answer to this request, or while the next one waits.
    const waiting = guest
      .request('sh echo "<0>Internal error: Oops: made by a test" > /dev/kmsg')
      .then(() => guest.request('sleep 5000'));
    expect((await dies(guest, waiting)).failure).toBe('oops');
  });

  test('hung: nothing answers any more', async () => {
    const guest = await boot({ requestMs: 1500 });
    for (const pid of processesWith(guest.logs.folder)) process.kill(pid, 'SIGSTOP');
    expect((await dies(guest, guest.request('ping'))).failure).toBe('hung');
  });

  test('QEMU is killed', async () => {
    const guest = await boot();
    const waiting = guest.request('sleep 9000');
    for (const pid of processesWith(guest.logs.folder)) process.kill(pid, 'SIGKILL');
    const error = await dies(guest, waiting);
    expect([error.failure, error.message]).toEqual(['killed', expect.stringContaining('SIGKILL')]);
  });

  test('it is interrupted while it boots, and its logs with it', async () => {
    const stop = new AbortController();
    const booting = boot({ signal: stop.signal }).catch((reason: unknown) => reason);
    await until(() => processesWith(logs).length > 0, 10_000);
    stop.abort();
    expect(await booting).toMatchObject({ failure: 'interrupted' });
    expect(readdirSync(logs)).toEqual([]);
  });
});

/** A small file system needs root to be mounted. */
(process.getuid?.() === 0 ? describe : describe.skip)('a full disk', () => {
  const small = mkdtempSync(join(tmpdir(), 'doorbell-small-'));
  afterAll(() => {
    spawnSync('umount', [small]);
    rmSync(small, { recursive: true });
  });

  test('is found at the next request', async () => {
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', small]).status).toBe(0);
    const guest = await boot({ logs: small });
    spawnSync('dd', ['if=/dev/zero', `of=${small}/fill`, 'bs=64k']);
    const work = (async () => {
      for (let i = 0; i < 1000; i++) await guest.request('ping');
    })();
    const error = await dies(guest, work);
    expect([error.failure, error.message]).toEqual([
      'disk-full',
      expect.stringContaining('ENOSPC'),
    ]);
    expect((await failureOf(boot({ logs: small })).catch(() => undefined))?.failure).not.toBe(
      'start',
    );
  });
});

describe('the command', () => {
  const run = (): ReturnType<typeof spawn> =>
    spawn(process.execPath, [join(ROOT, 'dist/cli.js'), 'linux', 'boot', '--kernel', '6.1'], {
      env: { ...process.env, TMPDIR: logs },
      stdio: 'ignore',
    });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('%s while it boots: QEMU goes too', async (signal, code) => {
    const child = run();
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await until(() => processesWith(`${logs}/doorbell-guest`).length > 0, 20_000);
    expect(processesWith(`${logs}/doorbell-guest`).length).toBeGreaterThan(0);
    child.kill(signal);
    expect(await ended).toBe(code);
    await until(() => processesWith(logs).length === 0, 5000);
    expect(processesWith(logs)).toEqual([]);
    // Nobody can tidy up after SIGKILL.
    if (code !== null) expect(readdirSync(logs)).toEqual([]);
  });

  test('the example of DB712: the console line by line, and where the logs are', () => {
    const words = ['linux', 'boot', '--kernel', '6.12', '--append', 'rdinit=/no-such-init'];
    expect(RUN_EXAMPLES.DB712).toEqual({
      command: `doorbell ${words.join(' ').replace(/rdinit.*/, "'$&'")}`,
    });
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/cli.js'), ...words], {
      env: { ...process.env, TMPDIR: logs, NO_COLOR: '1' },
      encoding: 'utf8',
    });
    expect(status).toBe(3);
    expect(stderr).toMatch(/^DB712 {2}.*panic/);
    expect(stderr).toMatch(/hint: the logs are in \S+\n/);
    expect(stderr).toMatch(/\n {2}console: .*Kernel panic.*\n/);
    expect(stderr).not.toContain('\\x0a');
  });

  test('what --dry-run prints is what a shell takes', () => {
    const cli = [join(ROOT, 'dist/cli.js'), 'linux', 'boot', '--dry-run', '--device', 'rocker@2'];
    const { stdout } = spawnSync(process.execPath, cli, { encoding: 'utf8' });
    // The shell cuts it into words; QEMU takes them and would start.
    const pasted = `${stdout.trim()} -S -monitor none`;
    const { status, stderr } = spawnSync('timeout', ['2', 'sh', '-c', pasted], {
      cwd: logs,
      encoding: 'utf8',
      input: '',
    });
    expect([status, stderr.replace(/^.*has no peer\n/gm, '')]).toEqual([
      124,
      expect.not.stringContaining('qemu-system-aarch64: -'),
    ]);
  });

  test('set-up that is interrupted leaves nothing half made, and no compiler', async () => {
    const cache = join(logs, 'doorbell/linux');
    mkdirSync(join(cache, 'packages'), { recursive: true });
    symlinkSync(
      join(cacheFolder(), 'packages/busybox-static'),
      join(cache, 'packages/busybox-static'),
    );
    const compiler = join(logs, 'bin', CROSS_COMPILER);
    mkdirSync(join(logs, 'bin'));
    writeFileSync(
      compiler,
      `#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done; echo > "$2"; exec sleep 7656\n`,
      { mode: 0o755 },
    );
    const child = spawn(
      process.execPath,
      [join(ROOT, 'dist/cli.js'), 'linux', 'setup', '--kernel', image.kernel],
      {
        env: {
          ...process.env,
          XDG_CACHE_HOME: logs,
          PATH: `${join(logs, 'bin')}:${process.env['PATH']}`,
        },
        stdio: 'ignore',
      },
    );
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const partials = (): readonly string[] =>
      existsSync(join(cache, 'agent')) ? readdirSync(join(cache, 'agent')) : [];
    await until(() => partials().length > 0, 20_000);
    expect(partials().length).toBe(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    await until(() => processesWith('sleep\x007656').length === 0, 5000);
    expect(processesWith('sleep\x007656')).toEqual([]);
    expect(partials()).toEqual([]);
  });
});
