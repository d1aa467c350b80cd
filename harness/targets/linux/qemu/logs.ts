/**
 * The files of one guest: what was run, what it said, what was asked, what QEMU traced. In a folder
 * of its own.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
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
export const addToLog = (path: string, lines: readonly string[]): void =>
  appendFileSync(path, `${lines.join('\n')}\n`);

/** One for all: what is read from it is text before it is read into again. */
const chunk = Buffer.alloc(65_536);

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
    // It is asked after each answer, and has mostly nothing to say.
    if (statSync(this.path, { throwIfNoEntry: false })?.size === this.offset) return '';
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return '';
    }
    try {
      let text = '';
      while (text.length < MOST_TRACE) {
        const got = readSync(file, chunk, 0, chunk.length, this.offset);
        if (got === 0) break;
        text += chunk.toString('latin1', 0, got);
        this.offset += got;
      }
      return text;
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
