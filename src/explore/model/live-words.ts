/**
 * Which words of the store a state is made of. Most words of a machine never change in an
 * exploration, and a state of only those that do is some twenty times shorter. Exact: a step that
 * changes a word which is not in the list is not taken; the list grows and the search begins anew.
 */
import type { Store } from '../../state/store.ts';

export const addChanges = (store: Store, mark: number, to: Set<number>): void => {
  for (let n = mark; n < store.mark(); n += 2) to.add(store.changed(n));
};

/** Neighbours in the store change together, and are neighbours in a state. */
export const inOrder = (live: ReadonlySet<number>): number[] => [...live].sort((a, b) => a - b);

/** A word changed that the states so far do not hold. Begin again with `live`. */
export class LiveWordFound extends Error {
  readonly live: readonly number[];
  constructor(live: readonly number[]) {
    super('a word that was taken for constant has changed');
    this.live = live;
  }
}

export class LiveWords {
  readonly list: readonly number[];
  private readonly store: Store;
  /** By word of the store: its place in a state + 1. */
  private readonly placeOf: Int32Array;

  constructor(store: Store, live: readonly number[]) {
    this.store = store;
    this.list = live;
    this.placeOf = new Int32Array(store.words.length);
    live.forEach((index, place) => (this.placeOf[index] = place + 1));
  }

  /** Puts a state into the store. */
  load(words: Int32Array, at: number): void {
    const { list, store } = this;
    for (let n = 0; n < list.length; n++) store.words[list[n] as number] = words[at + n] as number;
  }

  /**
   * The store's state into `words`, of which `words[at]` holds the one before the changes since
   * `mark`.
   */
  save(words: Int32Array, at: number, mark: number): void {
    const { store, placeOf } = this;
    for (let n = mark; n < store.mark(); n += 2) {
      const index = store.changed(n);
      const place = placeOf[index] as number;
      if (place === 0) throw new LiveWordFound(this.withChanges(mark));
      words[at + place - 1] = store.words[index] as number;
    }
  }

  /** The whole state. */
  saveAll(words: Int32Array): void {
    this.list.forEach((index, n) => (words[n] = this.store.words[index] as number));
  }

  private withChanges(mark: number): number[] {
    const live = new Set(this.list);
    addChanges(this.store, mark, live);
    return inOrder(live);
  }
}
