/**
 * Symmetry of the model: devices that are built alike, and whose threads may do the same to them, may change names, with
 * their vectors, their threads and what is in flight from them. Exact: two states have one representative only if a
 * renaming leads from one to the other.
 *
 * CPUs, pages of IOVA and the vectors of one device keep their names: the kernel takes the first CPU of a mask, the lowest
 * free page, and sets a device's vectors up in order, so that states that differ in these names only behave differently.
 *
 * It is off wherever something could tell the devices apart: operations other than those below, a spec's own
 * properties, a word that changes and whose column does not say what it is.
 */
import type { Held } from '../../state/store.ts';
import type { Symmetry } from '../engine/system.ts';
import type { ExploreMachine } from './machine.ts';
import { deviceRenamings, type Renaming } from './renamings.ts';

/** What becomes of a value: nothing, or it names a device, a vector, a thread, or an operation of a thread's plan. */
const HOLDS = { plain: 0, device: 1, vector: 2, vectorPlus1: 3, threadPlus1: 4, operation: 5 };

/** Columns whose rows and values may be renamed by what they say, and those that name no device. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['irq', 'function', 'msi', 'lock', 'attached', 'flight', 'running', 'registers', 'owner'],
  ...['binding', 'tables', 'window', 'cpu', 'gic', 'allocator', 'tlb'],
]);

/** A renaming, as what is done to each word of a state. */
interface WordRenaming {
  /** By place: where the word goes. */
  readonly to: Int32Array;
  readonly renaming: Renaming;
}

export class ModelSymmetry implements Symmetry {
  readonly group: string;
  private readonly renamings: readonly WordRenaming[];
  /** By place: what it holds, and, of a thread's registers, the place that says whether they are in use. */
  private readonly holds: Int32Array;
  private readonly onlyIf: Int32Array;
  /** By place of `running`: its thread. */
  private readonly threadOf: Int32Array;
  private readonly image: Int32Array;
  private readonly best: Int32Array;

  private constructor(words: Words, live: readonly number[], renamings: readonly Renaming[]) {
    const placeOf = new Map(live.map((word, place) => [word, place]));
    this.holds = Int32Array.from(live, (word) => words.holds(word));
    this.threadOf = Int32Array.from(live, (word) => words.of(word)?.thread ?? -1);
    this.onlyIf = Int32Array.from(live, (word) => {
      const owner = words.of(word);
      if (owner?.part !== 'registers') return -1;
      return placeOf.get(words.running[owner.thread ?? -1] ?? -1) ?? -1;
    });
    this.renamings = renamings.map((renaming) => ({
      renaming,
      to: Int32Array.from(live, (word) => placeOf.get(words.renamed(word, renaming)) ?? -1),
    }));
    this.image = new Int32Array(live.length);
    this.best = new Int32Array(live.length);
    this.group = `devices, ${renamings.length + 1} renamings`;
  }

  /** The words that states need so that each renaming of a state is one, and the symmetry; undefined: there is none. */
  static of(
    machine: ExploreMachine,
    live: readonly number[],
  ): { readonly live: readonly number[]; readonly symmetry: ModelSymmetry } | undefined {
    const renamings = deviceRenamings(machine);
    if (renamings.length === 0) return undefined;
    const words = new Words(machine);
    const closed = new Set(live);
    for (const renaming of renamings)
      for (const word of live) closed.add(words.renamed(word, renaming));
    if ([...closed].some((word) => !KNOWN.has(words.of(word)?.part ?? ''))) return undefined;
    if (!renamings.every((renaming) => words.areAlike(renaming))) return undefined;
    const all = [...closed].sort((a, b) => a - b);
    return { live: all, symmetry: new ModelSymmetry(words, all, renamings) };
  }

  canonicalize(words: Int32Array, at: number): void {
    const { best, image, renamings } = this;
    const { length } = best;
    for (let p = 0; p < length; p++) best[p] = words[at + p] as number;
    for (const renaming of renamings) {
      this.rename(words, at, renaming);
      if (isLess(image, best)) best.set(image);
    }
    for (let p = 0; p < length; p++) words[at + p] = best[p] as number;
  }

