/**
 * The runner: file by file, load, run, tell. Holds one file's cases at a time (of a target that
 * carries out several at once, those under way as well), so that memory does not grow with the
 * number of files.
 */
import type { Case, Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Target } from '../targets/target.ts';
import type { Reporter, RunEvent, Shard, Summary, Verdict } from './events.ts';
import { isSignalName } from './exit-codes.ts';
import { InOrder } from './in-order.ts';
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

type Tell = (event: RunEvent) => void;

class Run {
  private readonly counts = new Counts();
  /** Of a target that carries out several cases at once. */
  private readonly overlapping: InOrder<RunEvent> | undefined;
  private readonly options: RunOptions;
  private readonly now: () => number;
  private lastTurn: number;
  private moments = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.lastTurn = this.now();
    const { target, bail = false } = options;
    const most = bail ? 1 : (target.atOnce ?? 1);
    this.overlapping = most > 1 ? new InOrder((event) => this.out(event), most) : undefined;
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
    await this.overlapping?.all();
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

  private async case(spec: Case, loaded: LoadedFile): Promise<void> {
    if (this.overlapping === undefined) {
      this.emit({ type: 'case-start', case: spec });
      await this.verdict(spec, loaded, this.out, () => {});
    } else {
      await this.overlapping.begin((tell) => {
        let started = false;
        // Those that only waited when the run was stopped are as if they had not been begun.
        return this.verdict(spec, loaded, tell, (verdict) => {
          if (verdict?.status === 'ABORT' && !started && this.interrupted()) return false;
          if (!started) tell({ type: 'case-start', case: spec });
          started = true;
          return true;
        });
      });
    }
    await this.turn();
  }

  /** `begun` is asked before each thing that is told of a case; false: it is not to be told of. */
  private async verdict(
    spec: Case,
    { sourceLine, pathFor }: LoadedFile,
    tell: Tell,
    begun: (verdict?: Verdict) => boolean | void,
  ): Promise<void> {
    try {
      const verdict = await runCase(spec, this.options.target, {
        verbose: this.options.verbose ?? false,
        now: this.now,
        onStep: (result) => {
          begun();
          tell({ type: 'step', case: spec, result });
        },
        notice: (message) =>
          tell({
            type: 'diagnostic',
            diagnostic: { code: 'DB502', severity: 'warning', message, place: spec.place },
          }),
        turn: () => this.turn(),
        stopped: () => this.interrupted(),
        ...(sourceLine === undefined ? {} : { sourceLine }),
        ...(pathFor === undefined ? {} : { file: pathFor(spec.place.file) }),
      });
      if (begun(verdict) === false) return;
      this.counts.add(verdict);
      tell({ type: 'case-end', verdict });
    } catch (error) {
      this.bug(error, spec.id, spec.place, tell);
    }
  }

  private inOrder<T>(items: readonly T[]): readonly T[] {
    const { seed } = this.options;
    return seed === undefined ? items : shuffled(items, seed);
  }

  private stopped(): boolean {
    return this.interrupted() || (this.options.bail === true && this.counts.bad);
  }

  private interrupted(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** What is told of no case comes after the cases that were begun before. */
  private readonly emit: Tell = (event) => {
    if (this.overlapping === undefined) this.out(event);
    else this.overlapping.tell(event);
  };

  private readonly out: Tell = (event) => {
    for (const reporter of this.options.reporters) reporter.on(event);
  };

  private diagnose(diagnostic: Diagnostic, tell = this.emit): void {
    if (diagnostic.severity === 'error') this.counts.errors++;
    tell({ type: 'diagnostic', diagnostic });
  }

  /** An exception that is no verdict: ours, with its stack. The other cases go on. */
  private bug(error: unknown, where: string, place?: Place, tell = this.emit): void {
    this.counts.bugs++;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const diagnostic: Diagnostic = {
      code: 'DB901',
      severity: 'error',
      message: `a bug of Doorbell, ${where}\n${text}`,
      ...(place === undefined ? {} : { place }),
      hint: 'please report it with this spec',
    };
    this.diagnose(diagnostic, tell);
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
