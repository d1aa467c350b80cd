/**
 * TAP 14 (testanything.org): a point for each case, with a YAML block for what went wrong. The plan
 * comes last, as the specification allows, because the number of cases is known last.
 */
import type { Reporter, RunEvent, Verdict } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { jsonText } from './case-json.ts';
import type { Output } from './output.ts';
import { printable } from './style.ts';
import { isBad } from './summary-text.ts';

export function tapReporter(output: Output): Reporter {
  let points = 0;
  const point = (ok: boolean, name: string, directive: string, details?: object): void => {
    output.write(`${ok ? 'ok' : 'not ok'} ${++points} - ${escaped(name)}${directive}\n`);
    if (details !== undefined) output.write(block(details));
  };
  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start':
          output.write('TAP version 14\n');
          return;
        case 'case-end': {
          const { verdict } = event;
          const details = isBad(verdict.status) ? detailsOf(verdict) : undefined;
          point(isOk(verdict), verdict.case.id, directiveOf(verdict), details);
          return;
        }
        case 'diagnostic': {
          const { diagnostic } = event;
          if (diagnostic.severity === 'error') point(false, nameOf(diagnostic), '', diagnostic);
          return;
        }
        case 'run-end':
          if (event.summary.interrupted) output.write('Bail out! interrupted\n');
          else output.write(points === 0 ? '1..0 # SKIP nothing ran\n' : `1..${points}\n`);
          return;
        case 'file-start':
        case 'case-start':
        case 'step':
        case 'file-end':
          return;
      }
    },
    close: () => Promise.resolve(),
  };
}

const isOk = ({ status }: Verdict): boolean => status === 'PASS' || status === 'SKIP';

/** A TODO that is not ok counts as good, which is what `xfail` means. */
function directiveOf({ status, reason = '' }: Verdict): string {
  if (status === 'SKIP') return ` # SKIP ${printable(reason)}`;
  return status === 'XFAIL' ? ` # TODO ${printable(reason)}` : '';
}

const detailsOf = ({ status, reason, place, failures, repeat }: Verdict): object => ({
  message: failures[0]?.diagnostic.message ?? reason,
  severity: status === 'ABORT' ? 'abort' : 'fail',
  at: { file: place.file, line: place.line, column: place.col },
  failures: failures.map(({ diagnostic, table }) => ({
    code: diagnostic.code,
    message: diagnostic.message,
    line: diagnostic.place?.line,
    rows: table?.rows.map(({ expected, observed }) => ({ expected, observed })),
  })),
  repeat,
});

const nameOf = ({ code, message, place }: Diagnostic): string =>
  `${place === undefined ? '' : `${place.file}:${place.line} `}${code} ${message}`;

/** JSON is YAML; each key on a line of its own reads as YAML does. */
function block(details: object): string {
  const lines = Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${key}: ${asciiLines(jsonText(value))}\n`);
  return `  ---\n${lines.join('')}  ...\n`;
}

/** What JSON leaves in strings and YAML forbids, or takes for the end of a line. */
const asciiLines = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A # would begin a directive. */
const escaped = (text: string): string =>
  printable(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
