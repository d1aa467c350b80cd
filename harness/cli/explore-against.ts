/**
 * `doorbell explore --against`: what one design lets happen and another does not. Exit code as of
 * diff.
 */
import { DESIGN_NAMES, type DesignName } from '../../src/designs/design.ts';
import { BeforeFailed } from '../../src/explore/model/machine.ts';
import { type DesignDiff, diffDesigns } from '../explore/design-diff.ts';
import { diffText, outcomesText } from '../explore/diff-text.ts';
import { planOf } from '../explore/plan-of.ts';
import { count, printable, type Style, styleFor } from '../report/style.ts';
import { pointText } from '../report/summary-text.ts';
import { EXIT, SIGNAL_EXIT, type SignalName } from '../run/exit-codes.ts';
import type { Case } from '../spec/case.ts';
import { rowName } from '../spec/case-name.ts';
import { didYouMean, listKnown } from '../spec/report.ts';
import { fileLoader } from './load-files.ts';
import { printDiagnostics } from './print.ts';
import { bytesOf, refusalAgainst } from './explore-options.ts';
import type { ExploreFlags } from './flags.ts';
import { caseFilter } from './select-cases.ts';
import { selectFiles } from './select-files.ts';
import { stopOnSignals } from './signals.ts';
import { environment, wantsColour, widthOf } from './terminal.ts';

/** Some designs count references that grow without end. */
const MAX_STATES = 100_000;

export async function exploreAgainst(
  paths: readonly string[],
  flags: ExploreFlags,
  against: string,
): Promise<number> {
  const design = DESIGN_NAMES.find((name) => name === against);
  if (design === undefined) {
    const message = `--against: no design "${printable(against)}"${didYouMean(against, DESIGN_NAMES)}`;
    const hint = listKnown(DESIGN_NAMES);
    printDiagnostics([{ code: 'DB603', severity: 'error', message, hint }], flags.color);
    return EXIT.usage;
  }
  const refused = refusalAgainst(flags);
  if (refused !== undefined) {
    printDiagnostics([{ code: 'DB603', severity: 'error', message: refused }], flags.color);
    return EXIT.usage;
  }
  const cwd = process.cwd();
  const { files, lines, diagnostics } = await selectFiles(paths, cwd);
  const problems = [...diagnostics];
  const load = fileLoader(cwd, lines);
  const signals = stopOnSignals();
  const run = new AgainstRun(flags, design, signals.signal);
  try {
    for (const file of files) {
      const loaded = load(file);
      problems.push(...loaded.diagnostics);
      const cases = loaded.cases.filter(caseFilter(flags));
      const others = cases.filter((spec) => spec.design.name !== design);
      if (others[0] !== undefined) run.file(file, others[0].title);
      for (const spec of others) {
        if (signals.signal.aborted) break;
        try {
          await run.case(spec);
        } catch (error) {
          if (!(error instanceof BeforeFailed)) throw error;
          run.skip(spec, error.message);
        }
      }
    }
  } finally {
    signals.dispose();
  }
  run.finish();
  printDiagnostics(problems, flags.color);
  if (signals.signal.aborted) return SIGNAL_EXIT[signals.signal.reason as SignalName];
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.usage;
  return run.exitCode;
}

class AgainstRun {
  private readonly flags: ExploreFlags;
  private readonly design: DesignName;
  private readonly signal: AbortSignal;
  private readonly style: Style;
  private readonly results: object[] = [];
  private compared = 0;
  private differing = 0;
  private incomplete = 0;

  constructor(flags: ExploreFlags, design: DesignName, signal: AbortSignal) {
    this.flags = flags;
    this.design = design;
    this.signal = signal;
    this.style = styleFor(wantsColour(environment(), flags.color) && !flags.json);
  }

  /** No difference between spaces that were not searched to their ends says nothing. */
  get exitCode(): number {
    if (this.compared === 0) return EXIT.nothing;
    if (this.differing > 0) return EXIT.checkFailed;
    return this.incomplete > 0 ? EXIT.target : EXIT.passed;
  }

  file(file: string, title: string): void {
    if (!this.flags.json) console.log(`${printable(file)}  ${this.style.dim(printable(title))}`);
  }

  async case(spec: Case): Promise<void> {
    const design = { name: this.design, initialCount: 1 } as const;
    const plans = [spec, { ...spec, design, designLabel: this.design }].map((each) =>
      planOf(each, this.flags),
    );
    const [first, second] = plans;
    if (first === undefined || second === undefined) return;
    for (const plan of [first, second])
      if ('unexplorable' in plan) return this.skip(spec, plan.unexplorable);
    if ('unexplorable' in first || 'unexplorable' in second) return;
    const limits = { states: this.flags.maxStates ?? MAX_STATES, bytes: bytesOf(this.flags) };
    const symmetry = this.flags.symmetry;
    const diff = await diffDesigns([first, second], { limits, symmetry, signal: this.signal });
    if (this.signal.aborted) return this.stopped(spec, diff);
    this.compared++;
    if (diff.only.some((side) => side.length > 0)) this.differing++;
    if (!diff.found.every(({ complete }) => complete)) this.incomplete++;
    this.show(spec, diff);
  }

  finish(): void {
    if (this.flags.json)
      console.log(JSON.stringify({ version: 1, comparisons: this.results }, undefined, 2));
    else if (this.compared > 0)
      console.log(`\n${count(this.compared, 'pair')} compared, ${this.differing} with differences`);
  }

  private show(spec: Case, diff: DesignDiff): void {
    const { found, only, common } = diff;
    if (this.flags.json) {
      const sides = found.map(({ states, represented, transitions, complete }, n) => ({
        design: n === 0 ? spec.designLabel : this.design,
        states,
        represented,
        transitions,
        complete,
        only: only[n as 0 | 1],
      }));
      this.results.push({ id: spec.id, point: spec.point, designs: sides, common });
      return;
    }
    const counts = `${outcomesText(found[0])}; ${outcomesText(found[1])}`;
    console.log(
      `  ${this.style.bold(`${pointText(spec)} against [${this.design}]`)}  ${this.style.dim(counts)}\n`,
    );
    const lines = diffText(
      diff,
      [printable(rowName(spec)), this.design],
      this.style,
      widthOf(environment()),
    );
    console.log(`${lines.join('\n')}\n`);
  }

  /** What was met until then; which outcomes another design lacks cannot be said. */
  private stopped(spec: Case, { found }: DesignDiff): void {
    const [first, second] = found.map(({ states }) => count(states, 'state'));
    const reason = `the search was stopped after ${first} and ${second}`;
    if (this.flags.json) this.results.push({ id: spec.id, incomplete: reason });
    else console.log(`  INCOMPLETE  ${pointText(spec)} against [${this.design}]  ${reason}`);
  }

  skip(spec: Case, reason: string): void {
    if (this.flags.json) this.results.push({ id: spec.id, skipped: reason });
    else console.log(`  SKIP  ${pointText(spec)}  ${printable(reason)}`);
  }
}
