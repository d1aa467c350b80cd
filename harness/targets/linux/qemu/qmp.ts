/**
 * QEMU's monitor (QMP), over a socket that QEMU inherits: JSON, one object to a line. It is there
 * for what a person would do to the machine, such as pulling a card out.
 */
import type { Duplex } from 'node:stream';

interface Message {
  readonly QMP?: unknown;
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
}

interface Waiting {
  readonly name: string;
  /**
   * True when the message is the one that is waited for; throws when it says that it will not come.
   */
  readonly takes: (message: Message) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const MOST_BYTES = 1 << 20;

export class Qmp {
  private readonly socket: Duplex;
  private rest = '';
  private waiting: Waiting[] = [];
  private failed: Error | undefined;
  private greeted: Promise<void> | undefined;

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', (error) => this.fail(error));
    for (const end of ['end', 'close'] as const)
      socket.on(end, () => this.fail(new Error("QEMU's monitor is closed")));
  }

  /** One after the other: answers have no names here. */
  async execute(
    command: string,
    args: Readonly<Record<string, unknown>>,
    ms: number,
  ): Promise<void> {
    this.greeted ??= this.send('qmp_capabilities', {}, ms);
    await this.greeted;
    await this.send(command, args, ms);
  }

  /** Waits for an event about the device. To be called before what causes it. */
  event(name: string, device: string, ms: number): Promise<void> {
    const takes = ({ event, data }: Message): boolean =>
      event === name && data?.['device'] === device;
    return this.wait({ name: `${name} of ${device}`, takes }, ms);
  }

  private send(execute: string, args: object, ms: number): Promise<void> {
    const takes = ({ return: answer, error }: Message): boolean => {
      if (error !== undefined) throw new Error(`QEMU refused ${execute}: ${error.desc ?? ''}`);
      return answer !== undefined;
    };
    const answered = this.wait({ name: `an answer to ${execute}`, takes }, ms);
    this.socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    return answered;
  }

  private wait({ name, takes }: Pick<Waiting, 'name' | 'takes'>, ms: number): Promise<void> {
    if (this.failed !== undefined) return Promise.reject(this.failed);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.leave(one);
        reject(new Error(`no ${name} from QEMU's monitor within ${ms / 1000} s`));
      }, ms);
      const one: Waiting = {
        name,
        takes,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.waiting.push(one);
    });
  }

  private leave(one: Waiting): void {
    this.waiting = this.waiting.filter((each) => each !== one);
  }

  private take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MOST_BYTES)
      return this.fail(new Error("QEMU's monitor talks without end"));
    for (const line of lines) {
      if (line.trim() === '') continue;
      try {
        this.tell(JSON.parse(line) as Message);
      } catch {
        return this.fail(new Error(`QEMU's monitor said what is no JSON: ${line.slice(0, 200)}`));
      }
    }
  }

  private tell(message: Message): void {
    for (const one of this.waiting) {
      try {
        if (!one.takes(message)) continue;
        one.resolve();
      } catch (error) {
        one.reject(error as Error);
      }
      this.leave(one);
      return;
    }
  }

  private fail(error: Error): void {
    this.failed ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failed);
  }
}
