/**
 * Symmetry of the model: what is built alike, and may have the same done to it, may change names:
 * devices with their vectors and threads, CPUs with their doorbells, vectors of one device. Exact:
 * two states have one representative only if a renaming leads from one to the other, and a renaming
 * takes the steps of a state to the steps of its image. (Tests look at both for the cases of the
 * corpus.)
 *
 * All words that no step changes must be the same after it. Those that change need not: where a
 * search begins in a state that a renaming would change, what is reachable from the renamed state
 * is the renaming of what is reachable, and no property tells them apart. Only the count of what
 * representatives stand for is then that of both.
 */
import type { Symmetry } from '../engine/system.ts';
import type { Kept } from './alike.ts';
import type { ExploreMachine } from './machine.ts';
import { type Renaming, renamingsOf } from './renamings.ts';
import { type Block, blocksOf, ValueRenaming } from './values.ts';
import type { Sight } from './watch.ts';
import { Words } from './words.ts';

/** A renaming, as what is done to each word of a state. */
interface WordRenaming {
  /** By place: the place whose word comes there. */
  readonly from: Int32Array;
  readonly values: ValueRenaming;
  readonly renaming: Renaming;
}

/** What a search renames, and what it does not and why. */
export interface SymmetryNote {
  readonly renamed: readonly string[];
  readonly kept: readonly Kept[];
}

export class ModelSymmetry implements Symmetry {
  readonly group: string;
  readonly orbit?: (words: Int32Array, at: number) => number;
  private readonly renamings: readonly WordRenaming[];
  /** By place of a thread's register: the place that says whether it is in use; else -1. */
  private readonly onlyIf: Int32Array;
  private readonly image: Int32Array;
  private readonly best: Int32Array;

  private constructor(
    machine: ExploreMachine,
    words: Words,
    live: readonly number[],
    renamings: readonly Renaming[],
  ) {
    const placeOf = new Map(live.map((word, place) => [word, place]));
    const blocks = blocksOf(machine);
    this.onlyIf = Int32Array.from(live, (word) =>
      words.isRegister(word) ? (placeOf.get(words.running[words.threadOf(word)] ?? -1) ?? -1) : -1,
    );
    this.renamings = renamings.map((renaming) => {
      const go = words.places(renaming);
      const from = new Int32Array(live.length);
      live.forEach((word, place) => {
        from[placeOf.get(go(word)) ?? -1] = place;
      });
      return {
        renaming,
        from,
        values: new ValueRenaming(words, live, renaming, blocks),
      };
    });
    this.image = new Int32Array(live.length);
    this.best = new Int32Array(live.length);
    this.group = `${renamings.length + 1} renamings`;
    const first = Int32Array.from(live, (word) => machine.store.words[word] as number);
    const isFixed = this.imagesOf(first, 0).every((image) => isSame(image, first, 0));
    if (isFixed) this.orbit = (state, at) => this.images(state, at);
  }

  /**
   * The words that states need so that each renaming of a state is one, and the symmetry, unless
   * there is none. `live`: words of the store that change.
   */
  static of(
    machine: ExploreMachine,
    live: readonly number[],
    sight?: Sight,
  ): {
    readonly note: SymmetryNote;
    readonly live: readonly number[];
    readonly symmetry: ModelSymmetry | undefined;
  } {
    const blocks = blocksOf(machine);
    const known = new Set(live);
    // Most plans have nothing alike, and then nobody asks for the words.
    const found = renamingsOf(
      machine,
      (one) => whyNot(machine, Words.of(machine), known, one, blocks),
      sight,
    );
    const { renamings, ...note } = found;
    if (renamings.length === 0) return { note, live, symmetry: undefined };
    const words = Words.of(machine);
    const all = [...closed(words, known, renamings)].sort((a, b) => a - b);
    const strange = all.find((word) => !words.isKnown(word));
    if (strange !== undefined) {
      const why = `a word of ${words.part(strange)} changes, which names nothing`;
      const kept = note.renamed.map((of) => ({ of, why }));
      return {
        note: { renamed: [], kept: [...note.kept, ...kept] },
        live,
        symmetry: undefined,
      };
    }
    return { note, live: all, symmetry: new ModelSymmetry(machine, words, all, renamings) };
  }

