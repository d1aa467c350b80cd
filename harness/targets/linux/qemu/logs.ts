/** The files of one guest: what was run, what it said, what was asked, what QEMU traced. In a folder of its own. */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestLogs } from '../guest.ts';

const TAIL_LINES = 40;
const TAIL_BYTES = 1 << 16;
/** A trace that grows by more between two looks is cut: something is in a loop. */
const MOST_TRACE = 64 << 20;

export function makeLogs(parent: string | undefined): GuestLogs {
  const under = parent ?? tmpdir();
  mkdirSync(under, { recursive: true });
  const folder = mkdtempSync(join(under, 'doorbell-guest-'));
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    command: at('command'),
    console: at('console'),
    protocol: at('protocol'),
    trace: at('trace'),
  };
}

export const removeLogs = ({ folder }: GuestLogs): void =>
  rmSync(folder, { recursive: true, force: true });

export const writeLog = (path: string, text: string): void => writeFileSync(path, text);

/** Throws ENOSPC when the disk is full, which QEMU would keep to itself. */
export const addToLog = (path: string, line: string): void => appendFileSync(path, `${line}\n`);

/** What was added to a file since the last look. */
export class Follower {
  private readonly path: string;
  private offset = 0;
  private rest = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Whole lines alone; the beginning of one waits for its end. */
  lines(): readonly string[] {
    const parts = (this.rest + this.text()).split('\n');
    this.rest = parts.pop() ?? '';
    return parts;
  }

  text(): string {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return '';
    }
    try {
      const chunks: Buffer[] = [];
      for (let sum = 0; sum < MOST_TRACE;) {
        const chunk = Buffer.alloc(65_536);
        const got = readSync(file, chunk, 0, chunk.length, this.offset);
        if (got === 0) break;
        chunks.push(chunk.subarray(0, got));
        this.offset += got;
        sum += got;
      }
      return Buffer.concat(chunks).toString('latin1');
    } finally {
      closeSync(file);
    }
  }
}

/** The last lines of a console. */
export function tailOf(path: string): readonly string[] {
  const text = new Follower(path).text().slice(-TAIL_BYTES);
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-TAIL_LINES);
}
