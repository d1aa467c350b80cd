/**
 * The task list on a terminal. With one spec or two: its cases and their steps. With more: a row
 * for each folder, with counts. Failures are printed above the rows as they come.
 */
import type { Reporter, RunEvent, Verdict } from '../run/events.ts';
import { CaseRows } from './case-rows.ts';
import { diagnosticText } from './diagnostic-text.ts';
import { verdictText } from './failure-text.ts';
import type { Output, ReportSettings } from './output.ts';
import { printable, type Style, styleFor } from './style.ts';
import { FolderRows } from './folder-rows.ts';
import { isBad, statusText, summaryText } from './summary-text.ts';
import { type RowModel, showRows, type TaskList } from './task-list.ts';
import { traceLines } from './trace-text.ts';

const FEW_SPECS = 2;

const MAX_ROWS = 30;
const MIN_ROWS = 3;
/** The cursor's line, and one that a row may take more than it should. */
const SPARE_ROWS = 2;

/**
 * Rows that have left the screen at its top cannot be drawn again: each frame would be printed
 * below the last.
 */
const mostRows = ({ rows = MAX_ROWS + SPARE_ROWS }: Output): number =>
  Math.max(MIN_ROWS, Math.min(MAX_ROWS, rows - SPARE_ROWS));

export function tasksReporter(output: Output, settings: ReportSettings): Reporter {
  return new Tasks(output, settings);
}

class Tasks implements Reporter {
  private readonly output: Output;
  private readonly settings: ReportSettings;
  private readonly style: Style;
  private list: TaskList | undefined;
  private rows: RowModel = new FolderRows([], MAX_ROWS);
  private few = false;
  private steps: string[] = [];
  private finished: Promise<void> = Promise.resolve();

  constructor(output: Output, settings: ReportSettings) {
    this.output = output;
    this.settings = settings;
    this.style = styleFor(settings.colour);
  }

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-start':
        this.few = event.paths.length <= FEW_SPECS;
        if (!this.few) this.show(new FolderRows(event.paths, mostRows(this.output)));
        if (event.seed !== undefined) this.print(`order shuffled with --seed ${event.seed}`);
        return;
      case 'file-start':
        // What rows there are is known now; the list of the file before has ended.
        if (this.few) this.show(new CaseRows(event.file, event.list, mostRows(this.output)));
        this.rows.fileStart(event.file);
        return;
      case 'case-start':
        this.rows.caseStart(event.case);
        this.steps = [];
        return;
      case 'step':
        this.rows.step(event.result);
        if (this.settings.verbose) this.steps.push(...traceLines(event.result, this.style));
        return;
      case 'case-end':
        this.rows.caseEnd(event.verdict);
        this.report(event.verdict);
        return;
      case 'file-end':
        this.rows.fileEnd(event.file);
        if (this.few) this.hide();
        return;
      case 'diagnostic':
        this.print(`${diagnosticText(event.diagnostic, this.style)}\n`);
        return;
      case 'run-end': {
        this.hide();
        const text = summaryText(event.summary, this.style);
        this.finished = this.finished.then(() => this.output.write(`\n${text}\n`));
      }
    }
  }

  close(): Promise<void> {
    return this.finished;
  }

  private report(verdict: Verdict): void {
    if (this.settings.verbose) {
      const head = `${statusText(verdict.status, this.style)} ${printable(verdict.case.id)}`;
      this.print([head, ...this.steps.map((line) => `  ${line}`)].join('\n'));
    }
    if (isBad(verdict.status)) this.print(verdictText(verdict, this.style, this.output.columns));
  }

  private show(rows: RowModel): void {
    this.rows = rows;
    // The list of the file before draws its last frame first.
    const queue: string[] = [];
    let inner: TaskList | undefined;
    const before = this.finished;
    const started = before.then(() => {
      inner = showRows(rows.rows, this.output);
      for (const text of queue.splice(0)) inner.print(text);
    });
    this.list = {
      print: (text) => (inner ? inner.print(text) : void queue.push(text)),
      finish: async () => {
        await started;
        await inner?.finish();
      },
    };
  }

  private hide(): void {
    if (this.list === undefined) return;
    this.rows.abandon();
    this.finished = this.list.finish();
    this.list = undefined;
  }

  private print(text: string): void {
    if (this.list !== undefined) this.list.print(text);
    else this.finished = this.finished.then(() => this.output.write(`${text}\n`));
  }
}
