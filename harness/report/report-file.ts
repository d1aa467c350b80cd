/**
 * A report in a file: written under another name beside it and renamed at the end, so that nobody
 * reads half a report and a run that dies leaves the old one. What a killed run left goes when the
 * next one writes the same report.
 */
import { closeSync, fchmodSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { FILE_COLUMNS, reason, type ReportSink, writeAll } from './report-sink.ts';

const LOT_CHARS = 65_536;

export class ReportFile implements ReportSink {
  readonly columns = FILE_COLUMNS;
  readonly path: string;
  private readonly temporary: string;
  private readonly fd: number;
  private lot = '';
  private failure: string | undefined;

  /** `path`: the file itself, not a link to it. `mode`: of the file that is there. */
  static open(path: string, mode?: number): ReportFile | { readonly failed: string } {
    const temporary = temporaryName(path, process.pid);
    try {
      removeStale(path);
      const fd = openSync(temporary, 'w');
      if (mode !== undefined) fchmodSync(fd, mode & 0o777);
      return new ReportFile(path, temporary, fd);
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

  commit(): Promise<string | undefined> {
    this.flush();
    try {
      closeSync(this.fd);
      if (this.failure === undefined) renameSync(this.temporary, this.path);
    } catch (error) {
      this.failure ??= reason(error);
    }
    if (this.failure !== undefined) this.discard();
    return Promise.resolve(this.failure);
  }

  /** Leaves things as they were. Also for the end of a process that cannot wait. */
  discard(): void {
    rmSync(this.temporary, { force: true });
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

const SUFFIX = '.doorbell-tmp';

/**
 * With the host: on a shared disk the number of a process says nothing about those of other hosts.
 */
const prefix = (path: string): string => `.${basename(path)}.${hostname()}.`;
const temporaryName = (path: string, pid: number): string =>
  join(dirname(path), `${prefix(path)}${pid}${SUFFIX}`);

function removeStale(path: string): void {
  const folder = dirname(path);
  const before = prefix(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(before) || !name.endsWith(SUFFIX)) continue;
    const pid = name.slice(before.length, -SUFFIX.length);
    if (/^\d+$/.test(pid) && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
