/** Plain data of a file that remembers its places: mappings are plain objects, sequences arrays. */
import type { Place } from './case.ts';
import type { SourceFile } from './source-file.ts';

export type Data = string | number | boolean | null | Data[] | { [key: string]: Data };
export type DataMap = { [key: string]: Data };

export const MAX_DEPTH = 64;
export const MAX_NODES = 100_000;

/** Where a container came from. */
export interface Origin {
  readonly file: SourceFile;
  /** Of a mapping, as written; of a sequence undefined. */
  readonly keys: readonly string[] | undefined;
  /**
   * Offsets into the file, each a start and the end after it: of the container, then, for each
   * entry of a mapping, of key and value, for each item of a sequence, of the item. A start of -1:
   * it has no place.
   */
  readonly spans: readonly number[];
  /** False: nowhere in it does a parameter stand, and it need not be searched for them. */
  readonly parameters: boolean;
}

/**
 * A property of the data itself: a WeakMap with a hundred entries a file is most of the collector's
 * work.
 */
const ORIGIN = Symbol('origin');
interface Placed {
  [ORIGIN]?: Origin;
}

export function setOrigin(data: object, origin: Origin): void {
  (data as Placed)[ORIGIN] = origin;
}

/** A copy with other values keeps its places. */
export function copyOrigin(from: object, to: object): void {
  const origin = (from as Placed)[ORIGIN];
  if (origin) (to as Placed)[ORIGIN] = { ...origin, parameters: true };
}

/** Whether a `${name}` may stand somewhere in it. */
export const mayHoldParameters = (data: object): boolean =>
  (data as Placed)[ORIGIN]?.parameters ?? true;

/** Place of a value in a container, of its key, or of the container itself. */
export function placeOf(
  container: object,
  key?: string | number,
  which: 'key' | 'value' = 'value',
): Place | undefined {
  const origin = (container as Placed)[ORIGIN];
  if (origin === undefined) return undefined;
  if (key === undefined) return placeAt(origin, 0);
  if (origin.keys === undefined) return placeAt(origin, 2 + 2 * Number(key)) ?? placeAt(origin, 0);
  const n = origin.keys.indexOf(String(key));
  return (
    (n < 0 ? undefined : placeAt(origin, 2 + 4 * n + (which === 'key' ? 0 : 2))) ??
    placeAt(origin, 0)
  );
}

function placeAt({ file, spans }: Origin, at: number): Place | undefined {
  const start = spans[at] ?? -1;
  return start < 0 ? undefined : file.place(start, spans[at + 1]);
}

/** First and last line of an entry of a mapping with its key, or of an item of a sequence. */
export function linesOf(
  container: object,
  key: string | number,
): { readonly first: number; readonly last: number } | undefined {
  const origin = (container as Placed)[ORIGIN];
  if (origin === undefined) return undefined;
  const { file, keys, spans } = origin;
  const n = keys === undefined ? Number(key) : keys.indexOf(String(key));
  const [from, to] = keys === undefined ? [2 + 2 * n, 3 + 2 * n] : [2 + 4 * n, 5 + 4 * n];
  const [start = -1, end = -1] = [spans[from], spans[to]];
  if (n < 0 || start < 0) return undefined;
  return { first: file.place(start).line, last: file.place(Math.max(start, end - 1)).line };
}

const INTEGER = /^(?:0x[0-9a-fA-F]+|[0-9]+)$/;

/**
 * YAML 1.2's core types, of plain scalars: null, booleans, integers. An integer that a double
 * cannot hold stays text, which the schemas accept as a number; so do floats, which no key wants.
 */
export function scalar(value: unknown, plain: boolean): Data {
  if (typeof value !== 'string') return null;
  if (!plain) return value;
  switch (value) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    default: {
      if (!INTEGER.test(value)) return value;
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
  }
}
