/**
 * A search on disk: a file that says what is in it, and lists of words that only grow. A list is
 * only ever appended to, and the file is replaced at once and last; so a process that is killed
 * while it writes leaves the checkpoint before.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { PAGE_WORDS, type WordLog } from '../../src/explore/engine/state-log.ts';
import type { ShardImage } from '../../src/explore/engine/shard.ts';
import type { Verdict } from '../../src/explore/engine/verdict.ts';
import { ExplorationError, type Exploration } from './exploration.ts';
import { codeOf } from './system-source.ts';

const FORMAT = 'doorbell exploration 3';

/** What one worker has to go on with. */
export interface MemberImage {
  readonly levelEnd: number;
  readonly counters: ShardImage['counters'];
  /** Words of each list. */
  readonly lengths: Readonly<Record<string, number>>;
}

export interface CheckpointHeader {
  readonly format: string;
  /** What was explored, and how: a checkpoint of anything else is refused. */
  readonly exploration: string;
  /** Of the model: what words and program counters mean. */
  readonly code: string;
  readonly workers: number;
  readonly depth: number;
  readonly members: readonly MemberImage[];
}

const identity = ({ system, symmetry, partialOrder, limits }: Exploration): string =>
  // Addresses of an operation are bigints.
  JSON.stringify({ system, symmetry, partialOrder, depth: limits.depth }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );

export function writeHeader(
  exploration: Exploration,
  depth: number,
  members: readonly MemberImage[],
): void {
  const file = exploration.checkpoint?.file ?? '';
  const header: CheckpointHeader = {
    format: FORMAT,
    exploration: identity(exploration),
    code: codeOf(exploration.system),
    workers: members.length,
    depth,
    members,
  };
  saving(file, () => {
    writeFileSync(`${file}.new`, JSON.stringify(header), { flush: true });
    renameSync(`${file}.new`, file);
  });
}

/** Said before the search begins, and not when it is saved for the first time. */
export function mayBeSaved({ checkpoint }: Exploration): void {
  if (checkpoint === undefined) return;
  const { file } = checkpoint;
  // It is replaced by a new one, which would be the end of a device or a pipe.
  if (existsSync(file) && !statSync(file).isFile())
    throw new ExplorationError(`--checkpoint: ${file} is not a file`);
  saving(file, () => {
    writeFileSync(`${file}.new`, '');
    rmSync(`${file}.new`);
  });
}

/** What the file system says is not a fault of ours. */
function saving(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isOfTheSystem(error)) throw error;
    throw new ExplorationError(`--checkpoint: ${file} cannot be written: ${error.message}`);
  }
}

/** By what it has, not by its class: it may come from another realm. */
const isOfTheSystem = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error;

/** The checkpoint to resume from; undefined if the exploration begins anew. */
export function readHeader(exploration: Exploration): CheckpointHeader | undefined {
  const { checkpoint } = exploration;
  if (checkpoint?.resume !== true) return undefined;
  if (!existsSync(checkpoint.file))
    throw new ExplorationError(`there is no checkpoint ${checkpoint.file} to resume from`);
  const header = parse(readFileSync(checkpoint.file, 'utf8'));
  const isOther = `${checkpoint.file} is no checkpoint of this version of doorbell`;
  if (header?.format !== FORMAT) throw new ExplorationError(isOther);
  if (header.exploration !== identity(exploration))
    throw new ExplorationError(`${checkpoint.file} is a checkpoint of another exploration`);
  if (header.code !== codeOf(exploration.system)) throw new ExplorationError(isOther);
  if (header.workers !== exploration.workers)
    throw new ExplorationError(
      `${checkpoint.file} was written by ${header.workers} workers; resume it with as many`,
    );
  return header;
}

/**
 * The words of which the states of a checkpoint are made (LiveWordFound); a search resumes with the
 * same.
 */
export function savedLiveWords(file: string): readonly number[] | undefined {
  if (!existsSync(file)) return undefined;
  const header = parse(readFileSync(file, 'utf8'));
  if (header?.format !== FORMAT) return undefined;
  const { system } = JSON.parse(header.exploration) as Pick<Exploration, 'system'>;
  return system.kind === 'model' ? system.live : undefined;
}

function parse(text: string): CheckpointHeader | undefined {
  try {
    return JSON.parse(text) as CheckpointHeader;
  } catch {
    return undefined;
  }
}

/**
 * Whether a search that ended so can be gone on with: it was between two states, and has lost none.
 */
export const isResumable = (verdict: Verdict): boolean =>
  verdict.kind === 'incomplete' && verdict.bound !== 'memory';

/** Appends to a worker's lists what they do not hold yet, and returns what they hold then. */
export class ListWriter {
  private readonly file: string;
  private readonly rank: number;
  private readonly written: Record<string, number> = {};

  /** `resumed`: what is on disk and holds; else what is there is overwritten. */
  constructor(file: string, rank: number, resumed?: MemberImage) {
    this.file = file;
    this.rank = rank;
    Object.assign(this.written, resumed?.lengths);
  }

  save(image: ShardImage, levelEnd: number): MemberImage {
    saving(this.file, () => {
      for (const [name, log] of Object.entries(image.logs)) this.append(name, log);
    });
    return { levelEnd, counters: image.counters, lengths: { ...this.written } };
  }

  private append(name: string, log: WordLog): void {
    // The lists of a search that begins anew, with other words, are no longer those of the
    // checkpoint before.
    if (this.written[name] === undefined) rmSync(this.file, { force: true });
    const path = listFile(this.file, this.rank, name);
    const fd = openSync(path, existsSync(path) && this.written[name] !== undefined ? 'r+' : 'w');
    try {
      let from = this.written[name] ?? 0;
      while (from < log.length) {
        const at = from % PAGE_WORDS;
        const some = Math.min(PAGE_WORDS - at, log.length - from);
        writeAll(fd, log.page(from).subarray(at, at + some), 4 * from);
        from += some;
      }
      this.written[name] = from;
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** A file system that is nearly full writes a part and says how much; the next call says why. */
function writeAll(fd: number, words: Int32Array, position: number): void {
  const { byteLength } = words;
  for (let at = 0; at < byteLength;) at += writeSync(fd, words, at, byteLength - at, position + at);
}

/** Fills a worker's lists from disk. */
export function readLists(
  file: string,
  rank: number,
  image: MemberImage,
  logs: ShardImage['logs'],
): void {
  const page = new Int32Array(PAGE_WORDS);
  for (const [name, log] of Object.entries(logs)) {
    const length = image.lengths[name] ?? 0;
    const fd = openSync(listFile(file, rank, name), 'r');
    log.clear();
    try {
      while (log.length < length) {
        const some = Math.min(PAGE_WORDS, length - log.length);
        const bytes = readSync(fd, page, 0, 4 * some, 4 * log.length);
        if (bytes !== 4 * some) throw new ExplorationError(`${file}: a list of it is cut short`);
        for (let n = 0; n < some; n++) log.push(page[n] as number);
      }
    } finally {
      closeSync(fd);
    }
  }
}

const listFile = (file: string, rank: number, name: string): string => `${file}.${rank}.${name}`;
