/**
 * A report in a file: written under another name beside it and renamed at the end, so that nobody reads
 * half a report and a run that dies leaves the old one.
 */
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { Output } from './output.ts';

/** Files are not terminals: tables are not folded. */
const FILE_COLUMNS = 120;
const LOT_CHARS = 65_536;

export class ReportFile implements Output {
  readonly columns = FILE_COLUMNS;
  readonly path: string;
  private readonly temporary: string;
  private readonly fd: number;
  private lot = '';
  private failure: string | undefined;

  static open(path: string): ReportFile | { readonly failed: string } {
    if (path === '') return { failed: 'a file name is missing after =' };
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      return { failed: 'it is a folder' };
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      return new ReportFile(path, temporary, openSync(temporary, 'w'));
    } catch (error) {
      return { failed: reason(error) };
    }
  }

  private constructor(path: string, temporary: string, fd: number) {
    this.path = path;
    this.temporary = temporary;
    this.fd = fd;
  }

  write(text: string): void {
    this.lot += text;
    if (this.lot.length >= LOT_CHARS) this.flush();
  }

  /** Puts the report in its place; the reason if that cannot be done. */
  commit(): string | undefined {
    this.flush();
    try {
      closeSync(this.fd);
      if (this.failure === undefined) renameSync(this.temporary, this.path);
    } catch (error) {
      this.failure ??= reason(error);
    }
    if (this.failure !== undefined) rmSync(this.temporary, { force: true });
    return this.failure;
  }

  private flush(): void {
    try {
      if (this.failure === undefined) writeAll(this.fd, this.lot);
    } catch (error) {
      // A full disk does not end the run: the other reports are still of use.
      this.failure = reason(error);
    }
    this.lot = '';
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Node's message without its call and path: the path is ours, and temporary. */
function reason(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === 'string' ? message.replace(/, \w+( '.*)?$/, '') : String(error);
}