  orbit(words: Int32Array, at: number): number {
    let same = 1;
    for (const renaming of this.renamings) {
      this.rename(words, at, renaming);
      if (this.image.every((word, p) => word === words[at + p])) same++;
    }
    return (this.renamings.length + 1) / same;
  }

  /** Bits of situations that are reached as well, if these are. */
  images(bits: number, renamed: (bit: number, renaming: Renaming) => number): number {
    let all = bits;
    for (let bit = 0; bits >>> bit !== 0; bit++)
      if ((bits >>> bit) & 1)
        for (const { renaming } of this.renamings) all |= 1 << renamed(bit, renaming);
    return all;
  }

  private rename(words: Int32Array, at: number, { to, renaming }: WordRenaming): void {
    const { holds, image, onlyIf } = this;
    for (let p = 0; p < to.length; p++) {
      const value = words[at + p] as number;
      const guard = onlyIf[p] as number;
      const isUsed = guard < 0 || words[at + guard] !== 0;
      image[to[p] as number] = isUsed
        ? renamedValue(holds[p] as number, value, renaming, this.threadOf[p] as number)
        : value;
    }
  }
}

function renamedValue(holds: number, value: number, renaming: Renaming, thread: number): number {
  switch (holds) {
    case HOLDS.device:
      return renaming.device[value] ?? value;
    case HOLDS.vector:
      return renaming.vector[value] ?? value;
    case HOLDS.vectorPlus1:
      return value === 0 ? 0 : (renaming.vector[value - 1] as number) + 1;
    case HOLDS.threadPlus1:
      return value === 0 ? 0 : (renaming.thread[value - 1] as number) + 1;
    case HOLDS.operation:
      return value === 0 ? 0 : (renaming.operation[thread]?.[value - 1] as number) + 1;
    default:
      return value;
  }
}

function isLess(a: Int32Array, b: Int32Array): boolean {
  for (let p = 0; p < a.length; p++) {
    const difference = (a[p] as number) - (b[p] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

interface Owner {
  readonly part: string;
  readonly device: number | undefined;
  readonly thread: number | undefined;
  /** How many words of the part and the owner come before it. */
  readonly nth: number;
  readonly holds: Held | undefined;
}

/** What each word of the store is. */
class Words {
  /** By thread: the word that says what it carries out. */
  readonly running: readonly number[];
  private readonly machine: ExploreMachine;
  private readonly owners = new Map<number, Owner>();
  private readonly byOwner = new Map<string, number[]>();

  constructor(machine: ExploreMachine) {
    this.machine = machine;
    machine.store.describe((word, of, row) => {
      const [device, thread] = [of.device?.(row), of.thread?.(row)];
      const key = keyOf(of.part, device, thread);
      const list = this.byOwner.get(key) ?? [];
      this.byOwner.set(key, list);
      const holds = typeof of.holds === 'function' ? of.holds(row) : of.holds;
      this.owners.set(word, { part: of.part, device, thread, nth: list.push(word) - 1, holds });
    });
    this.running = machine.plan.threads.map(
      (_, thread) => this.byOwner.get(keyOf('running', undefined, thread))?.[0] ?? -1,
    );
  }

  of(word: number): Owner | undefined {
    return this.owners.get(word);
  }

  holds(word: number): number {
    return HOLDS[this.of(word)?.holds ?? 'plain'];
  }

  renamed(word: number, { device, thread }: Renaming): number {
    const owner = this.of(word);
    if (owner === undefined) return word;
    const d = owner.device === undefined ? undefined : device[owner.device];
    const t = owner.thread === undefined ? undefined : thread[owner.thread];
    return this.byOwner.get(keyOf(owner.part, d, t))?.[owner.nth] ?? -1;
  }

  /** Whether the machine, before anything is interleaved, is the same after the renaming. */
  areAlike(renaming: Renaming): boolean {
    const { words } = this.machine.store;
    return [...this.owners.keys()].every((word) => {
      const to = this.renamed(word, renaming);
      const value = words[word] as number;
      const kind = this.of(word)?.part === 'registers' ? HOLDS.plain : this.holds(word);
      return to >= 0 && words[to] === renamedValue(kind, value, renaming, 0);
    });
  }
}

const keyOf = (part: string, device: number | undefined, thread: number | undefined): string =>
  `${part} ${device ?? '-'} ${thread ?? '-'}`;
