/**
 * Random specs: each is run with the chosen designs, with the checks that every run makes (no
 * fault, no leak, no interrupt lost, twice or astray) and the errors of the reference design; some
 * are explored. The first that fails is shrunk. The same seed and number of runs draw the same
 * specs.
 */
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Verdict } from '../run/events.ts';
import { type CaseOptions, runCase } from '../run/run-case.ts';
import { exploreCase } from '../explore/explore-case.ts';
import { planOf } from '../explore/plan-of.ts';
import type { Case } from '../spec/case.ts';
import { includeCache, loadSpecText } from '../spec/load.ts';
import { renderDiagnostic } from '../spec/render.ts';
import { modelTarget } from '../targets/model.ts';
import { type FuzzSpec, fuzzSpec } from './fuzz-spec.ts';
import type { Choice } from './machines.ts';
import { Tally } from './tally.ts';
import { type FuzzInput, inputs } from './wishes.ts';

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  readonly designs: readonly string[];
  readonly choice: Choice;
  readonly liveMoves: boolean;
  /** Stops beginning runs after that many seconds. */
  readonly seconds?: number;
  readonly signal?: AbortSignal;
  readonly now: () => number;
  /** What the spec of a failure will be called. */
  readonly file: string;
  readonly onProgress?: (runs: number) => void;
}

export interface FuzzFailure {
  /** Which run it was, from 1. */
  readonly run: number;
  readonly design: string;
  /** The shrunk spec, that doorbell run repeats. */
  readonly text: string;
  /** Of that spec; undefined where our own code threw. */
  readonly verdict?: Verdict;
  readonly thrown?: string;
}

export interface FuzzResult {
  readonly tally: Tally;
  readonly failure?: FuzzFailure;
  /** Time or a signal ended it before all runs were done. */
  readonly stopped: boolean;
}

/** An odd number far from others: batches of neighbouring seeds have nothing in common. */
const SPREAD = 0x9e37_79b1;
/** Runs that share a seed of fast-check: between two batches there is time for signals. */
const BATCH = 20;
/** An interleaving of more states is given up: fuzz tries many small ones. */
const STATES = 20_000;
/** Shrinking ends of itself, but each attempt may explore. */
const SHRINK_SECONDS = 30;

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  return new Fuzz(options).run();
}

interface Bad {
  readonly design: string;
  readonly text: string;
  readonly verdict?: Verdict;
  readonly thrown?: string;
}

class Fuzz {
  private readonly tally = new Tally();
  private readonly options: FuzzOptions;
  private readonly cache = includeCache();
  private counting = true;

  constructor(options: FuzzOptions) {
    this.options = options;
  }

  async run(): Promise<FuzzResult> {
    const { options, tally } = this;
    const { runs, seed, seconds = Infinity, signal, now } = options;
    const began = now();
    const arbitrary = inputs(fc, options.choice);
    for (let first = 0; first < runs; first += BATCH) {
      if (signal?.aborted === true || (now() - began) / 1000 >= seconds)
        return { tally, stopped: true };
      let found: Bad | undefined;
      const property = fc.asyncProperty(arbitrary, async (input) => {
        found = await this.judge(input);
        if (found === undefined) return true;
        // What is tried while shrinking is not what was drawn.
        this.counting = false;
        return false;
      });
      const details = await fc.check(property, {
        seed: (Math.imul(seed, SPREAD) + first) | 0,
        numRuns: Math.min(BATCH, runs - first),
        interruptAfterTimeLimit: SHRINK_SECONDS * 1000,
      });
      if (details.failed)
        return { tally, stopped: false, failure: await this.failure(details, first) };
      options.onProgress?.(tally.runs);
      await turn();
    }
    return { tally, stopped: false };
  }

  private async failure(details: fc.RunDetails<[FuzzInput]>, first: number): Promise<FuzzFailure> {
    const [input] = details.counterexample ?? [];
    const bad = input && (await this.judge(await this.withoutIdle(input)));
    if (bad === undefined) throw new Error('IMPOSSIBLE: what failed passes the second time');
    return { run: first + details.numRuns, ...bad };
  }

  /**
   * Without each wish that the failure does not need: fast-check shortens lists from their
   * beginnings.
   */
  private async withoutIdle(input: FuzzInput): Promise<FuzzInput> {
    let best = input;
    for (let n = best.wishes.length - 1; n >= 0; n--) {
      const shorter = { ...best, wishes: best.wishes.filter((_, i) => i !== n) };
      if ((await this.judge(shorter)) !== undefined) best = shorter;
    }
    const bare = { ...best, threads: [] };
    return (await this.judge(bare)) === undefined ? best : bare;
  }

  /** The first design that fails on the input. */
  private async judge(input: FuzzInput): Promise<Bad | undefined> {
    const { tally, options } = this;
    if (this.counting) {
      tally.runs++;
      tally.machine(input.machine);
    }
    for (const [n, design] of options.designs.entries()) {
      const title = `Fuzz, seed ${options.seed}`;
      const spec = fuzzSpec(input, design, title, options);
      if (spec === undefined) return undefined;
      if (this.counting && n === 0) tally.spec(spec);
      const bad = await this.judgeDesign(spec, design);
      if (bad !== undefined) return bad;
    }
    return undefined;
  }

  private async judgeDesign(spec: FuzzSpec, design: string): Promise<Bad | undefined> {
    const { text } = spec;
    try {
      const { options } = this;
      const loaded = loadSpecText(text, { file: resolve(options.file), cache: this.cache });
      const [only] = loaded.cases;
      if (only === undefined) {
        const said = loaded.diagnostics.map((d) => renderDiagnostic(d, { color: false }));
        return { design, text, thrown: `the loader refuses it:\n${said.join('\n')}` };
      }
      const verdict = await this.verdict(only, spec);
      if (this.counting) this.tally.case(design, verdict.status !== 'SKIP');
      return verdict.status === 'PASS' || verdict.status === 'SKIP'
        ? undefined
        : { design, text, verdict };
    } catch (error) {
      return {
        design,
        text,
        thrown: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
  }

  private async verdict(spec: Case, { text, interleaved }: FuzzSpec): Promise<Verdict> {
    const look: CaseOptions = {
      verbose: false,
      now: () => 0,
      onStep: () => undefined,
      file: this.options.file,
      sourceLine: ({ line }) => text.split('\n')[line - 1],
    };
    if (!interleaved) return runCase(spec, modelTarget, look);
    // The steps first, and then every order, in a smaller space than a run would search.
    const before = await runCase(withoutThreads(spec), modelTarget, look);
    const plan = planOf(spec);
    if (before.status !== 'PASS' || 'unexplorable' in plan) return before;
    const { report } = await exploreCase(plan, {
      search: 'breadth-first',
      symmetry: false,
      partialOrder: false,
      workers: 1,
      limits: { states: STATES },
    });
    const { kind } = report.verdict;
    if (this.counting) {
      this.tally.states += report.states;
      if (kind === 'incomplete') this.tally.unfinished++;
      else this.tally.interleavings++;
    }
    // A run finds the same shortest counterexample, and tells it.
    return kind === 'violated' || kind === 'deadlock' ? runCase(spec, modelTarget, look) : before;
  }
}

function withoutThreads(spec: Case): Case {
  const { explore, ...rest } = spec;
  return explore === undefined ? spec : rest;
}
