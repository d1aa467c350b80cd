/**
 * `doorbell compare`: designs, kernels or targets, side by side on the same steps. Exit code as of
 * diff: 1 when they differ.
 */
import { compareCase, type Comparison } from '../compare/compare-case.ts';
import {
  casesSideBySide,
  type Group,
  kernelsSideBySide,
  targetsSideBySide,
} from '../compare/columns.ts';
import { comparisonText, missingText } from '../compare/compare-text.ts';
import { Tally } from '../compare/tally.ts';
import type { Case } from '../spec/case.ts';
import { InOrder } from '../run/in-order.ts';
import { EXIT, SIGNAL_EXIT, type SignalName } from '../run/exit-codes.ts';
import { styleFor } from '../report/style.ts';
import type { Target } from '../targets/target.ts';
import { openTargets } from './open-targets.ts';
import { fileLoader } from './load-files.ts';
import { printDiagnostics } from './print.ts';
import type { CompareFlags } from './flags.ts';
import { caseFilter } from './select-cases.ts';
import { selectFiles } from './select-files.ts';
import { laterOnSignals } from './signals.ts';
import { environment, wantsColour } from './terminal.ts';

export async function compareCommand(
  paths: readonly string[],
  flags: CompareFlags,
): Promise<number> {
  const cwd = process.cwd();
  if (flags.kernels !== undefined && flags.target !== 'model') {
    const message = '--kernels is for --target model: a booted kernel has one version';
    printDiagnostics([{ code: 'DB603', severity: 'error', message }], flags.color);
    return EXIT.usage;
  }
  const signals = laterOnSignals();
  const targets = await openTargets(flags.target.split(','), flags, signals.listen);
  if ('refused' in targets) {
    printDiagnostics([targets.refused], flags.color);
    return targets.exitCode;
  }
  const { files, lines, diagnostics } = await selectFiles(paths, cwd);
  const problems = [...diagnostics];
  const load = fileLoader(cwd, lines);
  const selected = caseFilter(flags);
  const signal = signals.listen();
  const report = flags.json ? new JsonReport() : new TextReport(flags);
  const most = Math.max(...targets.targets.map(({ atOnce = 1 }) => atOnce));
  const order = new InOrder<Comparison>((comparison) => report.add(comparison), most);
  const bugs: unknown[] = [];
  try {
    for (const file of files) {
      const loaded = load(file);
      problems.push(...loaded.diagnostics);
      for (const { id, columns } of groups(
        loaded.cases.filter(selected),
        targets.targets,
        flags.kernels,
      )) {
        if (signal.aborted || bugs.length > 0) break;
        await order.begin(async (tell) => {
          try {
            const comparison = await compareCase(id, columns);
            // What was interrupted says nothing of the target.
            if (!signal.aborted || !comparison.columns.some(({ died }) => died)) tell(comparison);
          } catch (error) {
            bugs.push(error);
          }
        });
      }
    }
    await order.all();
    if (bugs.length > 0) throw bugs[0];
  } finally {
    for (const target of targets.targets) await target.close?.();
    signals.dispose();
  }
  report.end();
  printDiagnostics(problems, flags.color);
  if (signal.aborted) return SIGNAL_EXIT[signal.reason as SignalName];
  if (report.tally.died > 0) return EXIT.target;
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  if (report.tally.compared === 0) return EXIT.nothing;
  return report.tally.differing > 0 ? EXIT.checkFailed : EXIT.passed;
}

function groups(
  cases: readonly Case[],
  targets: readonly Target[],
  kernels: readonly string[] | undefined,
): Group[] {
  const [only, ...others] = targets;
  if (only === undefined) return [];
  if (others.length > 0) return targetsSideBySide(cases, targets);
  return kernels === undefined
    ? casesSideBySide(cases, only)
    : kernelsSideBySide(cases, kernels, only);
}

abstract class Report {
  readonly tally = new Tally();

  add(comparison: Comparison): void {
    this.tally.add(comparison);
    this.show(comparison);
  }

  protected abstract show(comparison: Comparison): void;
  abstract end(): void;
}

class TextReport extends Report {
  private readonly flags: CompareFlags;

  constructor(flags: CompareFlags) {
    super();
    this.flags = flags;
  }

  protected show(comparison: Comparison): void {
    const style = styleFor(wantsColour(environment(), this.flags.color));
    const died = comparison.columns.some((column) => column.died);
    const isBrief = this.flags.differencesOnly && comparison.differences === 0 && !died;
    const text = isBrief ? missingText(comparison, style) : comparisonText(comparison, style);
    if (text !== undefined) console.log(`${text}\n`);
  }

  end(): void {
    console.log(this.tally.text());
  }
}

class JsonReport extends Report {
  private readonly comparisons: Comparison[] = [];

  protected show(comparison: Comparison): void {
    this.comparisons.push(comparison);
  }

  end(): void {
    console.log(JSON.stringify({ version: 1, comparisons: this.comparisons }, undefined, 2));
  }
}
