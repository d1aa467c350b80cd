/**
 * A guest in a QEMU of its own: the agent's channel is QEMU's standard input and output, the console and the
 * trace are files in a folder that goes with the guest.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from './agent.ts';
import { GuestDied, type GuestMaker, type RunningGuest } from './guest-port.ts';
import type { CasePlan } from './plan.ts';
import { keeperAddresses, machineArguments } from './virt-machine.ts';

export interface GuestFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** uname -r of the kernel. */
  readonly release: string;
}

const QEMU = 'qemu-system-aarch64';
const BOOT_DEADLINE_MS = 60_000;
const REQUEST_DEADLINE_MS = 30_000;
const CONSOLE_TAIL = 20;
const MOST_BUFFERED = 4_000_000;
/** sysfs BARs can be mapped whoever owns them; IPv6 would make a network device send by itself. */
const COMMAND_LINE = 'console=ttyAMA0 quiet panic=-1 oops=panic iomem=relaxed ipv6.disable=1';
const TRACES = [
  'gicv3_its_cmd_*',
  'gicv3_its_translation_write',
  'smmuv3_translate_*',
  'smmuv3_record_event',
];

export function qemuGuests(files: GuestFiles): GuestMaker {
  return {
    release: files.release,
    key: (plan) => machineArguments(plan).join(' '),
    keepers: keeperAddresses,
    boot: (plan) => QemuGuest.boot(files, plan),
  };
}

interface Waiting {
  readonly command: string;
  readonly lines: string[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

class QemuGuest implements RunningGuest {
  readonly transcript: string[] = [];
  readonly release: string;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly ended: Promise<void>;
  private readonly trace: FollowedFile;
  private waiting: Waiting | undefined;
  private buffer = '';
  private stderr = '';
  private end: string | undefined;
  private onReady: () => void = () => undefined;

  private constructor(files: GuestFiles, plan: CasePlan) {
    this.release = files.release;
    this.folder = mkdtempSync(join(tmpdir(), 'doorbell-guest-'));
    const args = qemuArguments(files, plan, this.folder);
    this.transcript.push(`$ ${QEMU} ${args.join(' ')}`);
    this.trace = new FollowedFile(join(this.folder, 'trace'));
    this.child = spawn(QEMU, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      const finish = (why: string): void => {
        this.end ??= why;
        this.fail(this.death());
        resolve();
      };
      this.child.once('error', (error) => finish(`QEMU cannot be started: ${error.message}`));
      this.child.once('exit', (code, signal) => finish(`QEMU ended (${signal ?? `code ${code}`})`));
    });
    this.child.stdin?.on('error', () => undefined);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.receive(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-2000);
    });
  }

  static async boot(files: GuestFiles, plan: CasePlan): Promise<QemuGuest> {
    const guest = new QemuGuest(files, plan);
    try {
      const ready = new Promise<void>((resolve) => (guest.onReady = resolve));
      await within(BOOT_DEADLINE_MS, Promise.race([ready, guest.ended]));
      if (guest.end !== undefined) throw guest.death();
      return guest;
    } catch (error) {
      guest.end ??= error instanceof Error ? error.message : String(error);
      const death = guest.death('the guest did not boot: ');
      await guest.close();
      throw death;
    }
  }

  alive(): boolean {
    return this.end === undefined;
  }

  async request(command: string): Promise<Answer> {
    if (this.end !== undefined) throw this.death();
    if (this.waiting !== undefined) throw new TypeError('one request at a time');
    if (/[\n\r]/.test(command)) throw new TypeError('a request is one line');
    this.transcript.push(`> ${command}`);
    const answer = new Promise<Answer>((resolve, reject) => {
      this.waiting = { command, lines: [], resolve, reject };
    });
    this.child.stdin?.write(`${command}\n`);
    try {
      return await within(REQUEST_DEADLINE_MS, answer);
    } catch (error) {
      this.waiting = undefined;
      this.end ??= `no answer to \`${command}\`: ${error instanceof Error ? error.message : ''}`;
      throw this.death();
    }
  }

  hardware(): Promise<readonly string[]> {
    const lines = this.trace.more();
    for (const line of lines) this.transcript.push(`Q ${line}`);
    return Promise.resolve(lines);
  }

  async kernelLog(): Promise<readonly string[]> {
    return (await this.request('klog')).lines;
  }

  async close(): Promise<void> {
    this.end ??= 'closed';
    this.child.kill('SIGKILL');
    await this.ended;
    this.trace.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private receive(text: string): void {
    this.buffer += text;
    if (this.buffer.length > MOST_BUFFERED) {
      this.end ??= 'the guest sends without end';
      this.child.kill('SIGKILL');
      return;
    }
    const lines = this.buffer.split('\n');
    this.buffer = lines.pop() ?? '';
    for (const line of lines) this.line(line.replace(/\r$/, ''));
  }

  private line(line: string): void {
    this.transcript.push(`  ${line}`);
    if (line === 'ready') return this.onReady();
    const { waiting } = this;
    if (waiting === undefined) return;
    if (line.startsWith('| ')) return void waiting.lines.push(line.slice(2));
    const match = /^(ok|err)\s?(.*)$/.exec(line);
    if (match === null) return;
    this.waiting = undefined;
    const [, kind, rest = ''] = match;
    const [number = '0', ...words] = rest.split(' ');
    waiting.resolve(
      kind === 'ok'
        ? { lines: waiting.lines, errno: 0, text: rest }
        : { lines: waiting.lines, errno: Number(number), text: words.join(' ') },
    );
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = undefined;
  }

  private death(before = ''): GuestDied {
    const tail = this.consoleTail();
    const parts = [`${before}${this.end ?? 'the guest is gone'}`, this.stderr.trim(), tail];
    return new GuestDied(parts.filter((part) => part !== '').join('\n'));
  }

  private consoleTail(): string {
    try {
      const lines = readFileSync(join(this.folder, 'console'), 'utf8').trimEnd().split(/\r?\n/);
      return lines.slice(-CONSOLE_TAIL).join('\n');
    } catch {
      return '';
    }
  }
}

function qemuArguments(files: GuestFiles, plan: CasePlan, folder: string): string[] {
  return [
    ...machineArguments(plan),
    ...['-cpu', 'cortex-a57', '-m', '256', '-accel', 'tcg,thread=multi'],
    ...['-nodefaults', '-nographic', '-no-reboot'],
    ...['-kernel', files.kernel, '-initrd', files.initrd, '-append', COMMAND_LINE],
    ...['-serial', `file:${join(folder, 'console')}`],
    ...['-device', 'virtio-serial-device', '-chardev', 'stdio,id=agent,signal=off'],
    ...['-device', 'virtconsole,chardev=agent'],
    ...TRACES.flatMap((event) => ['-trace', event]),
    ...['-D', join(folder, 'trace')],
  ];
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What was added to a file since the last look, by lines. */
class FollowedFile {
  private readonly path: string;
  private descriptor: number | undefined;
  private at = 0;
  private rest = '';

  constructor(path: string) {
    this.path = path;
  }

  more(): string[] {
    try {
      this.descriptor ??= openSync(this.path, 'r');
    } catch {
      // QEMU makes the file with the first event.
      return [];
    }
    const chunk = Buffer.alloc(65_536);
    for (;;) {
      const read = readSync(this.descriptor, chunk, 0, chunk.length, this.at);
      if (read === 0) break;
      this.at += read;
      this.rest += chunk.toString('utf8', 0, read);
    }
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
  }
}
