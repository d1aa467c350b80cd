/**
 * Reading a spec with all that it includes: the topology's file, files of named steps. Each file
 * once; a cycle is refused with its path.
 */
import { dirname, resolve } from 'node:path';
import type { Place } from './case.ts';
import type { NamedSteps } from './expand.ts';
import { nameIn, readSource } from './read-file.ts';
import { isMap } from './reader.ts';
import type { Report } from './report.ts';
import { firmwareTopology } from './firmware.ts';
import { SourceFile } from './source-file.ts';
import { fitsSchema, type SchemaName } from './validate.ts';
import { copyOrigin, type Data, type DataMap, placeOf } from './data.ts';
import { parseYaml } from './yaml-tree.ts';

const MAX_INCLUDE_DEPTH = 16;
const SECTIONS = [
  'msi-controllers',
  'iommus',
  'host-bridges',
  'devices',
  'domains',
  'guests',
] as const;

/**
 * Included files by absolute path, kept over the files of a run; a file's data never changes after
 * parsing.
 */
export interface IncludeCache {
  readonly files: Map<string, { readonly source: SourceFile; readonly data: DataMap }>;
}

export class Collector {
  /** Absolute paths of all files that were taken in. */
  readonly includes: string[] = [];
  private readonly root: string;
  private readonly report: Report;
  private readonly sources: Map<string, SourceFile>;
  private readonly cache: IncludeCache;

  constructor(root: string, report: Report, sources: Map<string, SourceFile>, cache: IncludeCache) {
    this.root = root;
    this.report = report;
    this.sources = sources;
    this.cache = cache;
  }

  /** The topology of a spec as one mapping. */
  topology(spec: DataMap, from: SourceFile): DataMap | undefined {
    const data = spec['topology'];
    if (typeof data === 'string')
      return this.topologyFile(data, from, placeOf(spec, 'topology'), [from.path]);
    return isMap(data) ? this.withInclude(data, from, [from.path]) : undefined;
  }

  /** Named steps of a spec and of the files that it includes. */
  namedSteps(spec: DataMap, from: SourceFile): Map<string, NamedSteps> {
    const named = new Map<string, NamedSteps>();
    this.addNamed(spec, from, named, [from.path]);
    return named;
  }

  private topologyFile(
    path: string,
    from: SourceFile,
    place: Place | undefined,
    trail: readonly string[],
  ): DataMap | undefined {
    const file = this.include(path, from, place, trail, 'topology');
    return file && this.withInclude(file.data, file.source, [...trail, file.source.path]);
  }

  private withInclude(
    data: DataMap,
    from: SourceFile,
    trail: readonly string[],
  ): DataMap | undefined {
    if (typeof data['firmware'] === 'string')
      return this.withFirmware(data, data['firmware'], from);
    if (typeof data['include'] !== 'string') return data;
    const base = this.topologyFile(data['include'], from, placeOf(data, 'include'), trail);
    return base && this.merge(base, data);
  }

  /** The machine of a firmware file, and what the spec adds to it. */
  private withFirmware(data: DataMap, path: string, from: SourceFile): DataMap | undefined {
    const place = placeOf(data, 'firmware');
    if (data['include'] !== undefined) {
      this.report.error('DB306', place, 'firmware and include exclude each other');
      return undefined;
    }
    const target = resolve(dirname(from.path), path);
    if (!this.includes.includes(target)) this.includes.push(target);
    const text = firmwareTopology(target, this.root, data, this.report);
    if (text === undefined) return undefined;
    const source = new SourceFile(`${nameIn(this.root, target)} (imported)`, target, text);
    this.sources.set(source.name, source);
    const base = parseYaml(source, this.report);
    if (base === undefined || !fitsSchema('topology', base, this.report, source.place(0)))
      return undefined;
    const over: DataMap = { ...data };
    delete over['firmware'];
    copyOrigin(data, over);
    return this.merge(base as DataMap, over);
  }

  /** Sections add up; kernel goes key by key; a name in both is an error. */
  private merge(base: DataMap, over: DataMap): DataMap {
    const merged: DataMap = { ...base, ...over };
    delete merged['include'];
    for (const section of [...SECTIONS, 'kernel']) {
      const a = base[section];
      const b = over[section];
      if (!isMap(a) || !isMap(b)) continue;
      const both: DataMap = { ...a, ...b };
      merged[section] = both;
      // Places of the entries themselves are kept by the entries; those of names are looked up in
      // `over`.
      copyOrigin(b, both);
      if (section === 'kernel') continue;
      for (const name of Object.keys(b)) {
        if (Object.hasOwn(a, name)) {
          this.report.error(
            'DB305',
            placeOf(b, name, 'key'),
            `"${name}" is in the included topology too`,
            'give it another name',
          );
          both[name] = a[name] as Data;
        }
      }
    }
    copyOrigin(over, merged);
    return merged;
  }

  private addNamed(
    data: DataMap,
    from: SourceFile,
    named: Map<string, NamedSteps>,
    trail: readonly string[],
  ): void {
    const define = isMap(data['define']) ? data['define'] : {};
    for (const [name, entry] of Object.entries(define)) {
      if (named.has(name))
        this.report.error(
          'DB305',
          placeOf(define, name, 'key'),
          `named steps "${name}" are defined twice`,
        );
      const { params = [], steps } = entry as DataMap;
      named.set(name, { params: params as string[], steps: steps as DataMap[] });
    }
    const list = Array.isArray(data['include']) ? data['include'] : [];
    for (const [i, path] of list.entries()) {
      const file = this.include(String(path), from, placeOf(list, i), trail, 'library');
      if (file) this.addNamed(file.data, file.source, named, [...trail, file.source.path]);
    }
  }

  private include(
    path: string,
    from: SourceFile,
    place: Place | undefined,
    trail: readonly string[],
    schema: SchemaName,
  ): { source: SourceFile; data: DataMap } | undefined {
    const target = resolve(dirname(from.path), path);
    if (trail.includes(target) || trail.length > MAX_INCLUDE_DEPTH) {
      const names = [...trail, target].map((file) => nameIn(this.root, file)).join(' -> ');
      this.report.error('DB308', place, `files include each other: ${names}`);
      return undefined;
    }
    if (!this.includes.includes(target)) this.includes.push(target);
    const known = this.cache.files.get(target);
    if (known) {
      this.sources.set(known.source.name, known.source);
      return known;
    }
    const result = readSource(target, this.root, true);
    if (!result.ok) {
      this.report.error(result.code === 'DB101' ? 'DB308' : result.code, place, result.message);
      return undefined;
    }
    this.sources.set(result.file.name, result.file);
    const data = parseYaml(result.file, this.report);
    if (data === undefined || !fitsSchema(schema, data, this.report, result.file.place(0)))
      return undefined;
    const file = { source: result.file, data: data as DataMap };
    this.cache.files.set(target, file);
    return file;
  }
}
