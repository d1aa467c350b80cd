/**
 * The list of rows on the screen: listr2 draws it, we decide what the rows are and when they
 * change. Its cost grows with rows times changes, so rows are few and frames are limited.
 */
import { EventEmitter } from 'node:events';
import {
  DefaultRenderer,
  Listr,
  type ListrDefaultRendererTask,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTask,
  type ListrTaskWrapper,
  ProcessOutput,
  type SimpleRenderer,
} from 'listr2';
import type { ReportedCase, StepResult, Verdict } from '../run/events.ts';
import type { Output } from './output.ts';

/** Time between frames: about 8 a second. */
const FRAME_MS = 120;

type Wrapper = ListrTaskWrapper<object, typeof Rows, typeof SimpleRenderer>;
type End = { readonly state: 'passed' | 'failed' } | { readonly state: 'skipped'; why: string };

/** A row whose fate is decided by events, before or after listr2 gets to it. */
export class Row {
  private text: string;
  private readonly children: readonly Row[];
  private wrapper: Wrapper | undefined;
  private readonly ended: Promise<End>;
  private settle: (end: End) => void = () => undefined;

  constructor(text: string, children: readonly Row[] = []) {
    this.text = text;
    this.children = children;
    this.ended = new Promise((resolve) => (this.settle = resolve));
  }

  get title(): string {
    return this.text;
  }

  set title(text: string) {
    this.text = text;
    if (this.wrapper) this.wrapper.title = text;
  }

  /** The first end counts; later ones are ignored. */
  end(end: End): void {
    this.settle(end);
  }

  /** Ends the row and everything under it that nothing was heard of. */
  abandon(): void {
    for (const child of this.children) child.abandon();
    this.end({ state: 'skipped', why: 'not run' });
  }

  task(): ListrTask<object, typeof Rows, typeof SimpleRenderer> {
    return {
      title: this.text,
      task: async (_, wrapper) => {
        this.wrapper = wrapper;
        wrapper.title = this.text;
        if (this.children.length > 0) {
          const tasks = this.children.map((child) => child.task());
          return wrapper.newListr(tasks, { concurrent: true, exitOnError: false });
        }
        const end = await this.ended;
        if (end.state === 'skipped') wrapper.skip(`${this.text}  (${end.why})`);
        if (end.state === 'failed') throw new Error(this.text);
        return undefined;
      },
    };
  }
}

/** What the rows are, and how they follow the events. */
export interface RowModel {
  readonly rows: readonly Row[];
  fileStart(file: string): void;
  caseStart(spec: ReportedCase): void;
  step(result: StepResult): void;
  caseEnd(verdict: Verdict): void;
  fileEnd(file: string): void;
  /** What is still open was not run. */
  abandon(): void;
}

export interface TaskList {
  /** Text that stays, above the rows. */
  print(text: string): void;
  /** Draws the last frame; every row must have ended. */
  finish(): Promise<void>;
}

export function showRows(rows: readonly Row[], output: Output): TaskList {
  const stream = streamOf(output);
  const printer = new Printer();
  const logger = new ListrLogger({
    useIcons: true,
    toStderr: [],
    processOutput: new ProcessOutput(stream, stream),
  });
  const list = new Listr(
    rows.map((row) => row.task()),
    {
      concurrent: true,
      exitOnError: false,
      // Ctrl-C is the runner's: the case that runs ends, then the summary is printed.
      registerSignalListeners: false,
      renderer: Rows,
      rendererOptions: {
        logger,
        printer,
        collapseSubtasks: false,
        collapseErrors: false,
        showErrorMessage: false,
        formatOutput: 'truncate',
      },
    },
  );
  const run = list.run();
  return {
    print: (text) => printer.lines.push(text),
    finish: async () => void (await run),
  };
}

/** What waits to be printed above the rows. */
class Printer {
  readonly lines: string[] = [];

  take(): string {
    return this.lines.splice(0).join('\n');
  }
}

type Options = ConstructorParameters<typeof DefaultRenderer>[1] & {
  readonly printer?: Printer;
  readonly logger?: ListrLogger;
};

/** What DefaultRenderer keeps to itself: how to take the rows off the screen for a moment. */
interface Updater {
  clear(): void;
}

class Rows extends DefaultRenderer {
  // Whether there is a terminal was decided before; listr2 is not to choose another renderer.
  static override nonTTY = true;
  static override rendererOptions: Options = DefaultRenderer.rendererOptions;
  private readonly own: Options;
  private drawn = 0;

  constructor(
    tasks: ListrDefaultRendererTask[],
    options: Options,
    events: ConstructorParameters<typeof DefaultRenderer>[2],
  ) {
    super(tasks, options, events);
    this.own = options;
  }

  override update(): void {
    const now = performance.now();
    if (now - this.drawn < FRAME_MS) return;
    this.drawn = now;
    this.printWaiting();
    super.update();
  }

  override end(): void {
    this.printWaiting();
    super.end();
  }

  /** A parent is as bad as its worst child; listr2 would call it completed. */
  protected override style(task: ListrDefaultRendererTask, output?: boolean): string {
    const level = ListrDefaultRendererLogLevels.FAILED;
    if (!output && task.isCompleted() && hasFailed(task))
      return this.own.logger?.icon(level) ?? super.style(task, output);
    return super.style(task, output);
  }

  private printWaiting(): void {
    const text = this.own.printer?.take() ?? '';
    if (text === '') return;
    const { updater } = this as unknown as { readonly updater?: Updater };
    updater?.clear();
    this.own.logger?.process.toStdout(text);
  }
}

const hasFailed = (task: ListrDefaultRendererTask): boolean =>
  task.hasFailed() || (task.subtasks ?? []).some(hasFailed);

/** As much of a terminal as listr2 and log-update look at. */
function streamOf(output: Output): NodeJS.WriteStream {
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: output.columns,
    rows: output.rows ?? 50,
    write: (text: string | Uint8Array): boolean => {
      output.write(String(text));
      return true;
    },
  });
  return stream as unknown as NodeJS.WriteStream;
}
