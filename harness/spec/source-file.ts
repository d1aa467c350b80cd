/**
 * A file's text and where its lines begin: from offsets to places, and back to the line for a
 * caret.
 */
import type { Place } from './case.ts';

export class SourceFile {
  /** Relative to the project root, with forward slashes. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  private lineStarts: number[] | undefined;

  constructor(name: string, path: string, text: string) {
    this.name = name;
    this.path = path;
    this.text = text;
  }

  place(offset: number, end = offset + 1): Place {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = starts[low] as number;
    const next = starts[low + 1];
    const lineEnd = next === undefined ? this.text.length : next - 1;
    const endCol = Math.max(offset, Math.min(end, lineEnd)) - start + 1;
    return {
      file: this.name,
      line: low + 1,
      col: offset - start + 1,
      endCol: Math.max(endCol, offset - start + 2),
    };
  }

  /** Text of line n (from 1), without its end. */
  line(n: number): string {
    const starts = this.starts();
    const start = starts[n - 1];
    if (start === undefined) return '';
    const next = starts[n];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  private starts(): number[] {
    if (this.lineStarts) return this.lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.lineStarts = starts;
    return starts;
  }
}
