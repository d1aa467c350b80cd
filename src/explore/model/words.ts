/** What each word of a machine's store is, and where it is and what it holds after a renaming. */
import type { Held, RowOf } from '../../state/store.ts';
import type { ExploreMachine } from './machine.ts';
import { MAX_THREADS } from './plan.ts';
import type { Renaming } from './renamings.ts';

/** Columns whose rows and values may be renamed by what they say, and those that name nothing. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['irq', 'function', 'msi', 'lock', 'attached', 'flight', 'running', 'registers', 'owner'],
  ...['binding', 'tables', 'window', 'cpu', 'gic', 'allocator', 'tlb', 'its', 'its-device'],
  'iommufd',
  // Of STEs: a device's. What they hold names a domain, and who moves devices renames none.
  'stream',
]);

/** Rows of one part that belong to the same. */
interface Rows {
  readonly part: string;
  readonly device: number | undefined;
  readonly vector: number | undefined;
  readonly cpu: number | undefined;
  readonly thread: number | undefined;
  readonly words: number[];
}

interface Owner {
  readonly rows: Rows;
  readonly nth: number;
  readonly holds: Held | undefined;
}

/** More than there are: beside a device's number, all three fit into an exact one. */
const VECTORS = 2 ** 22;
const CPUS = 2 ** 10;
const THREADS = 2 * MAX_THREADS;

/** They take as long to find as hundreds of steps, and a machine serves several searches. */
const found = new WeakMap<ExploreMachine, Words>();

export class Words {
  /** By thread: the word that says what it carries out. */
  readonly running: readonly number[];
  private readonly owners = new Map<number, Owner>();
  private readonly byKey = new Map<string, Rows>();

  static of(machine: ExploreMachine): Words {
    const words = found.get(machine) ?? new Words(machine);
    found.set(machine, words);
    return words;
  }

  private constructor({ store, plan }: ExploreMachine) {
    // Of each column's meaning, by what a row belongs to: the name of it is put together once.
    const met = new Map<RowOf, Map<number, Rows>>();
    store.describe((word, of, row) => {
      const device = of.device?.(row);
      const vector = of.vector?.(row);
      const cpu = of.cpu?.(row);
      const thread = of.thread?.(row);
      const whose =
        ((number(device) * VECTORS + number(vector)) * CPUS + number(cpu)) * THREADS +
        number(thread);
      let all = met.get(of);
      if (all === undefined) met.set(of, (all = new Map<number, Rows>()));
      let rows = all.get(whose);
      if (rows === undefined)
        all.set(whose, (rows = this.rowsOf({ part: of.part, device, vector, cpu, thread })));
      const holds = typeof of.holds === 'function' ? of.holds(row) : of.holds;
      this.owners.set(word, { rows, nth: rows.words.push(word) - 1, holds });
    });
    this.running = plan.threads.map((_, thread) => {
      const nobody = { device: undefined, vector: undefined, cpu: undefined };
      return this.rowsOf({ part: 'running', ...nobody, thread }).words[0] ?? -1;
    });
  }

  /** Whether it is known what the word names. */
  isKnown(word: number): boolean {
    const rows = this.owners.get(word)?.rows;
    return rows !== undefined && KNOWN.has(rows.part) && rows.device !== -1;
  }

  holds(word: number): Held | undefined {
    return this.owners.get(word)?.holds;
  }

  /** The thread that the word is of, or -1; whether it is one of its registers. */
  threadOf(word: number): number {
    return this.owners.get(word)?.rows.thread ?? -1;
  }

  isRegister(word: number): boolean {
    return this.part(word) === 'registers';
  }

  part(word: number): string {
    return this.owners.get(word)?.rows.part ?? '?';
  }

  /** Where each word is after a renaming; -1: nowhere. */
  places({ device, vector, cpu, thread }: Renaming): (word: number) => number {
    const images = new Map<Rows, Rows>();
    for (const rows of [...this.byKey.values()])
      images.set(
        rows,
        this.rowsOf({
          part: rows.part,
          device: through(device, rows.device),
          vector: through(vector, rows.vector),
          cpu: through(cpu, rows.cpu),
          thread: through(thread, rows.thread),
        }),
      );
    return (word) => {
      const owner = this.owners.get(word);
      return owner === undefined ? word : (images.get(owner.rows)?.words[owner.nth] ?? -1);
    };
  }

  /** Words that say what they are. */
  all(): Iterable<number> {
    return this.owners.keys();
  }

  private rowsOf(of: Omit<Rows, 'words'>): Rows {
    const key = `${of.part} ${of.device ?? '-'} ${of.vector ?? '-'} ${of.cpu ?? '-'} ${of.thread ?? '-'}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const rows = { ...of, words: [] };
    this.byKey.set(key, rows);
    return rows;
  }
}

const number = (of: number | undefined): number => (of ?? -2) + 2;

/** -1, which is nobody's, stays. */
const through = (names: readonly number[], of: number | undefined): number | undefined =>
  of === undefined || of < 0 ? of : names[of];
