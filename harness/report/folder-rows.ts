/**
 * Many specs: a row for each folder, with counts. The last row takes all folders that are too many.
 */
import { posix } from 'node:path';
import type { Status, Verdict } from '../run/events.ts';
import { printable } from './style.ts';
import { isBad } from './summary-text.ts';
import { Row, type RowModel } from './task-list.ts';

export class FolderRows implements RowModel {
  readonly rows: readonly Row[];
  private readonly folders = new Map<string, Folder>();
  private current: Folder | undefined;

  constructor(paths: readonly string[], most: number) {
    const names = [...new Set(paths.map((path) => posix.dirname(path)))];
    const shown = names.length <= most ? names : names.slice(0, most - 1);
    const folders = shown.map((name) => new Folder(name));
    const rest = names.length - shown.length;
    if (rest > 0) folders.push(new Folder(`${rest} more folders`));
    names.forEach((name, i) => {
      this.folders.set(name, folders[Math.min(i, folders.length - 1)] as Folder);
    });
    for (const path of paths) this.folders.get(posix.dirname(path))?.expectFile();
    this.rows = folders.map(({ row }) => row);
  }

  fileStart(file: string): void {
    this.current = this.folders.get(posix.dirname(file));
  }

  caseStart(): void {
    // A case is over before anybody could read its name.
  }

  step(): void {
    // As for cases.
  }

  caseEnd({ status }: Verdict): void {
    this.current?.add(status);
  }

  fileEnd(): void {
    this.current?.fileDone();
  }

  abandon(): void {
    for (const folder of new Set(this.folders.values())) folder.close();
  }
}

class Folder {
  readonly row: Row;
  private readonly name: string;
  private readonly counts = new Map<Status, number>();
  private files = 0;

  constructor(name: string) {
    this.name = printable(name, 80);
    this.row = new Row(this.name);
  }

  expectFile(): void {
    this.files++;
  }

  add(status: Status): void {
    this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
    this.row.title = this.text();
  }

  /** A file without a case says nothing, and its folder stays open until the end of the run. */
  fileDone(): void {
    if (--this.files === 0) this.close();
  }

  close(): void {
    const seen = [...this.counts.keys()];
    if (seen.length === 0) this.row.end({ state: 'skipped', why: 'nothing ran' });
    else this.row.end({ state: seen.some(isBad) ? 'failed' : 'passed' });
  }

  private text(): string {
    const parts = WORDS.flatMap(([status, word]) => {
      const n = this.counts.get(status) ?? 0;
      return n === 0 ? [] : [`${n} ${word}`];
    });
    return `${this.name}  ${parts.join(', ')}`;
  }
}

const WORDS: readonly (readonly [Status, string])[] = [
  ['PASS', 'passed'],
  ['FAIL', 'failed'],
  ['SKIP', 'skipped'],
  ['XFAIL', 'failed as expected'],
  ['XPASS', 'passed unexpectedly'],
  ['ABORT', 'aborted'],
];
