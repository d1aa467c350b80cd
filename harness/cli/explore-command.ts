/** `doorbell explore`: do the invariants hold under every interleaving? */
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Case } from '../spec/case.ts';
import { rowName } from '../spec/case-name.ts';
import type { ParsedSpec } from '../spec/load.ts';
import { BeforeFailed } from '../../src/explore/model/machine.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import { type CaseExploration, exploreCase, type ExploreOptions } from '../explore/explore-case.ts';
import { type PropertyRow, propertyRow, propertyTable } from '../explore/property-table.ts';
import { ExplorationError, type TimedProgress } from '../explore/exploration.ts';
import { planOf } from '../explore/plan-of.ts';
import {
  counterexampleText,
  countsText,
  reasonOf,
  symmetryText,
  verdictWord,
} from '../explore/verdict-text.ts';
import { storySvg } from '../explore/story-svg.ts';
import { writtenSpec } from '../explore/written-spec.ts';
import { printable, type Style, styleFor } from '../report/style.ts';
import { pointText } from '../report/summary-text.ts';
import { EXIT, isSignalName, SIGNAL_EXIT } from '../run/exit-codes.ts';
import { exploreOptions, refusal } from './explore-options.ts';
import { fileLoader } from './load-files.ts';
import { isFileError, NumberedFile } from './numbered-file.ts';
import { printDiagnostics } from './print.ts';
import type { ExploreFlags } from './flags.ts';
import { caseFilter } from './select-cases.ts';
import { selectFiles } from './select-files.ts';
import { stopOnSignals } from './signals.ts';
import { environment, wantsColour, widthOf } from './terminal.ts';

export async function exploreCommand(
  paths: readonly string[],
  flags: ExploreFlags,
  workerFile: string,
): Promise<number> {
  if (flags.against !== undefined) {
    const { exploreAgainst } = await import('./explore-against.ts');
    return exploreAgainst(paths, flags, flags.against);
  }
  const cwd = process.cwd();
  const { files, lines, diagnostics } = await selectFiles(paths, cwd);
  const problems: Diagnostic[] = [...diagnostics];
  const load = fileLoader(cwd, lines);
  const signals = stopOnSignals();
  const run = new ExploreRun(flags, workerFile, signals.signal);
  const selected = files.map((file) => {
    const loaded = load(file);
    problems.push(...loaded.diagnostics);
    return { file, parsed: loaded.parsed, cases: loaded.cases.filter(caseFilter(flags)) };
  });
  const refused = refusal(flags, selected.flatMap(({ cases }) => cases).length);
  if (refused !== undefined) {
    signals.dispose();
    return refuse(refused, flags);
  }
  try {
    for (const { file, parsed, cases } of selected) {
      if (cases[0] === undefined || signals.signal.aborted) continue;
      run.file(file, cases[0].title);
      for (const spec of cases) {
        if (signals.signal.aborted) break;
        try {
          await run.case(spec, parsed);
        } catch (error) {
          if (!(error instanceof BeforeFailed)) throw error;
          run.failed(spec, error.message);
        }
      }
      run.endOfFile();
    }
  } catch (error) {
    // Such as a checkpoint of another spec.
    if (!(error instanceof ExplorationError)) throw error;
    return refuse(error.message, flags);
  } finally {
    signals.dispose();
  }
  run.finish();
  problems.push(...run.problems);
  printDiagnostics(problems, flags.color);
  const name: unknown = signals.signal.reason;
  if (signals.signal.aborted) return SIGNAL_EXIT[isSignalName(name) ? name : 'SIGINT'];
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  return run.exitCode;
}

function refuse(message: string, { color }: ExploreFlags): number {
  printDiagnostics([{ code: 'DB603', severity: 'error', message }], color);
  return EXIT.usage;
}

class ExploreRun {
  private readonly flags: ExploreFlags;
  private readonly workerFile: string;
  private readonly signal: AbortSignal;
  private readonly style: Style;
  private readonly width: number;
  private readonly live: boolean;
  /** Files that could not be written. */
  readonly problems: Diagnostic[] = [];
  private readonly specFile: NumberedFile;
  private readonly svgFile: NumberedFile;
  private readonly results: object[] = [];
  private readonly rows: PropertyRow[] = [];
  private violated = 0;
  private incomplete = 0;
  private held = 0;

  constructor(flags: ExploreFlags, workerFile: string, signal: AbortSignal) {
    const here = environment();
    this.flags = flags;
    this.specFile = new NumberedFile(flags.spec);
    this.svgFile = new NumberedFile(flags.svg);
    this.workerFile = workerFile;
    this.signal = signal;
    this.style = styleFor(wantsColour(here, flags.color) && !flags.json);
    this.width = widthOf(here);
    this.live = here.isTTY && !flags.json;
  }

  /** A bound that was hit is no pass: 3, as of a target that could not finish. */
  get exitCode(): number {
    if (this.violated > 0) return EXIT.checkFailed;
    if (this.incomplete > 0) return EXIT.target;
    return this.held > 0 ? EXIT.passed : EXIT.nothing;
  }

  file(file: string, title: string): void {
    if (!this.flags.json) console.log(`${printable(file)}  ${this.style.dim(printable(title))}`);
  }