  /**
   * Most renamings of a state differ from the least one in their first words, and are computed no
   * further.
   */
  canonicalize(words: Int32Array, at: number): void {
    const { best, renamings } = this;
    const { length } = best;
    for (let p = 0; p < length; p++) best[p] = words[at + p] as number;
    for (const renaming of renamings) {
      let p = 0;
      let word = 0;
      while (p < length && (word = this.wordOf(words, at, renaming, p)) === best[p]) p++;
      if (p === length || word > (best[p] as number)) continue;
      for (; p < length; p++) best[p] = this.wordOf(words, at, renaming, p);
    }
    for (let p = 0; p < length; p++) words[at + p] = best[p] as number;
  }

  /** Each renaming of the state, for tests too. */
  imagesOf(words: Int32Array, at: number): Int32Array[] {
    return this.renamings.map((renaming) => {
      this.rename(words, at, renaming);
      return this.image.slice();
    });
  }

  /** Bits of situations that are reached as well, if these are. */
  situations(bits: number, renamed: (bit: number, renaming: Renaming) => number): number {
    let all = bits;
    for (let bit = 0; bits >>> bit !== 0; bit++)
      if ((bits >>> bit) & 1)
        for (const { renaming } of this.renamings) {
          // Of more situations than there are bits, some are not looked for.
          const to = renamed(bit, renaming);
          if (to >= 0) all |= 1 << to;
        }
    return all;
  }

  /** How many different states the renamings are. */
  private images(words: Int32Array, at: number): number {
    let same = 1;
    for (const renaming of this.renamings) {
      this.rename(words, at, renaming);
      if (isSame(this.image, words, at)) same++;
    }
    return (this.renamings.length + 1) / same;
  }

  private rename(words: Int32Array, at: number, renaming: WordRenaming): void {
    const { image } = this;
    for (let p = 0; p < image.length; p++) image[p] = this.wordOf(words, at, renaming, p);
  }

  /** A word of the renamed state. */
  private wordOf(words: Int32Array, at: number, renaming: WordRenaming, place: number): number {
    const p = renaming.from[place] as number;
    const value = words[at + p] as number;
    const guard = this.onlyIf[p] as number;
    return guard < 0 || words[at + guard] !== 0 ? renaming.values.of(p, value) : value;
  }
}

/** With every word that a renaming takes one of them to. */
function closed(
  words: Words,
  live: ReadonlySet<number>,
  renamings: readonly Renaming[],
): Set<number> {
  const all = new Set(live);
  for (const renaming of renamings) {
    const go = words.places(renaming);
    for (const word of live) all.add(go(word));
  }
  return all;
}

/** What of the machine that no step changes is not the same after the renaming. */
function whyNot(
  { store }: ExploreMachine,
  words: Words,
  live: ReadonlySet<number>,
  renaming: Renaming,
  blocks: readonly Block[],
): string | undefined {
  const all = [...words.all()];
  const go = words.places(renaming);
  const values = new ValueRenaming(words, all, renaming, blocks);
  for (const [n, word] of all.entries()) {
    const to = go(word);
    if (to < 0) return `they differ in their ${words.part(word)}`;
    if (live.has(word) || live.has(to)) continue;
    const value = store.words[word] as number;
    // Registers of idle threads hold nothing.
    const renamed = words.isRegister(word) ? value : values.of(n, value);
    if (store.words[to] !== renamed)
      return `they differ in what no step changes: ${words.part(word)}`;
  }
  return undefined;
}

function isSame(image: Int32Array, words: Int32Array, at: number): boolean {
  for (let p = 0; p < image.length; p++) if (image[p] !== words[at + p]) return false;
  return true;
}
