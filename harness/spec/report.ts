/** Where diagnostics of one load are collected: at most MAX_SHOWN, then only counted. */
import { closest, distance } from 'fastest-levenshtein';
import type { Place } from './case.ts';
import type { SpecCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { SourceFile } from './source-file.ts';

const MAX_SHOWN = 20;

export class Report {
  readonly diagnostics: Diagnostic[] = [];
  private readonly files: Map<string, SourceFile>;
  private readonly seen = new Set<string>();
  private dropped = 0;

  constructor(files: Map<string, SourceFile>) {
    this.files = files;
  }

  get failed(): boolean {
    return this.diagnostics.length > 0;
  }

  /** One mistake at one place is said once, however many cases it is in. */
  error(code: SpecCode, place: Place | undefined, message: string, hint?: string): void {
    const key = `${code} ${place?.file}:${place?.line}:${place?.col} ${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.diagnostics.length === MAX_SHOWN) {
      this.dropped++;
      return;
    }
    const sourceLine = place ? this.files.get(place.file)?.line(place.line) : undefined;
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      ...(place ? { place } : {}),
      ...(sourceLine === undefined ? {} : { sourceLine }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** A diagnostic of another report of the same load. */
  take({ code, place, message, hint }: Diagnostic): void {
    this.error(code as SpecCode, place, message, hint);
  }

  /** Others that are not worth a line of their own. */
  leaveOut(count: number): void {
    this.dropped += count;
  }

  /** The diagnostics in the order of their places; the last one counts what was left out. */
  finish(): Diagnostic[] {
    const sorted = [...this.diagnostics].sort(
      (a, b) =>
        (a.place?.file ?? '').localeCompare(b.place?.file ?? '') ||
        (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
        (a.place?.col ?? 0) - (b.place?.col ?? 0),
    );
    const last = sorted.at(-1);
    if (this.dropped === 0 || last === undefined) return sorted;
    return [
      ...sorted.slice(0, -1),
      { ...last, message: `${last.message} (and ${this.dropped} more)` },
    ];
  }
}

/** `; did you mean "device"?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0 || word.length > 100) return '';
  const best = closest(word, known);
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3))
    ? `; did you mean "${best}"?`
    : '';
}

/** `known: a, b, c`, shortened. */
export function listKnown(known: readonly string[]): string {
  if (known.length === 0) return 'there is none';
  const shown = known.slice(0, 12).join(', ');
  return `there is ${shown}${known.length > 12 ? `, and ${known.length - 12} more` : ''}`;
}
