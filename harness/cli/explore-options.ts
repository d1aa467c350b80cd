/** From the flags of `doorbell explore` to what is asked of an exploration. */
import type { ExploreOptions } from '../explore/explore-case.ts';
import type { TimedProgress } from '../explore/exploration.ts';
import { defaultBytes, defaultWorkers } from '../explore/explore.ts';
import type { ExploreFlags } from './flags.ts';

const MAX_STATES = 20_000_000;
/**
 * A corpus has cases of more states than anybody waits for. A search that can be gone on with is
 * meant to be long.
 */
const MAX_SECONDS = 60;

/** Why the flags do not fit together, or the cases that were selected. */
export function refusal(flags: ExploreFlags, cases: number): string | undefined {
  const { search, checkpoint, resume } = flags;
  if (search !== 'breadth-first' && workersOf(flags) > 1)
    return `--workers: a ${search} search has one`;
  if (resume && checkpoint === undefined) return '--resume: --checkpoint says from where';
  if (checkpoint === undefined) return undefined;
  if (search !== 'breadth-first') return `--checkpoint: a ${search} search has none`;
  if (flags.eachProperty) return '--checkpoint: with --each-property there are several searches';
  return cases > 1
    ? `--checkpoint: it is of one case, and ${cases} are selected (--grep, --design)`
    : undefined;
}

export function exploreOptions(
  flags: ExploreFlags,
  workerFile: string,
  signal: AbortSignal,
  onProgress: (progress: TimedProgress) => void,
): ExploreOptions {
  const { search, seed, walks, maxStates, memory, checkpoint, every, resume } = flags;
  const seconds = flags.time ?? (checkpoint === undefined ? MAX_SECONDS : undefined);
  const bytes = memory === undefined ? defaultBytes() : memory * 2 ** 20;
  return {
    search,
    symmetry: flags.symmetry,
    partialOrder: flags.partialOrder,
    workers: workersOf(flags),
    workerFile,
    limits: { states: maxStates ?? MAX_STATES, bytes },
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
