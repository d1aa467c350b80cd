/**
 * Plain lines, for logs, mails and terminals that cannot move the cursor: a heading for each file,
 * a line for each case, failures where they happen and named again at the end.
 */
import type { Reporter, RunEvent, StepResult, Verdict } from '../run/events.ts';
import { diagnosticText } from './diagnostic-text.ts';
import { verdictText } from './failure-text.ts';
import type { Output, ReportSettings } from './output.ts';
import { printable, styleFor } from './style.ts';
import { caseText, isBad, statusText, summaryText } from './summary-text.ts';
import { traceLines } from './trace-text.ts';

/** Lines are written in lots: a write for each would cost more than the cases. */
const LOT_CHARS = 8_192;
const LOT_MS = 100;
const MAX_NAMED = 20;

export function linesReporter(output: Output, settings: ReportSettings): Reporter {
  const style = styleFor(settings.colour);
  const bad: string[] = [];
  let badCount = 0;
  let heading: string | undefined;
  let lot = '';
  let written = settings.now();

  const flush = (): void => {
    if (lot !== '') output.write(lot);
    lot = '';
    written = settings.now();
  };
  const line = (text: string): void => {
    lot += `${text}\n`;
    if (lot.length >= LOT_CHARS || settings.now() - written >= LOT_MS) flush();
  };

  const caseEnd = (verdict: Verdict): void => {
    line(`  ${statusText(verdict.status, style)} ${caseText(verdict)}`);
    if (!isBad(verdict.status)) return;
    badCount++;
    if (bad.length < MAX_NAMED)
      bad.push(`${verdict.status.padEnd(5)} ${printable(verdict.case.id)}`);
    line('');
    line(verdictText(verdict, style, output.columns));
  };
  const stepDone = (result: StepResult): void => {
    if (!settings.verbose) return;
    for (const text of traceLines(result, style)) line(`    ${text}`);
  };

  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start':
          if (event.seed !== undefined) line(style.dim(`order shuffled with --seed ${event.seed}`));
          return;
        case 'file-start':
          heading = undefined;
          return;
        case 'case-start': {
          const { place, title } = event.case;
          const text = `${printable(place.file)}  ${style.dim(printable(title))}`;
          if (text !== heading) line(text);
          heading = text;
          return;
        }
        case 'step':
          return stepDone(event.result);
        case 'case-end':
          return caseEnd(event.verdict);
        case 'diagnostic':
          return line(`${diagnosticText(event.diagnostic, style)}\n`);
        case 'file-end':
          return;
        case 'run-end':
          if (badCount > 1) {
            line('');
            for (const text of bad) line(style.red(text));
            if (badCount > bad.length) line(style.red(`and ${badCount - bad.length} more`));
          }
          line('');
          line(summaryText(event.summary, style));
          flush();
      }
    },
    close(): Promise<void> {
      flush();
      return Promise.resolve();
    },
  };
}
