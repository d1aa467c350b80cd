/**
 * From text to plain data that remembers its places. The yaml library reads what is not plain YAML,
 * and says what is wrong. Integers that a double cannot hold stay text, which the schemas accept,
 * so that no digit is lost.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
} from './yaml-library.ts';
import type { Place } from './case.ts';
import { type Data, type DataMap, MAX_DEPTH, MAX_NODES, scalar, setOrigin } from './data.ts';
import { readPlain } from './plain-yaml.ts';
import type { Report } from './report.ts';
import type { SourceFile } from './source-file.ts';

/** Of aliases in a file: each is a copy. */
const MAX_ALIASES = 100;
/** Of the errors of the YAML parser; a broken file can have one for each character. */
const MAX_PROBLEMS = 40;
const MAX_LINE = 1000;

/** Data of a file, or undefined with diagnostics where the YAML is not usable. */
export const parseYaml = (file: SourceFile, report: Report): Data | undefined =>
  readPlain(file) ?? parseWithLibrary(file, report);

/** The same by the yaml library alone. */
export function parseWithLibrary(file: SourceFile, report: Report): Data | undefined {
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
  // Every scalar stays its text: no digit is lost, and the parser does not try each of them against
  // the patterns of types that `scalar` below knows by itself.
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

/**
 * Where a node begins and ends; -1 for none. A block ends with its last value: the library's ranges
 * take in the spaces after it.
 */
function spanOf(node: unknown): [start: number, end: number] {
  const range = (node as Node | null | undefined)?.range;
  if (!range) return [-1, -1];
  const last = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  return [range[0], last ? spanOf(isPair(last) ? (last.value ?? last.key) : last)[1] : range[1]];
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
      const spans = [node, ...node.items].flatMap(spanOf);
      this.keep(list, undefined, spans, before);
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
    const keys: string[] = [];
    const spans = [...spanOf(node)];
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
        this.report.error('DB105', this.placeOf(pair.key), `"${text}" is in this mapping twice`);
      }
      data[text] = this.convert(pair.value, depth + 1);
      keys.push(text);
      spans.push(...spanOf(pair.key), ...spanOf(pair.value ?? pair.key));
    }
    this.keep(data, keys, spans, before);
    return data;
  }

  private keep(data: object, keys: string[] | undefined, spans: number[], before: number): void {
    setOrigin(data, { file: this.file, keys, spans, parameters: this.parameters > before });
  }

  private placeOf(node: unknown): Place | undefined {
    const [start, end] = spanOf(node);
    return start < 0 ? undefined : this.file.place(start, end);
  }

  private refuse(node: unknown, code: 'DB104' | 'DB106' | 'DB107', message: string): null {
    if (!this.stopped) {
      this.report.error(code, this.placeOf(node) ?? this.file.place(0), message);
    }
    this.stopped = true;
    return null;
  }
}
