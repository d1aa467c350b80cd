/**
 * The host's end of the agent's protocol over any two streams. Requests are answered in order; every one has its
 * deadline. The first thing that goes wrong ends it: what the agent says after that could not be trusted.
 */
import type { Readable, Writable } from 'node:stream';
import type { Answer } from './guest.ts';

export const PROTOCOL_VERSION = 1;
const GREETING = `doorbell-agent ${PROTOCOL_VERSION}`;
const MOST_REQUEST = 1023;
/** Of what comes before the greeting, and of a line. */
const MOST_BYTES = 1 << 16;
const MOST_LINES = 65_536;
const MOST_PENDING = 1024;

export type StreamTrouble = 'ended' | 'late' | 'nonsense';

export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly trouble: StreamTrouble;

  constructor(trouble: StreamTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

interface Pending {
  readonly line: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface StreamOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Each line in either direction, as it passes: `> ` asked, `< ` answered. */
  readonly log?: (line: string) => void;
}

export class AgentStream {
  private readonly options: StreamOptions;
  private readonly pending: Pending[] = [];
  private lines: string[] = [];
  private rest = '';
  private greeted: (() => void) | undefined;
  private failed: Error | undefined;
  private onFailure: ((error: Error) => void) | undefined;

  constructor(options: StreamOptions) {
    this.options = options;
    options.input.setEncoding('latin1');
    options.input.on('data', (text: string) => this.take(text));
    options.input.on('close', () =>
      this.fail(new StreamError('ended', "the agent's stream ended")),
    );
    options.output.on('error', () =>
      this.fail(new StreamError('ended', "the agent's stream broke")),
    );
  }

  /** Waits until the agent is there. Rejects as requests do. */
  greeting(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failed !== undefined) return reject(this.failed);
      const timer = setTimeout(
        () => this.fail(new StreamError('late', `no agent within ${ms / 1000} s`)),
        ms,
      );
      this.greeted = () => {
        clearTimeout(timer);
        resolve();
      };
      this.onFailure = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
  }

  request(line: string, ms: number): Promise<Answer> {
    if (this.failed !== undefined) return Promise.reject(this.failed);
    if (/[\n\r\0]/.test(line) || Buffer.byteLength(line) > MOST_REQUEST)
      return Promise.reject(
        new RangeError(`not one line of at most ${MOST_REQUEST} bytes: ${line}`),
      );
    if (this.pending.length >= MOST_PENDING)
      return Promise.reject(new RangeError(`${MOST_PENDING} requests wait for an answer`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(new StreamError('late', `no answer to \`${line}\` within ${ms / 1000} s`)),
        ms,
      );
      this.pending.push({ line, resolve, reject, timer });
      this.options.log?.(`> ${line}`);
      this.options.output.write(`${line}\n`);
    });
  }

  /** Ends all that waits, now and later, with this error. */
  fail(error: Error): void {
    if (this.failed !== undefined) return;
    this.failed = error;
    this.onFailure?.(error);
    for (const { reject, timer } of this.pending.splice(0)) {
      clearTimeout(timer);
      reject(error);
    }
  }

  private take(text: string): void {
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) this.line(part.replace(/\r$/, ''));
    if (this.rest.length > MOST_BYTES)
      this.fail(new StreamError('nonsense', `a line of more than ${MOST_BYTES} bytes`));
  }

  private line(line: string): void {
    if (this.failed !== undefined) return;
    if (this.greeted !== undefined) {
      if (line !== GREETING) {
        if (line.startsWith('doorbell-agent '))
          this.fail(new StreamError('nonsense', `the agent speaks ${line}, not ${GREETING}`));
        return;
      }
      this.greeted();
      this.greeted = undefined;
      this.onFailure = undefined;
      return;
    }
    if (line.startsWith('| ')) {
      this.lines.push(line.slice(2));
      if (this.lines.length > MOST_LINES)
        this.fail(new StreamError('nonsense', `an answer of more than ${MOST_LINES} lines`));
      return;
    }
    this.end(line);
  }

  private end(line: string): void {
    const match = /^(?:ok|err (\d+))(?: (.*))?$/.exec(line);
    const first = this.pending.shift();
    if (match === null || first === undefined) {
      if (first !== undefined) this.pending.unshift(first);
      this.fail(
        new StreamError('nonsense', `the agent said what is no answer: ${line.slice(0, 200)}`),
      );
      return;
    }
    const lines = this.lines;
    this.lines = [];
    clearTimeout(first.timer);
    for (const text of lines) this.options.log?.(`< | ${text}`);
    this.options.log?.(`< ${line}`);
    first.resolve({ lines, errno: Number(match[1] ?? 0), text: match[2] ?? '' });
  }
}
