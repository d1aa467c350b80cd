/** What each command is given: its options as parsed, and what carries it out. */
import type { Freedom } from '../../src/explore/model/freedoms.ts';
import type { Era } from '../../src/firmware/explanation.ts';
import type { SaidBits } from '../firmware/bits.ts';
import type { AskedRid } from '../firmware/rid.ts';
import type { Shard } from '../run/events.ts';
import type { LinuxActions } from './linux-program.ts';
import type { StartActions } from './start-program.ts';

export interface FilterFlags {
  readonly grep?: RegExp;
  readonly tag: readonly string[];
  readonly notTag: readonly string[];
  readonly design: readonly string[];
}

export interface NarrowFlags {
  /** True: since HEAD. */
  readonly changed?: string | true;
  readonly failed: boolean;
  readonly shard?: Shard;
}

export interface LinuxFlags {
  readonly kernel: string;
  readonly modules?: string;
  readonly bootTimeout: number;
  /** Left out: what suits the target. */
  readonly jobs?: number;
  readonly keep?: string;
  readonly agent?: string;
}

export interface RunFlags extends FilterFlags, NarrowFlags, LinuxFlags {
  readonly target: string;
  readonly reporter: readonly string[];
  readonly list: boolean;
  readonly watch: boolean;
  readonly bail: boolean;
  readonly bisect: boolean;
  readonly seed?: number;
  readonly verbose: boolean;
  readonly trace?: string;
  readonly coverage?: string | true;
  readonly color: boolean;
}

export interface MergeFlags {
  readonly reporter: readonly string[];
  readonly verbose: boolean;
  readonly color: boolean;
}

export interface ListFlags extends FilterFlags, NarrowFlags {
  readonly json: boolean;
  readonly color: boolean;
}

export interface ExploreFlags extends FilterFlags, Partial<Freedom> {
  readonly search: 'breadth-first' | 'depth-first' | 'random';
  readonly maxStates?: number;
  readonly memory?: number;
  readonly time?: number;
  readonly workers: number | true;
  readonly symmetry: boolean;
  readonly partialOrder: boolean;
  readonly checkpoint?: string;
  readonly every: number;
  readonly resume: boolean;
  readonly against?: string;
  readonly seed?: number;
  readonly walks?: number;
  readonly eachProperty: boolean;
  readonly spec?: string;
  readonly svg?: string;
  readonly json: boolean;
  readonly color: boolean;
}

export interface FuzzFlags {
  readonly runs: number;
  readonly seed?: number;
  readonly design: readonly string[];
  readonly controller: readonly string[];
  readonly device: readonly string[];
  readonly domain: readonly string[];
  readonly time?: number;
  readonly liveMoves: boolean;
  readonly output?: string;
  readonly json: boolean;
  readonly color: boolean;
}

export interface ExplainFlags {
  readonly rid: readonly AskedRid[];
  readonly device?: string;
  readonly era: Era;
  readonly json: boolean;
  readonly svg?: string;
  readonly color: boolean;
}

export interface CheckFlags {
  readonly era: Era;
  readonly sidBits: readonly SaidBits[];
  readonly deviceIdBits: readonly SaidBits[];
  readonly json: boolean;
  readonly color: boolean;
}

export interface CompareFlags extends FilterFlags, LinuxFlags {
  readonly target: string;
  readonly kernels?: readonly string[];
  readonly json: boolean;
  readonly differencesOnly: boolean;
  readonly color: boolean;
}

export interface ImportFlags {
  readonly rid: readonly AskedRid[];
  readonly era: Era;
  readonly output?: string;
  readonly color: boolean;
}

export interface ColourFlag {
  readonly color: boolean;
}

/** What each command does; the answer is the exit code. */
export interface Actions extends StartActions {
  run(paths: readonly string[], flags: RunFlags): Promise<number>;
  merge(paths: readonly string[], flags: MergeFlags): Promise<number>;
  list(paths: readonly string[], flags: ListFlags): Promise<number>;
  explore(paths: readonly string[], flags: ExploreFlags): Promise<number>;
  fuzz(flags: FuzzFlags): Promise<number>;
  compare(paths: readonly string[], flags: CompareFlags): Promise<number>;
  validate(paths: readonly string[], flags: ColourFlag): Promise<number>;
  explain(file: string, flags: ExplainFlags): Promise<number>;
  check(file: string, flags: CheckFlags): Promise<number>;
  linux(): Promise<LinuxActions>;
  import(file: string, flags: ImportFlags): Promise<number>;
}
