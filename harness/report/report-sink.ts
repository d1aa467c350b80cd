/** What a report is written to, and what every kind of it needs. */
import { writeSync } from 'node:fs';
import type { Output } from './output.ts';

/** Files are not terminals: tables are not folded. */
export const FILE_COLUMNS = 120;

export interface ReportSink extends Output {
  /** The file that is written, links followed. */
  readonly path: string;
  /** Ends the report; the reason if it cannot be written whole. */
  commit(): Promise<string | undefined>;
  /** Gives the report up, and leaves what was there. */
  discard(): void;
}

export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Node's message without its call and path: the path is ours, and temporary. */
export function reason(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === 'string' ? message.replace(/, \w+( '.*)?$/, '') : String(error);
}
