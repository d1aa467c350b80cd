/**
 * The runner: file by file, load, run, tell. Holds one file's cases at a time, so that memory does not grow
 * with the number of files.
 */
import type { Case, Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Target } from '../targets/target.ts';
import type { Reporter, RunEvent, Shard, Summary } from './events.ts';
import { isSignalName } from './exit-codes.ts';
import { runCase } from './run-case.ts';
import { shuffled } from './shuffle.ts';
import { Counts } from './summary.ts';

export interface LoadedFile {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
  /** The line of YAML at a place of this file or of one that it includes. */
  readonly sourceLine?: (place: Place) => string | undefined;
  /** A file of the project as the user's shell finds it. */
  readonly pathFor?: (file: string) => string;
}

export interface RunOptions {
  readonly files: readonly string[];
  /** What was wrong before the run: missing paths, reports that cannot be written. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly load: (file: string) => LoadedFile;
  readonly select?: (spec: Case) => boolean;
  readonly target: Target;
  readonly reporters: readonly Reporter[];
  readonly bail?: boolean;
  readonly verbose?: boolean;
  /** Shuffles files, and cases within a file. */
  readonly seed?: number;
  /** Told to the reporters; the files are those of this shard already. */
  readonly shard?: Shard;
  /** Aborted with the name of a signal: the step that runs is finished, then the summary. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** How long the loop may go without giving signals and timers their turn. */
const TURN_MS = 20;

/** Steps between two looks at the clock; a step takes 10 ms at most. */
const MOMENTS = 16;

/** To the microsecond: more digits mean nothing. */
const milliseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

export const runSpecs = (options: RunOptions): Promise<Summary> => new Run(options).all();

class Run {
  private readonly counts = new Counts();
  private readonly options: RunOptions;
  private readonly now: () => number;
  private lastTurn: number;
  private moments = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.lastTurn = this.now();
  }

  async all(): Promise<Summary> {
    const start = this.now();
    const { seed, shard, signal, diagnostics = [] } = this.options;
    const files = this.inOrder(this.options.files);
    this.emit({
      type: 'run-start',
      files: files.length,
      paths: files,
      ...(seed === undefined ? {} : { seed }),
      ...(shard === undefined ? {} : { shard }),
    });
    for (const diagnostic of diagnostics) this.diagnose(diagnostic);
    for (const file of files) {
      if (this.stopped()) break;
      await this.file(file);
    }
    const reason: unknown = signal?.reason;
    const name = signal?.aborted === true ? (isSignalName(reason) ? reason : 'SIGINT') : undefined;
    const summary = this.counts.summary(milliseconds(this.now() - start), name);
    this.emit({ type: 'run-end', summary });
    return summary;
  }

  private async file(file: string): Promise<void> {
    this.counts.files++;
    const { select = () => true } = this.options;
    let loaded: LoadedFile;
    try {
      loaded = this.options.load(file);
    } catch (error) {
      this.bug(error, `loading ${file}`);
      return;
    }
    for (const diagnostic of loaded.diagnostics) this.diagnose(diagnostic);
    const cases = this.inOrder(loaded.cases.filter(select));
    if (cases.length > 0) {
      this.emit({ type: 'file-start', file, cases: cases.length, list: cases });
      for (const spec of cases) {
        if (this.stopped()) break;
        await this.case(spec, loaded);
      }
      this.emit({ type: 'file-end', file });
    }
    await this.turn();
  }

  private async case(spec: Case, { sourceLine, pathFor }: LoadedFile): Promise<void> {
    this.emit({ type: 'case-start', case: spec });
    try {
      const verdict = await runCase(spec, this.options.target, {
        verbose: this.options.verbose ?? false,
        now: this.now,
        onStep: (result) => this.emit({ type: 'step', case: spec, result }),
        turn: () => this.turn(),
        stopped: () => this.options.signal?.aborted === true,
        ...(sourceLine === undefined ? {} : { sourceLine }),
        ...(pathFor === undefined ? {} : { file: pathFor(spec.place.file) }),
      });
      this.counts.add(verdict);
      this.emit({ type: 'case-end', verdict });
    } catch (error) {
      this.bug(error, spec.id, spec.place);
    }
    await this.turn();
  }

  private inOrder<T>(items: readonly T[]): readonly T[] {
    const { seed } = this.options;
    return seed === undefined ? items : shuffled(items, seed);
  }

  private stopped(): boolean {
    const { signal, bail = false } = this.options;
    return signal?.aborted === true || (bail && this.counts.bad);
  }

  private emit(event: RunEvent): void {
    for (const reporter of this.options.reporters) reporter.on(event);
  }

  private diagnose(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.counts.errors++;
    this.emit({ type: 'diagnostic', diagnostic });
  }

  /** An exception that is no verdict: ours, with its stack. The other cases go on. */
  private bug(error: unknown, where: string, place?: Place): void {
    this.counts.bugs++;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.diagnose({
      code: 'DB901',
      severity: 'error',
      message: `a bug of Doorbell, ${where}\n${text}`,
      ...(place === undefined ? {} : { place }),
      hint: 'please report it with this spec',
    });
  }

  private turn(): Promise<void> | undefined {
    // Asking for the time costs as much as a short step.
    if (++this.moments % MOMENTS !== 0) return undefined;
    if (this.now() - this.lastTurn < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.lastTurn = this.now();
        resolve();
      });
    });
  }
}
