/** The terminal: what it can show, and writing to it. */
import { writeSync } from 'node:fs';
import type { Output } from '../report/output.ts';
import { reason } from '../report/report-sink.ts';
import { COLUMNS } from '../report/wrap.ts';
import { EXIT } from '../run/exit-codes.ts';

const DEFAULT_COLUMNS = 100;

export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
  /** Of the terminal; 0 where it does not say. */
  readonly columns: number;
  readonly rows?: number;
}

export function environment(): Environment {
  const { env, stdout } = process;
  if (!stdout.isTTY) return { env, isTTY: false, columns: 0 };
  const { columns, rows } = stdout;
  return { env, isTTY: true, columns, ...(rows > 0 ? { rows } : {}) };
}

/** no-color.org: any value that is not empty. The option goes before the variables. */
export function wantsColour({ env, isTTY }: Environment, option: boolean): boolean {
  if (!option) return false;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

/**
 * Where the cursor can be moved and a person looks on; a terminal of width 0 prints a letter a
 * line.
 */
export function defaultReporter({ env, isTTY, columns }: Environment): 'tasks' | 'lines' {
  const ci = env['CI'] ?? '';
  if (ci !== '' && ci !== '0' && ci !== 'false') return 'lines';
  return isTTY && columns > 0 && env['TERM'] !== 'dumb' ? 'tasks' : 'lines';
}

/** Width to fit tables into: of the terminal, of COLUMNS, or a usual one. */
export function widthOf({ env, columns }: Environment): number {
  const wish = Number(env['COLUMNS']);
  const width = columns > 0 ? columns : wish > 0 ? wish : DEFAULT_COLUMNS;
  return Math.max(40, Math.min(width, 400));
}

export function standardOutput(here: Environment): Output {
  const { rows } = here;
  return {
    columns: widthOf(here),
    ...(rows === undefined ? {} : { rows }),
    write: (text) => void process.stdout.write(text),
  };
}

/**
 * Resolves when what was written has gone, so that process.exitCode is not set on half a report.
 */
export const drained = (): Promise<void> =>
  new Promise((resolve) => process.stdout.write('', () => resolve()));

/**
 * `doorbell list | head` closes the pipe: the reader has seen enough, which is no error. A disk
 * that is full loses output, which is one.
 */
export function watchOutput(): void {
  const lost = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') return;
    try {
      writeSync(process.stderr.fd, `DB602  standard output: ${reason(error)}\n`);
    } catch {
      // Standard error is lost, too: the exit code is all that is left to say it.
    }
    process.exit(EXIT.usage);
  };
  process.stdout.on('error', lost);
  process.stderr.on('error', lost);
}

/**
 * Of what people paste into a mail: the terminal's width where it is one, else 80, unless COLUMNS
 * says more.
 */
export function pageWidth({ env, columns }: Environment): number {
  return Math.max(COLUMNS, Math.min(columns > 0 ? columns : Number(env['COLUMNS']) || 0, 400));
}
