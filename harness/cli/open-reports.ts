/** --reporter NAME[=FILE]: makes the reporters, and settles before the run which files can be written. */
import type { Reporter } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { ReportFile } from '../report/report-file.ts';
import { isReporterName, makeReporter, REPORTER_NAMES } from '../report/reporters.ts';
import type { Output } from '../report/output.ts';
import type { RunFlags } from './program.ts';
import {
  defaultReporter,
  type Environment,
  standardOutput,
  wantsColour,
  widthOf,
} from './terminal.ts';

export interface Reports {
  readonly reporters: readonly Reporter[];
  /** Reports that cannot be written. */
  readonly diagnostics: readonly Diagnostic[];
  /** Ends the reports; what could not be written after all. */
  close(): Promise<readonly Diagnostic[]>;
}

export async function openReports(
  flags: RunFlags,
  here: Environment,
): Promise<Reports | { readonly refused: string }> {
  const wishes = flags.reporter.map(parse);
  const unknown = wishes.find(({ name }) => !isReporterName(name));
  if (unknown !== undefined)
    return { refused: `no reporter "${unknown.name}"; there are ${REPORTER_NAMES.join(', ')}` };
  const targets = wishes.map(({ file }) => file ?? 'standard output');
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined) return { refused: `two reporters write to ${twice}` };
  // A report to a file leaves the terminal to the usual one.
  if (wishes.every(({ file }) => file !== undefined))
    wishes.unshift({ name: defaultReporter(here), file: undefined });

  const files: ReportFile[] = [];
  const reporters: Reporter[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { name, file } of wishes) {
    if (!isReporterName(name)) continue;
    let output: Output = standardOutput(widthOf(here));
    if (file !== undefined) {
      const opened = ReportFile.open(file);
      if ('failed' in opened) {
        diagnostics.push(unwritable(file, opened.failed));
        continue;
      }
      files.push(opened);
      output = opened;
    }
    const colour = file === undefined && wantsColour(here, flags.color);
    const settings = { colour, verbose: flags.verbose, now: () => performance.now() };
    reporters.push(await makeReporter(name, output, settings));
  }
  return { reporters, diagnostics, close: () => closeAll(reporters, files) };
}

function parse(wish: string): { name: string; file: string | undefined } {
  const at = wish.indexOf('=');
  if (at < 0) return { name: wish, file: undefined };
  return { name: wish.slice(0, at), file: wish.slice(at + 1) };
}

async function closeAll(
  reporters: readonly Reporter[],
  files: readonly ReportFile[],
): Promise<Diagnostic[]> {
  for (const reporter of reporters) await reporter.close();
  return files.flatMap((file) => {
    const failed = file.commit();
    return failed === undefined ? [] : [unwritable(file.path, failed)];
  });
}

const unwritable = (file: string, why: string): Diagnostic => ({
  code: 'DB602',
  severity: 'error',
  message: `cannot write the report ${file === '' ? '(no file name)' : file}: ${why}`,
  hint: 'name a file in a folder that exists and can be written',
});
