/**
 * Annotations of GitHub Actions: a workflow command for each case that failed and each diagnostic,
 * at its line of YAML. They show in the diff of a pull request and in the log.
 */
import type { Reporter, RunEvent, Verdict } from '../run/events.ts';
import type { Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { failureText } from './failure-text.ts';
import type { Output, ReportSettings } from './output.ts';
import { plain, printable } from './style.ts';
import { isBad } from './summary-text.ts';

/** The service cuts longer ones; the whole text is in the other reports. */
const MAX_MESSAGE = 4_000;

export function githubReporter(output: Output, { annotate }: ReportSettings): Reporter {
  const say = (level: string, title: string, message: string, place?: Place): void => {
    const at = place === undefined ? {} : properties(place, annotate ?? ((file) => file));
    const all = Object.entries({ ...at, title }).map(([key, value]) => `${key}=${property(value)}`);
    output.write(`::${level} ${all.join(',')}::${data(message.slice(0, MAX_MESSAGE))}\n`);
  };
  return {
    on(event: RunEvent): void {
      if (event.type === 'diagnostic') {
        const { code, severity, message, hint, place } = event.diagnostic;
        say(severity, code, withHint(message, hint), place);
      }
      if (event.type === 'case-end' && isBad(event.verdict.status)) {
        const { verdict } = event;
        const title = `${verdict.status} ${printable(verdict.case.title)} [${verdict.case.designLabel}]`;
        say('error', title, messageOf(verdict), verdict.place);
      }
      if (event.type === 'run-end' && event.summary.interrupted)
        say('error', 'interrupted', 'a signal ended the run before all cases had run');
    },
    close: () => Promise.resolve(),
  };
}

function messageOf(verdict: Verdict): string {
  const failures = verdict.failures.map((failure, i) =>
    failureText(failure, verdict, plain, undefined, i === 0 ? 'whole' : 'short'),
  );
  const reason = verdict.reason === undefined ? [] : [printable(verdict.reason)];
  return [...reason, ...failures, `repeat: ${verdict.repeat}`].join('\n');
}

const withHint = (message: string, hint: Diagnostic['hint']): string =>
  hint === undefined ? message : `${message}\n${hint}`;

function properties(
  { file, line, col, endCol }: Place,
  annotate: (file: string) => string,
): Readonly<Record<string, string>> {
  return {
    file: annotate(file),
    line: String(line),
    col: String(col),
    endColumn: String(Math.max(col, endCol - 1)),
  };
}

/** As @actions/core does it. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
