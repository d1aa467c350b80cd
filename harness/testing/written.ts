/** For tests: what a reporter writes of a run, in memory. */
import { makeReporter, type ReporterName } from '../report/reporters.ts';
import type { RunOptions } from '../run/runner.ts';
import type { Case } from '../spec/case.ts';
import { runAll } from './samples.ts';

interface Settings {
  readonly verbose?: boolean;
  readonly colour?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly seed?: number;
  readonly annotate?: (file: string) => string;
}

export async function written(
  name: ReporterName,
  files: Readonly<Record<string, readonly Case[]>>,
  settings: Settings = {},
  options: Partial<RunOptions> = {},
): Promise<string> {
  let text = '';
  const { verbose = false, colour = false, columns = 100, rows, seed, annotate } = settings;
  const output = {
    columns,
    ...(rows === undefined ? {} : { rows }),
    write: (more: string) => void (text += more),
  };
  const told = { verbose, colour, now: () => 0, ...(annotate === undefined ? {} : { annotate }) };
  const reporter = await makeReporter(name, output, told);
  await runAll(files, {
    ...options,
    reporters: [reporter],
    verbose,
    ...(seed === undefined ? {} : { seed }),
  });
  await reporter.close();
  return text;
}
