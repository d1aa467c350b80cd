/**
 * From a file to its cases: read, parse, validate, expand, plan. Everything that is wrong is said
 * in one go; a file with an error has no cases.
 */
import { dirname, resolve } from 'node:path';
import type { Case, Place } from './case.ts';
import { casesOf } from './cases-of.ts';
import { Collector, type IncludeCache } from './collect.ts';
import type { NamedSteps } from './expand.ts';
import type { Diagnostic } from './diagnostic.ts';
import { findRoot, nameIn, readSource } from './read-file.ts';
import { Report } from './report.ts';
import { SourceFile } from './source-file.ts';
import { MAY_FOLLOW, withoutBroken } from './mendable.ts';
import { isMap } from './reader.ts';
import { mistakesOf } from './validate.ts';
import { type Data, type DataMap, placeOf } from './data.ts';
import { parseYaml } from './yaml-tree.ts';

export interface LoadOptions {
  /** Project root: names in diagnostics are relative to it and includes stay inside it. */
  readonly root?: string;
  /** Shared by the loads of a run, so that a topology file is read once. */
  readonly cache?: IncludeCache;
}

export interface Loaded {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute paths of included files. */
  readonly includes: readonly string[];
  /** What the cases were made from, for who writes another spec of it. */
  readonly parsed?: ParsedSpec;
}

export interface ParsedSpec {
  readonly spec: DataMap;
  /** With its includes merged. */
  readonly topology: DataMap;
  readonly named: ReadonlyMap<string, NamedSteps>;
}

export const includeCache = (): IncludeCache => ({ files: new Map() });

export function loadSpec(path: string, options: LoadOptions = {}): Loaded {
  const root = options.root ?? findRoot(path);
  const result = readSource(resolve(path), root, false);
  if (!result.ok) {
    const diagnostic: Diagnostic = {
      code: result.code,
      severity: 'error',
      message: result.message,
    };
    return { cases: [], diagnostics: [diagnostic], includes: [] };
  }
  return loadSource(result.file, root, options.cache ?? includeCache());
}

/** As loadSpec, for text that is at hand. `file` is where it stands, for includes and places. */
export function loadSpecText(
  text: string,
  options: LoadOptions & { readonly file: string },
): Loaded {
  const path = resolve(options.file);
  const root = options.root ?? dirname(path);
  return loadSource(
    new SourceFile(nameIn(root, path), path, text),
    root,
    options.cache ?? includeCache(),
  );
}

function loadSource(file: SourceFile, root: string, cache: IncludeCache): Loaded {
  const sources = new Map([[file.name, file]]);
  const report = new Report(sources);
  const includes = new Set<string>();
  let parsed: ParsedSpec | undefined;
  const meaning = (spec: DataMap, to: Report): Case[] => {
    const collector = new Collector(root, to, sources, cache);
    const topology = collector.topology(spec, file);
    const named = collector.namedSteps(spec, file);
    for (const path of collector.includes) includes.add(path);
    if (topology === undefined) return [];
    parsed = { spec, topology, named };
    return casesOf(spec, topology, named, file, to);
  };
  const cases = read(file, report, meaning, () => new Report(sources));
  const diagnostics = report.finish();
  return {
    cases: diagnostics.length > 0 ? [] : cases,
    diagnostics,
    includes: [...includes],
    ...(parsed === undefined ? {} : { parsed }),
  };
}

/** Where the data begins: not at a comment above it. */
function wholeOf(data: Data, file: SourceFile): Place {
  return (typeof data === 'object' && data !== null ? placeOf(data) : undefined) ?? file.place(0);
}

function read(
  file: SourceFile,
  report: Report,
  meaning: (spec: DataMap, report: Report) => Case[],
  another: () => Report,
): Case[] {
  const data = parseYaml(file, report);
  if (data === undefined) return [];
  if (data === null) {
    report.error('DB203', file.place(0), 'the file is empty', 'a spec begins with title:');
    return [];
  }
  const broken = mistakesOf('spec', data, report, wholeOf(data, file));
  if (broken.length === 0) return meaning(data as DataMap, report);
  const rest = isMap(data) ? withoutBroken(data, broken) : undefined;
  if (rest === undefined) return [];
  const second = another();
  meaning(rest, second);
  for (const diagnostic of second.diagnostics)
    if (!MAY_FOLLOW.has(diagnostic.code)) report.take(diagnostic);
  return [];
}
