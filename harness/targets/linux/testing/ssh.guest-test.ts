/**
 * `--target ssh:HOST`: the agent behind a command. Once a real sshd on the loopback and the agent for this machine, once a
 * guest behind a command that takes what ssh takes.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Case } from '../../../spec/case.ts';
import { includeCache, loadSpec } from '../../../spec/load.ts';
import { runCase } from '../../../run/run-case.ts';
import type { Verdict } from '../../../run/events.ts';
import { BoardGuest } from '../board/board-guest.ts';
import { boardGuests } from '../board/board-guests.ts';
import { GuestError } from '../guest.ts';
import { agentSource, buildAgent } from '../image/agent-build.ts';
import { cacheFolder } from '../image/cache.ts';
import { prepareImage } from '../image/prepare.ts';
import { LinuxTarget } from '../linux-target.ts';
import { commandLine, shellText } from '../qemu/command-line.ts';
import { processesWith, until } from './processes-of.ts';

let folder: string;
let here: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-ssh-'));
  here = await buildAgent(agentSource(__dirname), folder, 'gcc');
});
afterAll(() => rmSync(folder, { recursive: true }));

const agentsLeft = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('doorbell-agent.'));

describe('over a real sshd', () => {
  let sshd: ChildProcess;
  let ssh: readonly string[];

  beforeAll(async () => {
    const port = await freePort();
    const key = join(folder, 'key');
    for (const file of [key, join(folder, 'host')])
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    writeFileSync(
      join(folder, 'sshd_config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${join(folder, 'host')}`,
        `AuthorizedKeysFile ${key}.pub`,
        `PidFile none`,
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
      ].join('\n'),
    );
    // sshd re-executes itself and wants its full path.
    sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: 'ignore',
    });
    ssh = [
      ...['ssh', '-T', '-F', '/dev/null', '-p', String(port), '-i', key],
      ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR'],
      ...['-o', `UserKnownHostsFile=${join(folder, 'known')}`, '127.0.0.1'],
    ];
    await until(() => spawnSync(ssh[0] ?? '', [...ssh.slice(1), 'true']).status === 0, 10_000);
  });
  afterAll(() => void sshd.kill());

  test('the agent is sent, answers, and is gone afterwards', async () => {
    const before = agentsLeft();
    const board = await BoardGuest.connect({ command: ssh, agent: here });
    expect(board.release).toBe(spawnSync('uname', ['-r']).stdout.toString().trim());
    expect((await board.request('sh echo $SSH_CONNECTION')).lines[0]).toMatch(/^127\.0\.0\.1 /);
    await board.close();
    expect(agentsLeft()).toEqual(before);
    expect(existsSync(board.logs.folder)).toBe(false);
  });

  test('a connection that breaks ends every request with its reason', async () => {
    const board = await BoardGuest.connect({ command: ssh, agent: here });
    const waits = board.request('sleep 9000');
    const shells = processesWith('doorbell-agent.');
    expect(shells.length).toBeGreaterThan(0);
    spawnSync('kill', ['-9', ...shells.map(String)]);
    await expect(waits).rejects.toMatchObject({ failure: 'killed' });
    await expect(board.request('ping')).rejects.toBeInstanceOf(GuestError);
    await board.close();
    rmSync(board.logs.folder, { recursive: true });
    for (const name of agentsLeft()) rmSync(join(tmpdir(), name));
  });
});

describe('what does not work says so', () => {
  test('a host that refuses, and a program that is no agent', async () => {
    const refuses = ['sh', '-c', 'echo Permission denied >&2; exit 255', 'sh'];
    await expect(BoardGuest.connect({ command: refuses, agent: here })).rejects.toMatchObject({
      failure: 'start',
      message: expect.stringMatching(/255: Permission denied/),
    });
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, '#!/bin/sh\necho no agent\n');
    await expect(BoardGuest.connect({ command: ['sh', '-c'], agent: wrong })).rejects.toMatchObject(
      { failure: 'start' },
    );
    expect(agentsLeft()).toEqual([]);
  });
});

describe('a guest behind a command', () => {
  let target: LinuxTarget;

  beforeAll(async () => {
    const image = await prepareImage({ kernel: '6.12', from: __dirname });
    const machine = {
      cpus: 4,
      msi: 'its' as const,
      smmu: true,
      ports: [],
      devices: [2, 3].map((slot) => ({
        name: `r${slot}`,
        kind: 'rocker' as const,
        slot,
        vectors: 16,
      })),
    };
    const command = commandLine({
      image,
      machine,
      console: join(folder, 'console'),
      trace: join(folder, 'trace'),
      append: 'iomem=relaxed ipv6.disable=1',
    });
    // As a board's shell would, it takes the program first; the guest has its own.
    const shim = join(folder, 'shim');
    writeFileSync(
      shim,
      `#!/bin/sh\nn=$(printf %s "$1" | sed -n 's/.*head -c \\([0-9]*\\) .*/\\1/p')\nhead -c $n >/dev/null\nexec ${shellText(command)}\n`,
    );
    chmodSync(shim, 0o700);
    const agent = await buildAgent(agentSource(__dirname), cacheFolder());
    target = new LinuxTarget({
      guests: await boardGuests({ command: [shim], agent, connectMs: 60_000 }),
      most: 1,
      notice: () => undefined,
    });
  });
  afterAll(() => target.close());

  const verdictOf = (file: string, which: (spec: Case) => boolean): Promise<Verdict> => {
    const spec = loadSpec(resolve(file), { root: process.cwd(), cache: includeCache() }).cases.find(
      which,
    );
    if (spec === undefined) throw new Error(`no such case in ${file}`);
    return runCase(spec, target, { verbose: false, now: () => 0, onStep: () => undefined });
  };
  const of =
    (controller: string) =>
    ({ point, kernel }: Case): boolean =>
      point['controller'] === controller && (kernel?.version ?? '6.12') === '6.12';

  test('cases run there; what only QEMU tells is unobservable', async () => {
    const file = 'specs/linux/set-irqs-grows.spec.yaml';
    expect(await verdictOf(file, of('its'))).toMatchObject({ status: 'PASS', failures: [] });
    const commands = await verdictOf('specs/linux/cpus-come-and-go.spec.yaml', of('its'));
    expect(commands).toMatchObject({ status: 'PASS', failures: [] });
    expect(commands.unobservable.map(({ reason }) => reason)).toContain(
      'nobody tells what the hardware of a board did',
    );
    const outlived = await verdictOf(
      'specs/linux/vfio-sharing.spec.yaml',
      (spec) => of('its')(spec) && spec.point['second'] === 'vm2',
    );
    expect(outlived).toMatchObject({
      status: 'SKIP',
      reason: expect.stringMatching(/a board has none to spare/),
    });
  });

  test('a topology that the board is not is skipped with what it is', async () => {
    const verdict = await verdictOf('specs/linux/set-irqs-grows.spec.yaml', of('v2m'));
    expect(verdict).toMatchObject({
      status: 'SKIP',
      reason: 'v2m is a gicv2m; the board has gicv3-its',
    });
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
