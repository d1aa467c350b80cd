/**
 * The plain part of YAML, that nearly every spec is written in, read in one pass: block mappings
 * and sequences, flow collections, scalars of one line, folded scalars of one paragraph. Whatever
 * else stands in a file (anchors, tags, other block scalars, escapes, directives, several
 * documents, an empty value, an odd indentation, any error) makes `readPlain` give up, and the yaml
 * library reads the whole file; it alone says what is wrong with one.
 *
 * Why it is here: the library takes half of the time that a thousand specs take from start to
 * verdict. plain-yaml.test.ts compares values and places of both over the corpus, its mutants and
 * random text.
 */
import { type Data, type DataMap, MAX_DEPTH, MAX_NODES, scalar, setOrigin } from './data.ts';
import type { SourceFile } from './source-file.ts';

/** The data of a text in plain YAML, or undefined where it is not surely that. */
export function readPlain(file: SourceFile): Data | undefined {
  if (UNUSUAL.test(file.text)) return undefined;
  try {
    return new PlainReader(file).document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

/** Control characters, and the lines that belong to the stream of documents. */
const UNUSUAL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|(?:^|\n)(?:---|\.\.\.|%)/;
const GIVE_UP = new Error('not plain YAML');

/** Not an integer: as a key of an object that would stand before the others. */
const KEY = /[A-Za-z_$][\w./$-]*(?=:[ \n])/y;
/**
 * A plain scalar: begins with no indicator, ends before a comment, a `: `, the line, and in a flow
 * collection its marks.
 */
const IN_BLOCK = /[\w$./(+<=~^;)](?:[^\n#:]|(?<! )#|:(?![ \n]|$))*/y;
const IN_FLOW = /[\w$./(+<=~^;)](?:[^\n#:,[\]{}]|(?<! )#|:(?![ \n,[\]{}]|$))*/y;
const DOUBLE_QUOTED = /"[^"\\\n]*"/y;
const FOLDED_LINE = /( *)([^\n]*)\n/y;
/** Spaces on a line of their own belong to the text where they are further in than it. */
const BLANK_AFTER = /\n* +(?:\n|$)/y;
const SINGLE_QUOTED = /'[^'\n]*'(?!')/y;

const [NEWLINE, SPACE, QUOTE, HASH] = [0x0a, 0x20, 0x22, 0x23] as const;
const [APOSTROPHE, COMMA, DASH] = [0x27, 0x2c, 0x2d] as const;
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

class PlainReader {
  private at = 0;
  /** Where the line of `at` begins. */
  private line = 0;
  /** Column of the first token of a line that was moved to; -1 at the end of the file. */
  private indent = 0;
  /** After the value that was read last. */
  private end = 0;
  private nodes = 0;
  /** Scalars so far that hold a `${`. */
  private parameters = 0;
  private readonly file: SourceFile;
  private readonly text: string;

  constructor(file: SourceFile) {
    this.file = file;
    this.text = file.text;
  }

  document(): Data {
    this.nextLine();
    if (!this.isNode()) throw GIVE_UP;
    const data = this.block(0);
    if (this.indent >= 0) throw GIVE_UP;
    return data;
  }

  private block(depth: number): Data {
    const column = this.at - this.line;
    return this.isItem() ? this.sequence(column, depth) : this.mapping(column, depth);
  }

  private sequence(column: number, depth: number): Data {
    this.count(depth);
    const list: Data[] = [];
    const spans = [this.at, 0];
    const before = this.parameters;
    do {
      this.at++;
      this.spaces();
      const start = this.at;
      list.push(this.isNode() ? this.block(depth + 1) : this.lastOfLine(column, depth + 1));
      spans.push(start, this.end);
    } while (this.indent === column && this.isItem());
    return this.keep(list, undefined, spans, before);
  }

  private mapping(column: number, depth: number): Data {
    this.count(depth);
    const data: DataMap = {};
    const keys: string[] = [];
    const spans = [this.at, 0];
    const before = this.parameters;
    do {
      const key = this.key(data, spans);
      this.spaces();
      if (this.isEndOfLine()) {
        this.nextLine();
        if (this.indent < column || (this.indent === column && !this.isItem())) throw GIVE_UP;
      }
      const start = this.at;
      data[key] = this.valueOfKey(column, depth + 1);
      keys.push(key);
      spans.push(start, this.end);
    } while (this.indent === column);
    return this.keep(data, keys, spans, before);
  }

  private valueOfKey(column: number, depth: number): Data {
    if (this.text.startsWith('>\n', this.at)) return this.folded(column, depth);
    const isBlock = this.at - this.line === this.indent && this.isNode();
    return isBlock ? this.block(depth) : this.lastOfLine(column, depth);
  }

  /** A folded block scalar of one paragraph: lines of one indentation, which become one line. */
  private folded(column: number, depth: number): Data {
    this.count(depth);
    const lines: string[] = [];
    let at = this.at + 2;
    let margin = 0;
    for (;;) {
      FOLDED_LINE.lastIndex = at;
      const [whole = '', indent = '', line = ''] = FOLDED_LINE.exec(this.text) ?? [];
      if (line === '' || indent.length <= column) break;
      if (margin === 0) margin = indent.length;
      // Further in, such a line keeps its end; a space at the end would stay.
      if (indent.length !== margin || line.endsWith(' ')) throw GIVE_UP;
      lines.push(line);
      at += whole.length;
    }
    BLANK_AFTER.lastIndex = at;
    if (margin === 0 || BLANK_AFTER.test(this.text)) throw GIVE_UP;
    const value = `${lines.join(' ')}\n`;
    if (value.includes('${')) this.parameters++;
    this.end = at;
    this.line = this.at = at;
    this.nextLine();
    // Behind an empty line, or a comment that is none: more of the text.
    if (this.indent > column) throw GIVE_UP;
    return scalar(value, false);
  }

  /** A value after which its line ends; `column` is that of the block around it. */
  private lastOfLine(column: number, depth: number): Data {
    const data = this.inline(column, depth, IN_BLOCK);
    const end = this.at;
    this.spaces();
    if (!this.isEndOfLine() || (this.at === end && this.text.charCodeAt(end) === HASH))
      throw GIVE_UP;
    this.nextLine();
    return data;
  }

  private inline(column: number, depth: number, plain: RegExp): Data {
    switch (this.text.charCodeAt(this.at)) {
      case BRACE:
        return this.flowMapping(column, depth);
      case BRACKET:
        return this.flowSequence(column, depth);
      case QUOTE:
        return this.scalar(DOUBLE_QUOTED, depth);
      case APOSTROPHE:
        return this.scalar(SINGLE_QUOTED, depth);
      default:
        return this.scalar(plain, depth);
    }
  }

  private flowSequence(column: number, depth: number): Data {
    this.count(depth);
    const list: Data[] = [];
    const spans = [this.at, 0];
    const before = this.parameters;
    while (this.isFlowNext(column, BRACKET_END, list.length)) {
      const start = this.at;
      list.push(this.inline(column, depth + 1, IN_FLOW));
      spans.push(start, this.end);
    }
    return this.keep(list, undefined, spans, before);
  }

  private flowMapping(column: number, depth: number): Data {
    this.count(depth);
    const data: DataMap = {};
    const keys: string[] = [];
    const spans = [this.at, 0];
    const before = this.parameters;
    while (this.isFlowNext(column, BRACE_END, keys.length)) {
      const key = this.key(data, spans);
      this.flowSpace(column);
      const start = this.at;
      data[key] = this.inline(column, depth + 1, IN_FLOW);
      keys.push(key);
      spans.push(start, this.end);
    }
    return this.keep(data, keys, spans, before);
  }

  /**
   * Moves to the next entry of a flow collection, of which `entries` were read, or behind its end.
   */
  private isFlowNext(column: number, close: number, entries: number): boolean {
    if (entries === 0) this.at++;
    this.flowSpace(column);
    if (entries > 0 && this.text.charCodeAt(this.at) === COMMA) {
      this.at++;
      this.flowSpace(column);
    } else if (entries > 0 && this.text.charCodeAt(this.at) !== close) throw GIVE_UP;
    if (this.text.charCodeAt(this.at) !== close) return true;
    this.end = ++this.at;
    return false;
  }

  /**
   * Over spaces, comments and lines; a line that goes on with a collection is further in than the
   * block around it.
   */
  private flowSpace(column: number): void {
    const before = this.at;
    this.spaces();
    if (!this.isEndOfLine()) return;
    if (this.at === before && this.text.charCodeAt(before) === HASH) throw GIVE_UP;
    this.nextLine();
    if (this.indent <= column) throw GIVE_UP;
  }

  private key(data: DataMap, spans: number[]): string {
    const start = this.at;
    const end = this.match(KEY);
    const key = this.text.slice(start, end);
    if (key === '__proto__' || Object.hasOwn(data, key)) throw GIVE_UP;
    spans.push(start, end);
    this.at = end + 1;
    return key;
  }

  private scalar(pattern: RegExp, depth: number): Data {
    this.count(depth);
    const start = this.at;
    this.at = this.match(pattern);
    const quoted = pattern === DOUBLE_QUOTED || pattern === SINGLE_QUOTED ? 1 : 0;
    this.end = this.at;
    if (!quoted) while (this.text.charCodeAt(this.end - 1) === SPACE) this.end--;
    const value = this.text.slice(start + quoted, this.end - quoted);
    if (value.includes('${')) this.parameters++;
    return scalar(value, !quoted);
  }

  private match(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw GIVE_UP;
    return pattern.lastIndex;
  }

  /** Whether an item or a key of a block stands here. */
  private isNode(): boolean {
    KEY.lastIndex = this.at;
    return this.isItem() || KEY.test(this.text);
  }

  private isItem(): boolean {
    return this.text.charCodeAt(this.at) === DASH && this.text.charCodeAt(this.at + 1) === SPACE;
  }

  private isEndOfLine(): boolean {
    const code = this.text.charCodeAt(this.at);
    return code === NEWLINE || code === HASH || this.at >= this.text.length;
  }

  private spaces(): void {
    while (this.text.charCodeAt(this.at) === SPACE) this.at++;
  }

  /** To the first token after this line, over lines that are empty or a comment. */
  private nextLine(): void {
    this.spaces();
    while (this.isEndOfLine()) {
      const newline = this.text.indexOf('\n', this.at);
      if (newline < 0) {
        this.at = this.text.length;
        this.indent = -1;
        return;
      }
      this.line = this.at = newline + 1;
      this.spaces();
    }
    this.indent = this.at - this.line;
  }

  private count(depth: number): void {
    if (++this.nodes > MAX_NODES || depth > MAX_DEPTH) throw GIVE_UP;
  }

  private keep(
    data: Data[] | DataMap,
    keys: string[] | undefined,
    spans: number[],
    before: number,
  ): Data {
    spans[1] = this.end;
    setOrigin(data, { file: this.file, keys, spans, parameters: this.parameters > before });
    return data;
  }
}