  async case(spec: Case, parsed: ParsedSpec | undefined): Promise<void> {
    const plan = planOf(spec, this.flags);
    if ('unexplorable' in plan) return this.skip(spec, plan.unexplorable);
    if (this.flags.eachProperty) return this.properties(spec, plan);
    const exploration = await exploreCase(plan, this.options());
    this.clearLine();
    const { report } = exploration;
    const word = verdictWord(report.verdict);
    if (word === 'HOLDS') this.held++;
    else if (word === 'VIOLATED') this.violated++;
    else this.incomplete++;
    const reason = reasonOf(report.verdict);
    if (this.flags.json) {
      const { verdict, ...counts } = report;
      const { kind } = verdict;
      const note = exploration.symmetry?.();
      const files = this.files(spec, parsed, plan, exploration);
      this.results.push({
        id: spec.id,
        line: spec.place.line,
        design: spec.designLabel,
        point: spec.point,
        verdict: kind,
        ...(reason === undefined ? {} : { reason }),
        ...counts,
        ...(note === undefined ? {} : { symmetry: note }),
        story: exploration.story,
        ...(files.length === 0 ? {} : { files }),
      });
      return;
    }
    const colour =
      word === 'HOLDS'
        ? this.style.green
        : word === 'VIOLATED'
          ? this.style.red
          : this.style.yellow;
    console.log(`  ${colour(word)}  ${pointText(spec)}  ${this.style.dim(countsText(report))}`);
    for (const line of symmetryText(exploration)) console.log(`    ${this.style.dim(line)}`);
    if (reason !== undefined) console.log(`\n  ${colour(reason)}\n`);
    const lines = counterexampleText(exploration, this.style, this.width);
    if (lines.length > 0) console.log(`${lines.join('\n')}\n`);
    const files = this.files(spec, parsed, plan, exploration);
    if (files.length > 0)
      console.log(`  written: ${files.map((file) => printable(file)).join(', ')}\n`);
  }

  /** Writes the counterexample where it was asked for; the files' paths. */
  private files(
    spec: Case,
    parsed: ParsedSpec | undefined,
    plan: ExplorePlan,
    { report, story, before, after }: CaseExploration,
  ): string[] {
    const reason = reasonOf(report.verdict);
    if (story.length === 0 || reason === undefined || parsed === undefined) return [];
    try {
      return [
        ...this.specFile.write(() => writtenSpec(parsed, spec, plan, story, reason)),
        ...this.svgFile.write(() =>
          storySvg({ title: spec.title, subtitle: spec.id, reason, story, before, after }),
        ),
      ];
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.problems.push({ code: 'DB602', severity: 'error', message: error.message });
      return [];
    }
  }

  private options(): ExploreOptions {
    const { flags, workerFile, signal } = this;
    return exploreOptions(flags, workerFile, signal, (progress) => this.progress(progress));
  }

  private async properties(spec: Case, plan: ExplorePlan): Promise<void> {
    const row = await propertyRow(printable(rowName(spec)), plan, this.options());
    this.clearLine();
    this.rows.push(row);
    if (row.deadlock > 0 || row.verdicts.some((v) => v !== undefined && v > 0)) this.violated++;
    else if (row.verdicts.includes(undefined) || row.unreached.length > 0) this.incomplete++;
    else this.held++;
  }

  /** The table of the file that was explored last. */
  endOfFile(): void {
    if (this.rows.length === 0) return;
    if (this.flags.json) this.results.push(...this.rows);
    else
      console.log(
        `${propertyTable(this.rows)
          .map((line) => `  ${line}`)
          .join('\n')}\n`,
      );
    this.rows.length = 0;
  }

  finish(): void {
    if (this.flags.json)
      console.log(JSON.stringify({ version: 1, cases: this.results }, undefined, 2));
    else if (this.held + this.violated + this.incomplete > 0)
      console.log(`\n${this.held} hold, ${this.violated} violated, ${this.incomplete} incomplete`);
  }

  /** A step before the interleaving was refused, as a run says as well (DB401). */
  failed(spec: Case, reason: string): void {
    this.violated++;
    if (this.flags.json) this.results.push({ id: spec.id, verdict: 'failed', reason });
    else console.log(`  ${this.style.red('FAILED')}  ${pointText(spec)}  ${printable(reason)}`);
  }

  private skip(spec: Case, reason: string): void {
    if (this.flags.json) this.results.push({ id: spec.id, verdict: 'skipped', reason });
    else console.log(`  SKIP  ${pointText(spec)}  ${printable(reason)}`);
  }

  private progress({ states, rate, depth, queue, seconds, estimate }: TimedProgress): void {
    if (!this.live) return;
    const of = estimate === undefined ? '' : ` of about ${estimate.toLocaleString('en-US')}`;
    const text = `  ${states.toLocaleString('en-US')} states${of}, ${Math.round(rate).toLocaleString('en-US')}/s, depth ${depth}, queue ${queue.toLocaleString('en-US')}, ${seconds.toFixed(0)} s`;
    process.stderr.write(`\r${text.slice(0, this.width - 1).padEnd(this.width - 1)}`);
  }

  private clearLine(): void {
    if (this.live) process.stderr.write(`\r${' '.repeat(this.width - 1)}\r`);
  }
}
