/**
 * The host's end of the agent's protocol over any two streams. Requests are answered in order, each
 * by its number; every one has its deadline. The first thing that goes wrong ends it: what the
 * agent says after that could not be trusted.
 */
import type { Readable, Writable } from 'node:stream';
import type { Answer } from './guest.ts';

export const PROTOCOL_VERSION = 3;
const GREETING = `doorbell-agent ${PROTOCOL_VERSION}`;
const MOST_REQUEST = 1023;
/** The last line of an answer, with the number of the request. */
const ANSWER = /^(?:ok (\d+)|err (\d+) (\d+))(?: (.*))?$/;
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
  readonly number: number;
  readonly line: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface StreamOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Lines in either direction, as they pass: `> ` asked, `< ` answered. */
  readonly log?: (lines: readonly string[]) => void;
}

export class AgentStream {
  private readonly options: StreamOptions;
  private readonly pending: Pending[] = [];
  private requests = 0;
  private isSending = false;
  private notes: string[] = [];
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
    const number = this.requests + 1;
    const whole = `${number} ${line}`;
    if (/[\n\r\0]/.test(line) || Buffer.byteLength(whole) > MOST_REQUEST)
      return Promise.reject(
        new RangeError(`not one line of at most ${MOST_REQUEST} bytes: ${whole}`),
      );
    if (this.pending.length >= MOST_PENDING)
      return Promise.reject(new RangeError(`${MOST_PENDING} requests wait for an answer`));
    this.requests = number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(new StreamError('late', `no answer to \`${line}\` within ${ms / 1000} s`)),
        ms,
      );
      this.pending.push({ number, line, resolve, reject, timer });
      this.send(whole);
    });
  }

  /**
   * What is asked in one go is written in one go: each write costs some hundred microseconds, for
   * it wakes the other end.
   */
  private send(whole: string): void {
    const { output } = this.options;
    this.notes.push(`> ${whole}`);
    if (!this.isSending) {
      this.isSending = true;
      output.cork();
      process.nextTick(() => {
        this.isSending = false;
        this.writeNotes();
        output.uncork();
      });
    }
    output.write(`${whole}\n`);
  }

  private writeNotes(): void {
    if (this.notes.length > 0) this.options.log?.(this.notes.splice(0));
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
    this.writeNotes();
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
    const match = ANSWER.exec(line);
    const [, accepted, refused, errno = '0', text = ''] = match ?? [];
    const [first] = this.pending;
    const why =
      match === null
        ? 'what is no answer'
        : first === undefined
          ? 'what nobody asked'
          : Number(accepted ?? refused) === first.number
            ? undefined
            : `what is no answer to ${first.number} ${first.line}`;
    if (why !== undefined || first === undefined) {
      this.fail(new StreamError('nonsense', `the agent said ${why}: ${line.slice(0, 200)}`));
      return;
    }
    this.pending.shift();
    const lines = this.lines;
    this.lines = [];
    clearTimeout(first.timer);
    for (const text of lines) this.notes.push(`< | ${text}`);
    this.notes.push(`< ${line}`);
    first.resolve({ lines, errno: Number(errno), text });
  }
}
