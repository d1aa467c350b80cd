/** One spec: a row for it, for each case and, while they are few enough, for each step. */
import type { ReportedCase, StepResult, Verdict } from '../run/events.ts';
import { printable } from './style.ts';
import { caseText, isBad, pointText } from './summary-text.ts';
import { Row, type RowModel } from './task-list.ts';

interface CaseRow {
  readonly row: Row;
  readonly steps: readonly Row[];
  /** For what is checked at the end. */
  readonly end: Row | undefined;
}

export class CaseRows implements RowModel {
  readonly rows: readonly Row[];
  private readonly top: Row;
  private readonly cases = new Map<ReportedCase, CaseRow>();
  private current: CaseRow | undefined;
  private readonly failing: Row[] = [];
  private done = 0;
  private bad = 0;
  private readonly file: string;
  private readonly title: string;
  private readonly total: number;

  constructor(file: string, list: readonly ReportedCase[], most: number) {
    const all = list.reduce((sum, spec) => sum + 2 + spec.steps.length, 1);
    const cases = list.slice(0, most - 1);
    for (const spec of cases) {
      const withSteps = all <= most;
      const steps = withSteps ? spec.steps.map(({ label }) => new Row(printable(label))) : [];
      const end = withSteps ? new Row('at the end') : undefined;
      const row = new Row(pointText(spec), end === undefined ? [] : [...steps, end]);
      this.cases.set(spec, { row, steps, end });
    }
    this.total = list.length;
    this.file = printable(file);
    this.title = printable(list[0]?.title ?? '');
    this.top = new Row(
      `${this.file}  ${this.title}`,
      list.length <= cases.length ? [...this.cases.values()].map(({ row }) => row) : [],
    );
    this.rows = [this.top];
  }

  fileStart(): void {
    // The file is the whole list.
  }

  caseStart(spec: ReportedCase): void {
    this.current = this.cases.get(spec);
  }

  step({ index, error, failed, step }: StepResult): void {
    const row = this.current?.steps[index];
    if (row === undefined) return;
    if (error !== undefined) row.title = `${printable(step.label)}  -> ${error}`;
    // Whether that is bad is known when the case has ended: it may be what `xfail` expects.
    if (failed > 0) this.failing.push(row);
    else row.end({ state: 'passed' });
  }

  caseEnd(verdict: Verdict): void {
    this.done++;
    const failed = isBad(verdict.status);
    if (failed) this.bad++;
    const bad = this.bad === 0 ? '' : `, ${this.bad} failed`;
    this.top.title = `${this.file}  ${this.done}/${this.total}${bad}  ${this.title}`;
    const { current } = this;
    if (current === undefined) return;
    current.row.title = caseText(verdict);
    const atEnd = verdict.failures.some(({ step }) => step === undefined);
    const reached =
      verdict.status !== 'SKIP' && verdict.status !== 'ABORT' && !stoppedEarly(verdict);
    if (atEnd && current.end !== undefined) this.failing.push(current.end);
    else if (reached) current.end?.end({ state: 'passed' });
    for (const row of this.failing.splice(0)) {
      if (!failed) row.title = `${row.title}  (fails, as expected)`;
      row.end({ state: failed ? 'failed' : 'passed' });
    }
    if (verdict.status === 'SKIP') current.row.end({ state: 'skipped', why: 'skipped' });
    else current.row.end({ state: failed ? 'failed' : 'passed' });
    // The first end counts: this is for the steps that were not reached.
    current.row.abandon();
  }

  fileEnd(): void {
    this.top.end({ state: this.bad > 0 ? 'failed' : 'passed' });
  }

  abandon(): void {
    for (const { row } of this.cases.values()) row.abandon();
    this.top.end({ state: this.bad > 0 ? 'failed' : 'passed' });
  }
}

/** A refused step ends its case. */
const stoppedEarly = ({ failures }: Verdict): boolean =>
  failures.some(({ diagnostic }) => diagnostic.code === 'DB401');
