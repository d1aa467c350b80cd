/**
 * --reporter NAME[=FILE]: makes the reporters, and settles before the run which files can be
 * written.
 */
import { join, relative } from 'node:path';
import type { Reporter } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { findRoot } from '../spec/read-file.ts';
import { openSink, sinkPath } from '../report/open-sink.ts';
import type { ReportSink } from '../report/report-sink.ts';
import { isReporterName, makeReporter, REPORTER_NAMES } from '../report/reporters.ts';
import type { Output } from '../report/output.ts';
import type { RunFlags } from './flags.ts';
import { defaultReporter, type Environment, standardOutput, wantsColour } from './terminal.ts';

export interface Reports {
  readonly reporters: readonly Reporter[];
  /** Reports that cannot be written. */
  readonly diagnostics: readonly Diagnostic[];
  /** Ends the reports; what could not be written after all. */
  close(): Promise<readonly Diagnostic[]>;
}

/** `--trace`: no reporter that a terminal could show. */
const TRACE = 'trace';
const COVERAGE = 'coverage';

/** What of the flags is about reports. */
export type ReportFlags = Pick<RunFlags, 'reporter' | 'verbose' | 'color'> & {
  readonly trace?: string;
  readonly coverage?: string | true;
};

export async function openReports(
  flags: ReportFlags,
  here: Environment,
  cwd: string,
): Promise<Reports | { readonly refused: string }> {
  const wishes = flags.reporter.map(parse);
  const unknown = wishes.find(({ name }) => !isReporterName(name));
  if (unknown !== undefined)
    return { refused: `no reporter "${unknown.name}"; there are ${REPORTER_NAMES.join(', ')}` };
  if (flags.trace !== undefined) wishes.push({ name: TRACE, file: flags.trace });
  if (typeof flags.coverage === 'string') wishes.push({ name: COVERAGE, file: flags.coverage });
  const twice = sharedTarget(wishes);
  if (twice !== undefined) return { refused: `two reporters write to ${twice}` };
  // A report to a file leaves the terminal to the usual one.
  if (wishes.every(({ file }) => file !== undefined))
    wishes.unshift({ name: defaultReporter(here), file: undefined });

  const sinks: ReportSink[] = [];
  const reporters: Reporter[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { name, file } of wishes) {
    let output: Output = standardOutput(here);
    if (file !== undefined) {
      const opened = await openSink(file);
      if ('failed' in opened) {
        diagnostics.push(unwritable(file, opened.failed));
        continue;
      }
      sinks.push(opened);
      output = opened;
    }
    const settings = {
      colour: file === undefined && wantsColour(here, flags.color),
      verbose: flags.verbose,
      now: () => performance.now(),
      annotate: annotationPath(cwd, here.env['GITHUB_WORKSPACE']),
    };
    if (isReporterName(name)) reporters.push(await makeReporter(name, output, settings));
    else if (name === TRACE)
      reporters.push((await import('../report/trace-json.ts')).traceReporter(output));
    else reporters.push(await coverage(here, output));
  }
  if (flags.coverage === true) reporters.push(await coverage(here, undefined));
  // A process that cannot wait, after a second Ctrl-C, leaves no half of a report either.
  const discard = (): void => sinks.forEach((sink) => sink.discard());
  process.once('exit', discard);
  const close = async (): Promise<Diagnostic[]> => {
    const problems = await closeAll(reporters, sinks);
    process.off('exit', discard);
    return problems;
  };
  return { reporters, diagnostics, close };
}

/** Its line goes below what the other reporters print. */
const coverage = async (here: Environment, file: Output | undefined): Promise<Reporter> =>
  (await import('../coverage/coverage-reporter.ts')).coverageReporter(standardOutput(here), file);

interface Wish {
  readonly name: string;
  /** Left out: standard output. */
  readonly file: string | undefined;
}

function parse(wish: string): Wish {
  const at = wish.indexOf('=');
  if (at < 0) return { name: wish, file: undefined };
  return { name: wish.slice(0, at), file: wish.slice(at + 1) };
}

/** Annotations are lines among lines, wherever they stand. */
const mayShare = (a: Wish, b: Wish): boolean =>
  [a.name, b.name].sort().join() === 'github,lines' && a.file === undefined;

/** Two wishes for one place, whatever they call it. */
function sharedTarget(wishes: readonly Wish[]): string | undefined {
  const place = ({ file }: Wish): string => (file === undefined ? '' : realName(file));
  for (const [i, wish] of wishes.entries()) {
    const other = wishes.slice(0, i).find((before) => place(before) === place(wish));
    if (other !== undefined && !mayShare(other, wish)) return wish.file ?? 'standard output';
  }
  return undefined;
}

function realName(file: string): string {
  try {
    return sinkPath(file);
  } catch {
    // Why it cannot be written is said when it is opened.
    return file;
  }
}

/**
 * Annotations name files from the top of the checkout, we name them from the root of the project.
 */
function annotationPath(cwd: string, workspace: string | undefined): (file: string) => string {
  const root = findRoot(cwd);
  return (file) => {
    const name = relative(workspace ?? root, join(root, file));
    return name.startsWith('..') ? file : name;
  };
}

async function closeAll(
  reporters: readonly Reporter[],
  sinks: readonly ReportSink[],
): Promise<Diagnostic[]> {
  for (const reporter of reporters) await reporter.close();
  const problems: Diagnostic[] = [];
  for (const sink of sinks) {
    const failed = await sink.commit();
    if (failed !== undefined) problems.push(unwritable(sink.path, failed));
  }
  return problems;
}

const unwritable = (file: string, why: string): Diagnostic => ({
  code: 'DB602',
  severity: 'error',
  message: `cannot write the report ${file === '' ? '(no file name)' : file}: ${why}`,
  hint: 'name a file in a folder that exists and can be written',
});
