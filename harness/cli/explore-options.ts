/** From the flags of `doorbell explore` to what is asked of an exploration. */
import type { ExploreOptions } from '../explore/explore-case.ts';
import type { TimedProgress } from '../explore/exploration.ts';
import { defaultBytes, defaultWorkers } from '../explore/explore.ts';
import { count } from '../report/style.ts';
import type { ExploreFlags } from './flags.ts';

const MAX_STATES = 20_000_000;
/**
 * A corpus has cases of more states than anybody waits for. A search that can be gone on with is
 * meant to be long.
 */
const MAX_SECONDS = 60;

/**
 * Workers wait for one another at each turn: beyond this they have hardly begun when the time is
 * over.
 */
const MOST_PER_PROCESSOR = 4;

/** Why the flags do not fit together, or the cases that were selected. */
export function refusal(flags: ExploreFlags, cases: number): string | undefined {
  const { search, checkpoint, resume } = flags;
  const workers = workersOf(flags);
  const most = MOST_PER_PROCESSOR * defaultWorkers();
  if (search !== 'breadth-first' && workers > 1) return `--workers: a ${search} search has one`;
  // A search that is gone on with has as many as before, wherever that was.
  if (workers > most && !resume)
    return `--workers: ${workers} on ${count(defaultWorkers(), 'processor')} would wait for one another; ${most} at most`;
  const ofWalks = search === 'random' ? undefined : given(flags, ['seed', 'walks']);
  if (ofWalks !== undefined)
    return `${ofWalks}: a ${search} search draws nothing; it is for --search random`;
  const ofOne = flags.eachProperty ? given(flags, ['spec', 'svg']) : undefined;
  if (ofOne !== undefined) return `${ofOne}: --each-property tells no counterexample`;
  if (resume && checkpoint === undefined) return '--resume: --checkpoint says from where';
  if (checkpoint === undefined) return undefined;
  if (search !== 'breadth-first') return `--checkpoint: a ${search} search has none`;
  if (flags.eachProperty) return '--checkpoint: with --each-property there are several searches';
  return cases > 1
    ? `--checkpoint: it is of one case, and ${cases} are selected (--grep, --design)`
    : undefined;
}

/** What compares two designs looks at all that can come of them, and at nothing else. */
export function refusalAgainst(flags: ExploreFlags): string | undefined {
  if (flags.search !== 'breadth-first') return '--search: --against searches breadth-first';
  if (workersOf(flags) > 1) return '--workers: --against has one';
  const more = given(flags, ['time', 'checkpoint', 'resume', 'seed', 'walks', 'spec', 'svg']);
  if (more !== undefined) return `${more}: not with --against`;
  return flags.eachProperty ? '--each-property: not with --against' : undefined;
}

const given = (flags: ExploreFlags, names: readonly (keyof ExploreFlags)[]): string | undefined => {
  const name = names.find((one) => flags[one] !== undefined && flags[one] !== false);
  return name === undefined ? undefined : `--${name}`;
};

export const bytesOf = ({ memory }: ExploreFlags): number =>
  memory === undefined ? defaultBytes() : memory * 2 ** 20;

export function exploreOptions(
  flags: ExploreFlags,
  workerFile: string,
  signal: AbortSignal,
  onProgress: (progress: TimedProgress) => void,
): ExploreOptions {
  const { search, seed, walks, maxStates, checkpoint, every, resume } = flags;
  const seconds = flags.time ?? (checkpoint === undefined ? MAX_SECONDS : undefined);
  return {
    search,
    symmetry: flags.symmetry,
    partialOrder: flags.partialOrder,
    workers: workersOf(flags),
    workerFile,
    limits: { states: maxStates ?? MAX_STATES, bytes: bytesOf(flags) },
    ...(seconds === undefined ? {} : { seconds }),
    ...(seed === undefined ? {} : { seed }),
    ...(walks === undefined ? {} : { walks }),
    ...(checkpoint === undefined
      ? {}
      : { checkpoint: { file: checkpoint, everySeconds: every, resume } }),
    signal,
    onProgress,
  };
}

const workersOf = ({ workers }: ExploreFlags): number =>
  workers === true ? defaultWorkers() : workers;
