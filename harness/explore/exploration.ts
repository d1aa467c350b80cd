/** What is asked of an exploration, and what is seen of it. */
import type { Progress } from '../../src/explore/engine/search.ts';
import type { Limits, Report } from '../../src/explore/engine/verdict.ts';
import type { SystemSource } from './system-source.ts';

export interface Exploration {
  readonly system: SystemSource;
  /** Breadth-first is the only one for several workers and for checkpoints. */
  readonly search: 'breadth-first' | 'depth-first' | 'random';
  readonly symmetry: boolean;
  readonly partialOrder: boolean;
  /**
   * Any counterexample will do: where partial order has put steps off, the shortest is not looked
   * for.
   */
  readonly anyOrder?: boolean;
  readonly limits: Limits;
  /** Stops the search, incomplete, after that long. */
  readonly seconds?: number;
  /** Threads that search; 1: this one. */
  readonly workers: number;
  /** The built worker (harness/explore/worker.ts); needed for more than one. */
  readonly workerFile?: string;
  /** Random walks. */
  readonly seed?: number;
  readonly walks?: number;
  readonly steps?: number;
  readonly checkpoint?: {
    /** Where to; files beside it begin with its name. */
    readonly file: string;
    readonly everySeconds: number;
    /** Goes on from what the file holds. */
    readonly resume: boolean;
  };
  readonly onProgress?: (progress: TimedProgress) => void;
  /**
   * Stops the search; the report then says what was covered, and the checkpoint, if any, is
   * written.
   */
  readonly signal?: AbortSignal;
}

export interface TimedProgress extends Progress {
  readonly seconds: number;
  /** States a second since the last time. */
  readonly rate: number;
  /**
   * States in all, if the share of new states among those expanded stays as it was lately;
   * undefined while the queue grows.
   */
  readonly estimate: number | undefined;
}

export interface TimedReport extends Report {
  readonly seconds: number;
}

/** An exploration that cannot be begun as it was asked for: usage, not a fault of the search. */
export class ExplorationError extends Error {}

/** Turns what a search says of itself into what is shown. */
export class ProgressMeter {
  private readonly began = performance.now();
  private last = { seconds: 0, states: 0, queue: 0 };

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  read(progress: Progress): TimedProgress {
    const { states, queue } = progress;
    const { seconds, last } = this;
    const met = states - last.states;
    const expanded = met - (queue - last.queue);
    const share = met / expanded;
    const falling = expanded > 0 && share < 1;
    this.last = { seconds, states, queue };
    return {
      ...progress,
      seconds,
      rate: met / Math.max(seconds - last.seconds, 1e-3),
      estimate: falling ? Math.round(states + (queue * share) / (1 - share)) : undefined,
    };
  }
}
