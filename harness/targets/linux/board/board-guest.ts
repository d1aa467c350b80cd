/**
 * The agent behind the standard input and output of a command: `ssh HOST`, or whatever else gives a
 * shell there. The program is sent ahead and deleted when it ends; the board is left as it was
 * found.
 */
import { readFileSync } from 'node:fs';
import { AgentStream, PROTOCOL_VERSION, StreamError } from '../agent-stream.ts';
import {
  type Answer,
  type Guest,
  GuestError,
  type GuestFailure,
  type GuestLogs,
} from '../guest.ts';
import { EVENTS, PROBES, setProbes } from '../probes.ts';
import { type Child, kill, start } from '../qemu/living.ts';
import { addToLog, makeLogs, removeLogs, writeLog } from '../qemu/logs.ts';

export interface BoardOptions {
  /** What runs a line of shell on the board; the line is its last argument. */
  readonly command: readonly string[];
  /** The agent's program, for the board's CPU. */
  readonly agent: string;
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
  /** From the start of the command to the agent's greeting. */
  readonly connectMs?: number;
  readonly requestMs?: number;
}

const CONNECT_MS = 30_000;
const REQUEST_MS = 15_000;
const FAREWELL_MS = 5000;
const MOST_STDERR = 4096;
const HELLO = /kernel=(\S+) page=(\d+) cpus=(\d+)/;

/**
 * `-T`: a terminal would change bytes. BatchMode: a question for a password would wait for ever.
 */
export const sshCommand = (host: string): readonly string[] => [
  ...['ssh', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-o', 'ServerAliveInterval=5'],
  ...['--', host],
];

/** The stream begins with the program itself: `bytes` of it, then the protocol. */
const receive = (bytes: number): string =>
  [
    'f=$(mktemp "${TMPDIR:-/tmp}/doorbell-agent.XXXXXX") || exit 1',
    'trap \'rm -f "$f"\' EXIT HUP INT TERM',
    `head -c ${bytes} >"$f" && chmod 700 "$f" && "$f"`,
  ].join('; ');

export class BoardGuest implements Guest {
  release = '';
  pageSize = 0;
  cpus = 0;
  refusedProbes: ReadonlyMap<string, number> = new Map();
  readonly logs: GuestLogs;
  private readonly child: Child;
  private readonly stream: AgentStream;
  private readonly requestMs: number;
  private readonly keep: boolean;
  private readonly ended: Promise<void>;
  private failure: GuestError | undefined;
  private stderr = '';
  private exit = '';
  private closing: Promise<void> | undefined;

  private constructor(child: Child, logs: GuestLogs, options: BoardOptions) {
    this.child = child;
    this.logs = logs;
    this.requestMs = options.requestMs ?? REQUEST_MS;
    this.keep = options.keep ?? false;
    this.stream = new AgentStream({
      input: child.stdout,
      output: child.stdin,
      log: (lines) => addToLog(logs.protocol, lines),
    });
    child.stderr.on('data', (text: Buffer) => {
      this.stderr = (this.stderr + text.toString()).slice(-MOST_STDERR);
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
        this.exit = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
        resolve();
      });
      child.once('error', (error) => {
        this.exit = `cannot be started: ${error.message}`;
        resolve();
      });
    });
  }

  /**
   * Connects, sends the agent, and sets the probes. Rejects with a GuestError that says which of it
   * failed.
   */
  static async connect(options: BoardOptions): Promise<BoardGuest> {
    const program = readFileSync(options.agent);
    const logs = makeLogs(undefined);
    const command = [...options.command, receive(program.length)];
    writeLog(logs.command, `${command.join(' ')}\n`);
    const child = start(command, () => removeLogs(logs));
    const board = new BoardGuest(child, logs, options);
    const stop = (): void => {
      board.fail('interrupted', 'the connection was ended by a signal');
      kill(child);
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    void board.ended.then(() => options.signal?.removeEventListener('abort', stop));
    try {
      child.stdin.write(program);
      await board.explained(board.stream.greeting(options.connectMs ?? CONNECT_MS), 'start');
      await board.hello();
      // A board may have been traced before; a guest's buffer is new.
      await board.request('tstart');
      board.refusedProbes = await setProbes((line) => board.request(line));
      return board;
    } catch (error) {
      kill(child);
      await board.ended;
      if (!board.keep) removeLogs(logs);
      throw error;
    }
  }

  request(line: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.explained(this.stream.request(line, this.requestMs), 'hung');
  }

  /** Nobody tells. */
  hardware(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async kernelLog(): Promise<readonly string[]> {
    return (await this.request('klog')).lines;
  }

  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  /** Takes the probes away, so that the next one can set them, and lets the agent end by itself. */
  private async leave(): Promise<void> {
    if (this.failure === undefined) {
      const lines = [
        'tstop',
        ...EVENTS.map((name) => `event ${name} 0`),
        ...PROBES.flatMap(({ name }) => [
          `event doorbell/${name} 0`,
          `append /sys/kernel/tracing/kprobe_events -:doorbell/${name}`,
        ]),
        'bye',
      ];
      // A probe that was refused cannot be taken away: its error is of no interest.
      await Promise.all(lines.map((line) => this.stream.request(line, FAREWELL_MS))).catch(
        () => undefined,
      );
    }
    this.child.stdin.end();
    const late = setTimeout(() => kill(this.child), FAREWELL_MS);
    await this.ended;
    clearTimeout(late);
    if (!this.keep && (this.failure === undefined || this.failure.failure === 'interrupted'))
      removeLogs(this.logs);
  }

  private async hello(): Promise<void> {
    const { text } = await this.request(`hello ${PROTOCOL_VERSION}`);
    const match = HELLO.exec(text);
    if (match === null) throw this.fail('protocol', `the agent's hello is ${text}`);
    const [, release = '', page, cpus] = match;
    this.release = release;
    this.pageSize = Number(page);
    this.cpus = Number(cpus);
  }

  private async explained<T>(work: Promise<T>, otherwise: GuestFailure): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      if (error.trouble === 'ended') {
        kill(this.child);
        await this.ended;
        const said = this.stderr.trim().split('\n').at(-1) ?? '';
        const what = this.child.spawnargs.find(
          (word) => word !== 'setpriv' && !/^-|KILL/.test(word),
        );
        throw this.fail(
          otherwise === 'start' ? 'start' : 'killed',
          `${what ?? 'the command'} ${this.exit}${said === '' ? '' : `: ${said}`}`,
        );
      }
      throw this.fail(error.trouble === 'nonsense' ? 'protocol' : otherwise, error.message);
    }
  }

  /** The first reason is the reason. */
  private fail(failure: GuestFailure, message: string): GuestError {
    this.failure ??= new GuestError(failure, message, [], this.logs.folder);
    this.stream.fail(this.failure);
    return this.failure;
  }
}
