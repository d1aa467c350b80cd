/**
 * Files for counterexamples: the first has the name that was asked for, the next ones a number in
 * it.
 */
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export class NumberedFile {
  private readonly asked: string | undefined;
  private written = 0;

  /** `asked`: undefined where no such file is wanted. */
  constructor(asked: string | undefined) {
    this.asked = asked;
  }

  /** Writes the next file, if one is wanted; its path. Throws what the file system says. */
  write(text: () => string): readonly string[] {
    const { asked } = this;
    if (asked === undefined) return [];
    const path = this.written === 0 ? asked : numbered(asked, this.written + 1);
    writeFileSync(path, text());
    this.written++;
    return [path];
  }
}

/** `leak.spec.yaml` -> `leak-2.spec.yaml`. */
function numbered(path: string, n: number): string {
  const name = basename(path);
  const dot = name.indexOf('.', 1);
  const next = dot < 0 ? `${name}-${n}` : `${name.slice(0, dot)}-${n}${name.slice(dot)}`;
  return join(dirname(path), next);
}

/** What the file system says, and no mistake of ours. */
export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;
