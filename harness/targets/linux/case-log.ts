/** The log of a case, without what differs from run to run. */
import { normalised } from './normalise.ts';

export interface CaseLog {
  /** What was run, or how the board is reached. */
  readonly command: string;
  readonly console: readonly string[];
  /** Requests and answers, and what QEMU traced between them (`Q ...`). */
  readonly protocol: readonly string[];
}

/** Files by name. */
export function caseLogFiles({
  command,
  console,
  protocol,
}: CaseLog): Readonly<Record<string, string>> {
  const trace = protocol.filter((line) => line.startsWith('Q ')).map((line) => line.slice(2));
  return {
    command: text([command]),
    console: text(console),
    protocol: text(protocol),
    trace: text(trace),
  };
}

const text = (lines: readonly string[]): string =>
  normalised(lines)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
