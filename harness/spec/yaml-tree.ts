/**
 * From text to plain data that remembers its places. The only importer of the yaml library.
 *
 * Mappings become plain objects and sequences arrays; each carries its node, so that a place
 * is looked up only when something is wrong. Integers that a double cannot hold stay text, which the
 * schemas accept, so that no digit is lost.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Place } from './case.ts';
import type { Report } from './report.ts';
import type { SourceFile } from './source-file.ts';

export type Data = string | number | boolean | null | Data[] | { [key: string]: Data };
export type DataMap = { [key: string]: Data };

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const MAX_ALIASES = 100;
/** Of the errors of the YAML parser; a broken file can have one for each character. */
const MAX_PROBLEMS = 40;
const MAX_LINE = 1000;

interface Origin {
  readonly file: SourceFile;
  readonly node: YAMLMap | YAMLSeq;
  /** False: nowhere in it does a parameter stand, and it need not be searched for them. */
  readonly parameters: boolean;
}

/** A property of the data itself: a WeakMap with a hundred entries a file is most of the collector's work. */
const ORIGIN = Symbol('origin');
interface Placed {
  [ORIGIN]?: Origin;
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
  const { file, node } = origin;
  if (key === undefined) return placeOfNode(file, node);
  if (isSeq(node))
    return (
      placeOfNode(file, node.items[Number(key)] as Node | undefined) ?? placeOfNode(file, node)
    );
  const pair = node.items.find(
    (item) => isScalar(item.key) && String(item.key.value) === String(key),
  );
  const at = which === 'key' ? pair?.key : (pair?.value ?? pair?.key);
  return placeOfNode(file, at as Node | undefined) ?? placeOfNode(file, node);
}

function placeOfNode(file: SourceFile, node: Node | null | undefined): Place | undefined {
  const range = node?.range;
  return range ? file.place(range[0], range[1]) : undefined;
}

/** Data of a file, or undefined with diagnostics where the YAML is not usable. */
export function parseYaml(file: SourceFile, report: Report): Data | undefined {
  const document = parseDocument(file.text, OPTIONS);
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    reportProblems(file, problems, report);
    return undefined;
  }
  if (document.directives.yaml.explicit) {
    // With 1.1, yes is true and 010 is 8: the same text would mean something else.
    report.error(
      'DB107',
      file.place(file.text.indexOf('%')),
      'a %YAML directive',
      'a spec is YAML 1.2 without directives',
    );
    return undefined;
  }
  const walk = new Walk(file, document, report);
  const data = walk.convert(document.contents, 0);
  return walk.failed ? undefined : data;
}

const OPTIONS = {
  // Every scalar stays its text: no digit is lost, and the parser does not try each of them against the
  // patterns of types that `scalar` below knows by itself.
  schema: 'failsafe',
  prettyErrors: false,
  // With 'silent' the library does not say that there is a second document.
  logLevel: 'error',
  // Its search for duplicates compares each key with all others; Walk has the object to look into.
  uniqueKeys: false,
} as const;

/** One mistake often makes several errors on its line: the first is the one to mend. */
function reportProblems(
  file: SourceFile,
  problems: readonly YAMLParseProblem[],
  report: Report,
): void {
  const lines = new Set<number>();
  for (const [n, { code, message, pos }] of problems.entries()) {
    if (n >= MAX_PROBLEMS) return report.leaveOut(problems.length - n);
    const place = file.place(Math.min(pos[0], Math.max(0, file.text.length - 1)), pos[1]);
    if (lines.has(place.line)) continue;
    lines.add(place.line);
    report.error(codeFor(code), place, sentence(message), hintFor(file, place));
  }
}

