/**
 * A report to what is no regular file: written as it comes, because there is nothing to rename. A
 * device is written at once; a pipe as fast as its reader reads, while the run goes on.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILE_COLUMNS, reason, type ReportSink, writeAll } from './report-sink.ts';

/** How long a named pipe may be without a reader: `doorbell run ... & cat pipe`. */
const READER_MS = 5_000;
const AGAIN_MS = 20;

export class ReportDevice implements ReportSink {
  readonly columns = FILE_COLUMNS;
  readonly path: string;
  private readonly fd: number;
  private failure: string | undefined;

  /**
   * Appends: what the path names may be open in other hands, such as /dev/stderr sent to a file.
   */
  static open(path: string): ReportDevice | { readonly failed: string } {
    try {
      return new ReportDevice(path, openSync(path, constants.O_WRONLY | constants.O_APPEND));
    } catch (error) {
      return { failed: reason(error) };
    }
  }

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  write(text: string): void {
    try {
      if (this.failure === undefined) writeAll(this.fd, text);
    } catch (error) {
      this.failure = reason(error);
    }
  }

  commit(): Promise<string | undefined> {
    closeSync(this.fd);
    return Promise.resolve(this.failure);
  }

  discard(): void {
    // What was written has gone.
  }
}

export class ReportPipe implements ReportSink {
  readonly columns = FILE_COLUMNS;
  readonly path: string;
  private readonly socket: Socket;
  private readonly closed: Promise<void>;
  private failure: string | undefined;

  static async open(
    path: string,
    patience = READER_MS,
  ): Promise<ReportPipe | { readonly failed: string }> {
    // Without O_NONBLOCK the call would wait for a reader, and Ctrl-C would wait with it.
    const flags = constants.O_WRONLY | constants.O_NONBLOCK;
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        return new ReportPipe(path, openSync(path, flags));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') return { failed: reason(error) };
        if (waited >= patience) return { failed: 'nobody reads from the pipe' };
      }
      await sleep(AGAIN_MS);
    }
  }

  private constructor(path: string, fd: number) {
    this.path = path;
    this.socket = new Socket({ fd, readable: false, writable: true });
    this.socket.on('error', (error) => (this.failure ??= reason(error)));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  write(text: string): void {
    if (this.failure === undefined) this.socket.write(text);
  }

  async commit(): Promise<string | undefined> {
    this.socket.end();
    await this.closed;
    return this.failure;
  }

  discard(): void {
    this.socket.destroy();
  }
}
