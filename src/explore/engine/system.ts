/**
 * A transition system: all that the engine knows of what it searches.
 *
 * A state is `width` 32-bit words, and two states are the same if their words are. A system may
 * compute successors from the words (src/explore/scenario/), or hold a mutable machine that it
 * loads from the words, steps, reads back and undoes; the engine sees no difference. It calls from
 * one thread, never recursively, and never keeps or changes the arrays that it passes.
 *
 * Keep the words few and dense (`layout.ts` packs fields into bits): one or two words are stored as
 * they are; more are folded exactly (`fold.ts`), where words that change together had better be
 * neighbours.
 */
import type { Successors } from './successors.ts';

export interface System {
  readonly name: string;
  /** 32-bit words of a state, 1 or more. */
  readonly width: number;
  /** Names; property p of a verdict is properties[p - 1]. At most 255. */
  readonly properties: readonly string[];
  /**
   * Names of what must be reached at least once for a pass; bit n of Successors.situations. At most
   * 31.
   */
  readonly situations: readonly string[];

  /** Pushes each initial state once; labels are ignored. */
  initial(out: Successors): void;
  /**
   * Adds every enabled step of the state at `words[at]` behind what `out` holds. The order is part
   * of the result: the same state gives the same order.
   */
  expand(words: Int32Array, at: number, out: Successors): void;
  /** The first property that does not hold in the state, 1 or more; 0: all hold. */
  check(words: Int32Array, at: number): number;
  /** Whether it is all right that the state has no step but loops. If not, that is a deadlock. */
  quiescent(words: Int32Array, at: number): boolean;

  /** A step in words, in the state in which it is taken. */
  describeStep(label: number, words: Int32Array, at: number): string;
  /** A state as name and value, what differs from the initial state or all. */
  describeState(words: Int32Array, at: number): Readonly<Record<string, string | number>>;

  readonly symmetry?: Symmetry | undefined;
  readonly footprints?: Footprints | undefined;
}

/**
 * Renamings (of CPUs, devices, vectors, pages) under which steps, properties, situations and
 * initial states do not change. Sound only if that is so: a spec that names one CPU in a property
 * has no symmetry in it.
 */
export interface Symmetry {
  /** What may be renamed, in words, such as "2 CPUs x 6 devices x 2 pages". */
  readonly group: string;
  /** Turns the state at `words[at]` into the one representative of all its renamings. */
  canonicalize(words: Int32Array, at: number): void;
  /**
   * How many different states the renamings of this one are; their sum is the count of the full
   * search.
   */
  orbit?(words: Int32Array, at: number): number;
}

/**
 * What a step may read and write: bit per resource. Resources may share a bit; that only costs
 * reduction.
 */
export interface Footprint {
  reads: number;
  writes: number;
}

/**
 * What partial-order reduction may rely on. An actor is whoever takes steps: a thread, a device, a
 * write in flight. Two steps of different actors whose footprints do not meet (neither writes what
 * the other reads or writes) commute, and neither enables or disables the other.
 */
export interface Footprints {
  readonly actors: number;
  actorOf(label: number): number;
  /**
   * The steps that the actor is at in this state, enabled or not. With what decides whether they
   * are enabled.
   */
  next(words: Int32Array, at: number, actor: number, out: Footprint): void;
  /** The same for every step that the actor may ever take from this state on. */
  future(words: Int32Array, at: number, actor: number, out: Footprint): void;
  /** Whether the step can change what a property sees. */
  visible(label: number): boolean;
  /**
   * Whether an actor that comes back to where it was has taken a visible step on the way; then more
   * is reduced.
   */
  readonly cyclesAreVisible?: boolean;
}
