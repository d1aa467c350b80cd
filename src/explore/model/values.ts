/** What the values of words become in a renaming. */
import type { ExploreMachine } from './machine.ts';
import type { Renaming } from './renamings.ts';
import type { Words } from './words.ts';

/** Doorbell pages of CPUs, one after another. */
export interface Block {
  readonly base: number;
  readonly stride: number;
  readonly cpus: number;
}

export const blocksOf = ({ kernel }: ExploreMachine): Block[] =>
  kernel.hw.percpu.flatMap((block) => block ?? []);

const KINDS = [
  ...['plain', 'device', 'vector', 'vectorPlus1', 'threadPlus1', 'operation'],
  ...['cpuPlus1', 'cpuMask', 'address'],
] as const;

export class ValueRenaming {
  /** By place: number of the kind of value. */
  private readonly kinds: Uint8Array;
  /** By kind: value to value, where that is a table. */
  private readonly tables: readonly (readonly number[] | undefined)[];
  private readonly operations: readonly (readonly number[])[];
  private readonly threads: Int32Array;
  private readonly cpu: readonly number[];
  private readonly blocks: readonly Block[];

  constructor(words: Words, live: readonly number[], renaming: Renaming, blocks: readonly Block[]) {
    const { device, vector, thread, cpu, operation } = renaming;
    this.kinds = Uint8Array.from(live, (word) => KINDS.indexOf(words.holds(word) ?? 'plain'));
    this.threads = Int32Array.from(live, (word) => words.threadOf(word));
    const moves = cpu.some((to, n) => to !== n);
    this.cpu = cpu;
    this.blocks = moves ? blocks : [];
    this.operations = operation.map(plus1);
    const tables = {
      device,
      vector,
      vectorPlus1: plus1(vector),
      threadPlus1: plus1(thread),
      cpuPlus1: plus1(cpu),
    };
    this.tables = KINDS.map((kind) =>
      kind in tables ? tables[kind as keyof typeof tables] : undefined,
    );
  }

  /** The value that the word at a place has after the renaming, wherever it is then. */
  of(place: number, value: number): number {
    const kind = this.kinds[place] as number;
    if (kind === 0) return value;
    const table = this.tables[kind];
    if (table !== undefined) return table[value] ?? value;
    switch (KINDS[kind]) {
      case 'operation':
        return this.operations[this.threads[place] as number]?.[value] ?? value;
      case 'cpuMask':
        return this.mask(value);
      default:
        return this.address(value);
    }
  }

  private mask(value: number): number {
    let mask = 0;
    for (let cpu = 0; cpu < 32 && value >>> cpu !== 0; cpu++)
      if ((value >>> cpu) & 1) mask |= 1 << (this.cpu[cpu] ?? cpu);
    return mask;
  }

  /** In the other CPU's doorbell page, if it is in a CPU's. */
  private address(value: number): number {
    for (const { base, stride, cpus } of this.blocks) {
      const offset = (value >>> 0) - base;
      const cpu = Math.floor(offset / stride);
      if (cpu >= 0 && cpu < cpus)
        return (base + (this.cpu[cpu] as number) * stride + (offset - cpu * stride)) | 0;
    }
    return value;
  }
}

const plus1 = (names: readonly number[]): number[] => [0, ...names.map((to) => to + 1)];
