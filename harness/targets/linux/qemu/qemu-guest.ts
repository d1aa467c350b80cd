/** A guest in QEMU while it lives, and how it is found out why it does not any more. */
import type { AgentStream } from '../agent-stream.ts';
import { StreamError } from '../agent-stream.ts';
import { cryOf } from '../cry.ts';
import {
  type Answer,
  type Guest,
  GuestError,
  type GuestFailure,
  type GuestLogs,
  type Slots,
} from '../guest.ts';
import { type Child, kill } from './living.ts';
import { Follower, removeLogs, tailOf } from './logs.ts';

interface Parts {
  readonly child: Child;
  readonly logs: GuestLogs;
  readonly stream: AgentStream;
  readonly requestMs: number;
  readonly keep: boolean;
  readonly slots?: Slots;
}

/**
 * The console is looked at after each answer, and this often for a kernel in trouble that does not
 * answer.
 */
const CONSOLE_MS = 250;
/** QEMU's last words are in its pipe when it has ended; the console's are in its file. */
const MOST_STDERR = 4096;
const MOST_LINE = 4096;
const HELLO = /kernel=(\S+) page=(\d+) cpus=(\d+)/;

export class QemuGuest implements Guest {
  release = '';
  pageSize = 0;
  cpus = 0;
  readonly logs: GuestLogs;
  private readonly refused = new Map<string, number>();
  private readonly parts: Parts;
  private readonly trace: Follower;
  private readonly console: Follower;
  private readonly ended: Promise<void>;
  private readonly watcher: NodeJS.Timeout;
  private failure: GuestError | undefined;
  /** The beginning of a line whose end has not come. */
  private lastLine = '';
  private stderr = '';
  private greeted = false;
  private closing = false;
  private hooks: (() => void)[] = [];

  constructor(parts: Parts) {
    this.parts = parts;
    this.logs = parts.logs;
    this.trace = new Follower(parts.logs.trace);
    this.console = new Follower(parts.logs.console);
    const { child } = parts;
    child.stderr.on('data', (text: Buffer) => {
      this.stderr = (this.stderr + text.toString()).slice(-MOST_STDERR);
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
        this.qemuEnded(code, signal);
        resolve();
      });
      child.once('error', (error) => {
        this.fail('start', `QEMU cannot be started: ${error.message}`);
        resolve();
      });
    });
    this.watcher = setInterval(() => this.lookAtConsole(), CONSOLE_MS);
    this.watcher.unref();
  }

  get slots(): Slots | undefined {
    return this.parts.slots;
  }

  get refusedProbes(): ReadonlyMap<string, number> {
    return this.refused;
  }

  refuse(name: string, errno: number): void {
    this.refused.set(name, errno);
  }

  onEnd(hook: () => void): void {
    this.hooks.push(hook);
  }

  async begin(ms: number, version: number): Promise<void> {
    await this.explained(this.parts.stream.greeting(ms));
    this.greeted = true;
    const { text } = await this.request(`hello ${version}`);
    const match = HELLO.exec(text);
    if (match === null) {
      this.fail('protocol', `the agent's hello is ${text}`);
      throw this.failure as GuestError;
    }
    const [, release = '', page, cpus] = match;
    this.release = release;
    this.pageSize = Number(page);
    this.cpus = Number(cpus);
  }

  request(line: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.explained(this.parts.stream.request(line, this.parts.requestMs));
  }

  hardware(): Promise<readonly string[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.trace.lines());
  }

  async kernelLog(): Promise<readonly string[]> {
    return (await this.request('klog')).lines;
  }

  interrupt(): void {
    this.fail('interrupted', 'the guest was ended by a signal');
    kill(this.parts.child);
  }

  diskFailed(error: Error): void {
    this.fail('disk-full', `the logs cannot be written: ${error.message}`);
    kill(this.parts.child);
  }

  async close(): Promise<void> {
    if (!this.closing) {
      this.closing = true;
      clearInterval(this.watcher);
      for (const hook of this.hooks.splice(0)) hook();
      kill(this.parts.child);
    }
    await this.ended;
    const kept =
      this.parts.keep || (this.failure !== undefined && this.failure.failure !== 'interrupted');
    if (!kept) removeLogs(this.logs);
  }

  /**
   * An error of the stream is a symptom: why it came is known when QEMU has ended or the console is
   * read.
   */
  private async explained<T>(work: Promise<T>): Promise<T> {
    try {
      const answer = await work;
      // A kernel in trouble may answer as if nothing were.
      this.lookAtConsole();
      if (this.failure !== undefined) throw this.failure;
      return answer;
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      if (error.trouble === 'ended') await this.ended;
      this.lookAtConsole();
      const kind =
        error.trouble === 'nonsense' ? 'protocol' : this.greeted ? 'hung' : 'boot-deadline';
      this.fail(kind, error.message);
      kill(this.parts.child);
      throw this.failure as GuestError;
    }
  }

  private lookAtConsole(): void {
    const more = this.console.text();
    if (more === '') return;
    const text = this.lastLine + more;
    this.lastLine = text.slice(text.lastIndexOf('\n') + 1).slice(-MOST_LINE);
    const cry = cryOf(text);
    if (cry === undefined) return;
    this.fail(cry.failure, `the kernel says: ${cry.line}`);
    kill(this.parts.child);
  }

  private qemuEnded(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.closing || this.failure !== undefined) return;
    this.lookAtConsole();
    const last = this.stderr.trim().split('\n').at(-1) ?? '';
    const said = last === '' ? '' : `: ${last}`;
    if (signal !== null) this.fail('killed', `QEMU was ended by ${signal}${said}`);
    else if (code !== 0 && !this.greeted) this.fail('start', `QEMU ended with ${code}: ${last}`);
    else this.fail('killed', `QEMU ended with ${code}${said}`);
  }

  /** The first reason is the reason. */
  private fail(failure: GuestFailure, message: string): void {
    if (this.failure !== undefined || this.closing) return;
    const tail = tailOf(this.logs.console);
    this.failure = new GuestError(failure, message, tail, this.logs.folder);
    this.parts.stream.fail(this.failure);
  }
}
