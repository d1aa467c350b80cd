/**
 * From text to plain data that remembers its places. The only importer of the yaml library.
 *
 * Mappings become plain objects and sequences arrays; each is registered with its node, so that a place
 * is looked up only when something is wrong. Integers that a double cannot hold stay text, which the
 * schemas accept, so that no digit is lost.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Place } from './case.ts';
import type { Report } from './report.ts';
import type { SourceFile } from './source-file.ts';

export type Data = string | number | boolean | null | Data[] | { [key: string]: Data };
export type DataMap = { [key: string]: Data };

/**
 * The failsafe schema leaves every scalar as its text: no digit is lost, and the parser does not try each
 * scalar against the patterns of types that `scalar` below knows by itself.
 */
const OPTIONS = { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' } as const;

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const MAX_ALIASES = 100;

interface Origin {
  readonly file: SourceFile;
  readonly node: YAMLMap | YAMLSeq;
}

const origins = new WeakMap<object, Origin>();

/** A copy with other values keeps its places. */
export function copyOrigin(from: object, to: object): void {
  const origin = origins.get(from);
  if (origin) origins.set(to, origin);
}

/** Place of a value in a container, of its key, or of the container itself. */
export function placeOf(container: object, key?: string | number, which: 'key' | 'value' = 'value'): Place | undefined {
  const origin = origins.get(container);
  if (origin === undefined) return undefined;
  const { file, node } = origin;
  if (key === undefined) return placeOfNode(file, node);
  if (isSeq(node)) return placeOfNode(file, node.items[Number(key)] as Node | undefined) ?? placeOfNode(file, node);
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
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
  for (const problem of problems) {
    const place = file.place(Math.min(problem.pos[0], Math.max(0, file.text.length - 1)), problem.pos[1]);
    report.error(codeFor(problem.code), place, sentence(problem.message), hintFor(file, place));
  }
  if (problems.length > 0) return undefined;
  const walk = new Walk(file, document, report);
  const data = walk.convert(document.contents, 0);
  return walk.failed ? undefined : data;
}

function codeFor(code: string): 'DB104' | 'DB105' | 'DB106' | 'DB107' | 'DB108' {
  if (code === 'DUPLICATE_KEY') return 'DB105';
  if (code === 'MULTIPLE_DOCS') return 'DB108';
  if (code === 'RESOURCE_EXHAUSTION') return 'DB106';
  return code === 'TAG_RESOLVE_FAILED' ? 'DB107' : 'DB104';
}

const sentence = (message: string): string => message.split('\n')[0]?.replace(/:$/, '') ?? message;

/** `{ cpu: ${cpu} }` is the mistake that everybody makes once. */
function hintFor(file: SourceFile, place: Place): string | undefined {
  return /[[{,:]\s*\$\{/.test(file.line(place.line)) ? 'inside { } and [ ] a parameter must be quoted: "${name}"' : undefined;
}

class Walk {
  failed = false;
  private nodes = 0;
  private aliases = 0;
  private readonly file: SourceFile;
  private readonly document: Document;
  private readonly report: Report;

  constructor(file: SourceFile, document: Document, report: Report) {
    this.file = file;
    this.document = document;
    this.report = report;
  }

  convert(node: unknown, depth: number): Data {
    if (++this.nodes > MAX_NODES) return this.refuse(node, 'DB106', `more than ${MAX_NODES} nodes`);
    if (depth > MAX_DEPTH) return this.refuse(node, 'DB106', `nested deeper than ${MAX_DEPTH} levels`);
    if (isScalar(node)) return scalar(node.value, node.type === 'PLAIN');
    if (isMap(node)) return this.map(node, depth);
    if (isSeq(node)) {
      const list = (node.items as unknown[]).map((item) => (this.failed ? null : this.convert(item, depth + 1)));
      origins.set(list, { file: this.file, node });
      return list;
    }
    if (isAlias(node)) {
      if (++this.aliases > MAX_ALIASES) return this.refuse(node, 'DB106', `more than ${MAX_ALIASES} aliases`);
      return this.convert(node.resolve(this.document), depth + 1);
    }
    return null;
  }

  private map(node: YAMLMap, depth: number): Data {
    const data: DataMap = {};
    for (const pair of node.items as Pair[]) {
      if (this.failed) break;
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      const text = typeof key === 'bigint' || typeof key === 'number' ? String(key) : key;
      if (typeof text !== 'string' || text === '__proto__') {
        this.refuse(pair.key, 'DB107', typeof text === 'string' ? `"${text}" cannot be a key` : 'a key must be plain text');
        break;
      }
      data[text] = this.convert(pair.value, depth + 1);
    }
    origins.set(data, { file: this.file, node });
    return data;
  }

  private refuse(node: unknown, code: 'DB106' | 'DB107', message: string): null {
    if (!this.failed) {
      this.report.error(code, placeOfNode(this.file, node as Node) ?? this.file.place(0), message);
    }
    this.failed = true;
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