interface YAMLParseProblem {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

function codeFor(code: string): 'DB104' | 'DB106' | 'DB107' | 'DB108' {
  if (code === 'MULTIPLE_DOCS') return 'DB108';
  if (code === 'RESOURCE_EXHAUSTION') return 'DB106';
  return code === 'TAG_RESOLVE_FAILED' ? 'DB107' : 'DB104';
}

function sentence(message: string): string {
  const [first = message] = message.split('\n');
  const text = first.replace(/:$/, '');
  if (text.startsWith('Maximum call stack')) return 'nested too deep';
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** `{ cpu: ${cpu} }` is the mistake that everybody makes once. */
function hintFor(file: SourceFile, place: Place): string | undefined {
  const line = file.line(place.line).slice(0, MAX_LINE);
  return /[[{,:]\s*\$\{/.test(line)
    ? 'inside { } and [ ] a parameter must be quoted: "${name}"'
    : undefined;
}

class Walk {
  private stopped = false;
  private repeated = false;
  private nodes = 0;
  private aliases = 0;
  /** Scalars so far that hold a `${`. */
  private parameters = 0;
  private readonly file: SourceFile;
  private readonly document: Document;
  private readonly report: Report;

  constructor(file: SourceFile, document: Document, report: Report) {
    this.file = file;
    this.document = document;
    this.report = report;
  }

  get failed(): boolean {
    return this.stopped || this.repeated;
  }

  convert(node: unknown, depth: number): Data {
    if (++this.nodes > MAX_NODES) return this.refuse(node, 'DB106', `more than ${MAX_NODES} nodes`);
    if (depth > MAX_DEPTH)
      return this.refuse(node, 'DB106', `nested deeper than ${MAX_DEPTH} levels`);
    if (isScalar(node)) {
      if (typeof node.value === 'string' && node.value.includes('${')) this.parameters++;
      return scalar(node.value, node.type === 'PLAIN');
    }
    if (isMap(node)) return this.map(node, depth);
    if (isSeq(node)) {
      const before = this.parameters;
      const list = node.items.map((item) => (this.stopped ? null : this.convert(item, depth + 1)));
      (list as Placed)[ORIGIN] = { file: this.file, node, parameters: this.parameters > before };
      return list;
    }
    if (isAlias(node)) {
      if (++this.aliases > MAX_ALIASES)
        return this.refuse(node, 'DB106', `more than ${MAX_ALIASES} aliases`);
      const target = node.resolve(this.document);
      if (target === undefined)
        return this.refuse(node, 'DB104', `no anchor &${node.source} before this alias`);
      return this.convert(target, depth + 1);
    }
    return null;
  }

  private map(node: YAMLMap, depth: number): Data {
    const data: DataMap = {};
    const before = this.parameters;
    for (const pair of node.items) {
      if (this.stopped) break;
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      const text = typeof key === 'bigint' || typeof key === 'number' ? String(key) : key;
      if (typeof text !== 'string' || text === '__proto__') {
        this.refuse(
          pair.key,
          'DB107',
          typeof text === 'string' ? `"${text}" cannot be a key` : 'a key must be plain text',
        );
        break;
      }
      if (Object.hasOwn(data, text)) {
        this.repeated = true;
        this.report.error(
          'DB105',
          placeOfNode(this.file, pair.key as Node),
          `"${text}" is in this mapping twice`,
        );
      }
      data[text] = this.convert(pair.value, depth + 1);
    }
    (data as Placed)[ORIGIN] = { file: this.file, node, parameters: this.parameters > before };
    return data;
  }

  private refuse(node: unknown, code: 'DB104' | 'DB106' | 'DB107', message: string): null {
    if (!this.stopped) {
      this.report.error(code, placeOfNode(this.file, node as Node) ?? this.file.place(0), message);
    }
    this.stopped = true;
    return null;
  }
}

const INTEGER = /^(?:0x[0-9a-fA-F]+|[0-9]+)$/;

/**
 * YAML 1.2's core types, of plain scalars: null, booleans, integers. An integer that a double cannot hold
 * stays text, which the schemas accept as a number; so do floats, which no key wants.
 */
function scalar(value: unknown, plain: boolean): Data {
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
