/** Explores a system: in this thread, or with a team of workers. */
import { availableParallelism, freemem } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { BreadthFirst } from '../../src/explore/engine/breadth-first.ts';
import { DepthFirst } from '../../src/explore/engine/depth-first.ts';
import { RandomWalk } from '../../src/explore/engine/random-walk.ts';
import type { Search } from '../../src/explore/engine/search.ts';
import {
  isResumable,
  ListWriter,
  mayBeSaved,
  readHeader,
  readLists,
  writeHeader,
} from './checkpoint.ts';
import {
  ExplorationError,
  ProgressMeter,
  type Exploration,
  type TimedReport,
} from './exploration.ts';
import { openSystem } from './system-source.ts';

/** Between two looks at the clock and at signals. */
const SLICE_SECONDS = 0.05;
const PROGRESS_SECONDS = 0.5;
/** A first slice, before the system's speed is known. */
const FIRST_STATES = 50;

/** As many as there are processors. */
export const defaultWorkers = (): number => availableParallelism();

/** Bytes for states unless asked otherwise: what is free, less a fifth for everything else. */
export const defaultBytes = (): number => Math.floor(freemem() * 0.8);

export async function explore(exploration: Exploration): Promise<TimedReport> {
  const { workers, search, checkpoint } = exploration;
  if (search !== 'breadth-first' && (workers > 1 || checkpoint !== undefined))
    throw new ExplorationError(`a ${search} search has one worker and no checkpoint`);
  mayBeSaved(exploration);
  if (workers === 1) return new SingleRun(exploration).finish();
  const { exploreWithTeam } = await import('./team-run.ts');
  return exploreWithTeam(exploration);
}

/** In slices, so that the process stays responsive. */
class SingleRun {
  private readonly exploration: Exploration;
  private readonly meter = new ProgressMeter();
  private readonly search: Search;
  private readonly saver: Saver | undefined;

  constructor(exploration: Exploration) {
    this.exploration = exploration;
    this.search = makeSearch(exploration);
    if (this.search instanceof BreadthFirst && exploration.checkpoint)
      this.saver = new Saver(exploration, this.search);
  }

  async finish(): Promise<TimedReport> {
    const { exploration, search, meter, saver } = this;
    let states = FIRST_STATES;
    let shown = 0;
    while (exploration.signal?.aborted !== true) {
      const before = meter.seconds;
      if (!search.run(states)) break;
      const now = meter.seconds;
      states = Math.ceil(states * Math.min(8, SLICE_SECONDS / Math.max(now - before, 1e-4)));
      if (now - shown >= PROGRESS_SECONDS) {
        shown = now;
        exploration.onProgress?.(meter.read(search.progress()));
      }
      saver?.saveIfDue(now);
      await turn();
    }
    const report = search.report();
    if (isResumable(report.verdict)) saver?.save();
    return { ...report, seconds: meter.seconds };
  }
}

function makeSearch(exploration: Exploration): Search {
  const { search, symmetry, partialOrder, limits } = exploration;
  const system = openSystem(exploration.system);
  const options = { symmetry, partialOrder, limits };
  switch (search) {
    case 'breadth-first':
      return new BreadthFirst(system, options);
    case 'depth-first':
      return new DepthFirst(system, options);
    case 'random': {
      const { seed = 1, walks = 1_000, steps = 1_000 } = exploration;
      return new RandomWalk(system, { seed, walks, steps });
    }
  }
}

class Saver {
  private readonly exploration: Exploration;
  private readonly search: BreadthFirst;
  private readonly lists: ListWriter;
  private readonly every: number;
  private last = 0;

  constructor(exploration: Exploration, search: BreadthFirst) {
    const { file = '', everySeconds = Infinity } = exploration.checkpoint ?? {};
    const header = readHeader(exploration);
    const image = header?.members[0];
    this.exploration = exploration;
    this.search = search;
    this.every = everySeconds;
    this.lists = new ListWriter(file, 0, image);
    if (header === undefined || image === undefined) return;
    readLists(file, 0, image, search.shard.save().logs);
    search.shard.restore(image.counters);
    search.depth = header.depth;
    search.levelEnd = image.levelEnd;
  }

  saveIfDue(seconds: number): void {
    if (seconds - this.last < this.every) return;
    this.save();
    this.last = seconds;
  }

  save(): void {
    const { search } = this;
    const image = this.lists.save(search.shard.save(), search.levelEnd);
    writeHeader(this.exploration, search.depth, [image]);
  }
}
