/**
 * What failed when it last ran, for --failed. Kept only once something has failed; a
 * file that cannot be read or written is no error, because runs do not depend on it.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from '../report/shape.ts';
import { isBad } from '../report/summary-text.ts';
import type { Reporter, RunEvent } from '../run/events.ts';
import { makeRoom, stateFile } from './state-folder.ts';

const VERSION = 1;

/** Ids of cases by file; the id '' stands for a file that could not be run. */
type Failures = Map<string, Set<string>>;

export class LastFailures implements Reporter {
  readonly path: string;
  readonly recorded: boolean;
  private readonly all: Map<string, Failures>;
  private readonly mine: Failures;
  private readonly before: string;

  /** By target: a kernel fails other cases than the model. */
  static of(root: string, target: string): LastFailures {
    return new LastFailures(stateFile(root), target);
  }

  private constructor(path: string, target: string) {
    this.path = path;
    const read = readAll(path);
    this.recorded = read !== undefined;
    this.all = read ?? new Map<string, Failures>();
    this.before = textOf(this.all);
    this.mine = this.all.get(target) ?? new Map<string, Set<string>>();
    this.all.set(target, this.mine);
  }

  inFile(file: string): boolean {
    return this.mine.has(file);
  }

  failed({
    id,
    place,
  }: {
    readonly id: string;
    readonly place: { readonly file: string };
  }): boolean {
    const ids = this.mine.get(place.file);
    return ids !== undefined && (ids.has(id) || ids.has(''));
  }

  on(event: RunEvent): void {
    switch (event.type) {
      case 'file-start': {
        const file = event.list[0]?.place.file;
        if (file !== undefined) this.forget(file, '');
        return;
      }
      case 'case-end': {
        const { case: spec, status } = event.verdict;
        if (isBad(status)) this.remember(spec.place.file, spec.id);
        else this.forget(spec.place.file, spec.id);
        return;
      }
      case 'diagnostic': {
        const { severity, place } = event.diagnostic;
        if (severity === 'error' && place !== undefined) this.remember(place.file, '');
        return;
      }
      case 'run-start':
      case 'case-start':
      case 'step':
      case 'file-end':
      case 'run-end':
        return;
    }
  }

  close(): Promise<void> {
    const text = textOf(this.all);
    if (text !== this.before) write(this.path, text, this.recorded);
    return Promise.resolve();
  }

  private remember(file: string, id: string): void {
    const ids = this.mine.get(file) ?? new Set<string>();
    this.mine.set(file, ids.add(id));
  }

  private forget(file: string, id: string): void {
    const ids = this.mine.get(file);
    if (ids?.delete(id) === true && ids.size === 0) this.mine.delete(file);
  }
}

function readAll(path: string): Map<string, Failures> | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isObject(data) || data['version'] !== VERSION || !isObject(data['failed']))
      return undefined;
    return new Map(
      Object.entries(data['failed']).map(([target, files]) => [target, failuresOf(files)]),
    );
  } catch {
    // Nothing has failed yet, or half a disk was lost: as if nothing were known.
    return undefined;
  }
}

const failuresOf = (files: unknown): Failures =>
  new Map(
    Object.entries(isObject(files) ? files : {}).map(([file, ids]) => [
      file,
      new Set(Array.isArray(ids) ? ids.map(String) : []),
    ]),
  );

function textOf(all: ReadonlyMap<string, Failures>): string {
  const failed = Object.fromEntries(
    [...all]
      .filter(([, files]) => files.size > 0)
      .map(([target, files]) => [
        target,
        Object.fromEntries([...files].map(([file, ids]) => [file, [...ids]])),
      ]),
  );
  return `${JSON.stringify({ version: VERSION, failed }, undefined, 1)}\n`;
}

function write(path: string, text: string, known: boolean): void {
  const temporary = `${path}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (!known) makeRoom(path);
    // Two runs at once: the later one counts. One that is killed leaves a name that the next one
    // uses again.
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
