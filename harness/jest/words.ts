/**
 * What a hand-written test says, read as a spec is read: the values are written as the YAML that a
 * spec would have, and schema, conversion and messages are the loader's own. So a misspelt key is
 * an error here as it is there.
 */
import type { Topology } from '../../src/topology/topology.ts';
import type { Expectation, Step } from '../spec/case.ts';
import { type DataMap, placeOf } from '../spec/data.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { expectationsOf } from '../spec/expectations-of.ts';
import { substitute } from '../spec/expand.ts';
import { isMap, Reader } from '../spec/reader.ts';
import { excerptOf } from '../spec/render.ts';
import { Report } from '../spec/report.ts';
import { Scope } from '../spec/scope.ts';
import { SourceFile } from '../spec/source-file.ts';
import { stepOf } from '../spec/steps-of.ts';
import { mistakesOf } from '../spec/validate.ts';
import { parseYaml } from '../spec/yaml-tree.ts';

/** The test is wrong, not the machine. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the steps so far have done to the names that later ones may use. */
export interface Memory {
  readonly topology: Topology;
  readonly setUp: Set<string>;
  readonly freed: Set<string>;
}

const PLAIN = /^[A-Za-z0-9_$][\w/.|$-]*$/;
const OTHER_TYPES = /^(true|false|null)$/i;
const MAX_DEPTH = 16;

/** A value in YAML's flow style: `{ pa: 0x2c000000, refs: 2 }`. */
export function yamlOf(value: unknown, where = 'the value', depth = 0): string {
  if (depth > MAX_DEPTH) throw new UsageError(`${where} is nested too deeply, or in itself`);
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) && !OTHER_TYPES.test(value) ? value : JSON.stringify(value);
    case 'bigint':
      return value < 0n ? String(value) : `0x${value.toString(16)}`;
    case 'number':
      // What is so large is an address as a rule.
      return Number.isSafeInteger(value) && value >= 0x1_0000
        ? `0x${value.toString(16)}`
        : String(value);
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value)
        ? listOf(value, where, depth)
        : mapOf(value as Readonly<Record<string, unknown>>, where, depth);
    default:
      // Left out, it would be an expectation of nothing.
      throw new UsageError(
        `${where} is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`,
      );
  }
}

function listOf(list: readonly unknown[], where: string, depth: number): string {
  const items = list.map((item, i) => yamlOf(item, `${where}[${i}]`, depth + 1));
  return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`;
}

function mapOf(map: Readonly<Record<string, unknown>>, where: string, depth: number): string {
  if (Object.prototype.toString.call(map) !== '[object Object]')
    throw new UsageError(`${where} is neither a value nor a plain object`);
  const entries = Object.entries(map).map(
    ([key, item]) => `${yamlOf(key)}: ${yamlOf(item, `${where}.${key}`, depth + 1)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

const HEAD = 'title: x\ntopology: x\ndesigns: [tracked]\n';

/** A step, and what is expected of it where it says so. Its place is nowhere. */
export function readStep(step: unknown, memory: Memory): Step {
  const text = `${HEAD}steps:\n- ${yamlOf(step, 'the step')}\n`;
  return read(text, memory, (spec, scope) => {
    const [map] = spec['steps'] as [DataMap];
    if (map['use'] !== undefined) throw new UsageError('use: named steps are of specs');
    const found = stepOf(map, scope);
    const expect = blocksOf(map['expect']).flatMap((block) => readBlock(block, scope));
    const place = placeOf(map);
    if (found === undefined || place === undefined) return undefined;
    const { operation, label } = found;
    const fails = expect.some((e) => e.kind === 'error' && e.error !== 'none');
    if (operation.op === 'free-domain' && !fails) scope.freed.add(operation.domain);
    return { operation, label, place, expect };
  });
}

/** The expectations of a block, as it stands under `expect:`. */
export function readExpectations(block: unknown, memory: Memory): Expectation[] {
  const text = `${HEAD}steps:\n- cpu-online: 0\nexpect:\n  ${yamlOf(block, 'the expectation')}\n`;
  return read(text, memory, (spec, scope) =>
    blocksOf(spec['expect']).flatMap((one) => readBlock(one, scope)),
  );
}

const blocksOf = (data: unknown): DataMap[] =>
  data === undefined ? [] : ((Array.isArray(data) ? data : [data]) as DataMap[]);

function readBlock(block: DataMap, scope: Scope): Expectation[] {
  for (const key of ['design', 'when'])
    if (block[key] !== undefined)
      throw new UsageError(
        `${key}: the machine of a hand-written test has one design and no matrix`,
      );
  const expectations = expectationsOf(block, scope);
  if (expectations.length === 0 && !scope.read.report.failed)
    throw new UsageError(`this expects nothing: ${Object.keys(block).join(', ')}`);
  return expectations;
}

function read<T>(
  text: string,
  memory: Memory,
  use: (spec: DataMap, scope: Scope) => T | undefined,
): T {
  const file = new SourceFile('', '', text);
  const report = new Report(new Map([['', file]]));
  const scope = new Scope(memory.topology, new Reader(report));
  for (const name of memory.setUp) scope.setUp.add(name);
  for (const name of memory.freed) scope.freed.add(name);
  const data = parseYaml(file, report);
  let result: T | undefined;
  if (
    data !== undefined &&
    mistakesOf('spec', data, report, file.place(0)).length === 0 &&
    isMap(data)
  )
    // There are no parameters here: a `\${name}` is said to stand for nothing.
    result = use(substitute(data, {}, report), scope);
  if (report.failed || result === undefined) throw new UsageError(textOf(report.finish()));
  for (const name of scope.setUp) memory.setUp.add(name);
  for (const name of scope.freed) memory.freed.add(name);
  return result;
}

/**
 * Diagnostics without their place, which is nowhere that a reader knows; the line itself is shown.
 */
export function textOf(
  diagnostics: readonly Diagnostic[],
  isOwn = (file: string): boolean => file === '',
): string {
  const texts = diagnostics.map(({ code, message, place, sourceLine, hint }) => {
    const where =
      place === undefined || isOwn(place.file) ? '' : `${place.file}:${place.line}:${place.col}  `;
    const lines = [`${where}${code}  ${message}`];
    if (place !== undefined && sourceLine !== undefined) {
      const { line, before, length } = excerptOf(sourceLine, place);
      lines.push(`    ${line}`, `    ${' '.repeat(before)}${'^'.repeat(length)}`);
    }
    if (hint !== undefined) lines.push(`  ${hint}`);
    return lines.join('\n');
  });
  return texts.length === 0 ? 'these words cannot be read' : texts.join('\n');
}
