/**
 * The configuration file of a project: doorbell.config.yaml (yml, json, mjs, js, cjs), .doorbellrc
 * (YAML or JSON) or the key "doorbell" of package.json, in the current folder or one above it, up
 * to the project's root. Data with places, so that what is wrong with it has a line.
 */
import { dirname, relative, sep } from 'node:path';
import { lilconfig, type Loaders } from 'lilconfig';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Data } from '../spec/data.ts';
import { findRoot } from '../spec/read-file.ts';
import { Report } from '../spec/report.ts';
import { SourceFile } from '../spec/source-file.ts';
import { parseYaml } from '../spec/yaml-tree.ts';

const PLACES = [
  'doorbell.config.yaml',
  'doorbell.config.yml',
  'doorbell.config.json',
  'doorbell.config.mjs',
  'doorbell.config.js',
  'doorbell.config.cjs',
  '.doorbellrc',
  '.doorbellrc.yaml',
  '.doorbellrc.json',
  'package.json',
];

export interface ConfigFile {
  readonly path: string;
  /** As messages name it: from the current folder. */
  readonly name: string;
  readonly folder: string;
  readonly data: Data;
  /** The text, where it is text and not a module. */
  readonly file: SourceFile | undefined;
}

export type FoundConfig =
  ConfigFile | { readonly broken: readonly Diagnostic[]; readonly name: string } | undefined;

interface Read {
  readonly data: Data | undefined;
  readonly file: SourceFile;
  readonly broken: readonly Diagnostic[];
}

export async function findConfig(cwd: string): Promise<FoundConfig> {
  const nameOf = (path: string): string => relative(cwd, path).split(sep).join('/');
  /** JSON is YAML as well. */
  const yaml = (path: string, text: string): Read => {
    const file = new SourceFile(nameOf(path), path, text);
    const report = new Report(new Map([[file.name, file]]));
    const data = parseYaml(file, report);
    return { data, file, broken: report.finish() };
  };
  /** lilconfig takes the key "doorbell" of what this returns. */
  const manifest = (path: string, text: string): { readonly doorbell?: Read } => {
    if (!/"doorbell"\s*:/.test(text)) return {};
    const read = yaml(path, text);
    const data = isMap(read.data) ? read.data['doorbell'] : undefined;
    return data === undefined ? {} : { doorbell: { ...read, data } };
  };
  const loaders: Loaders = {
    'package.json': manifest,
    '.yaml': yaml,
    '.yml': yaml,
    '.json': yaml,
    noExt: yaml,
  };
  const explorer = lilconfig('doorbell', {
    searchPlaces: PLACES,
    stopDir: findRoot(cwd),
    loaders: {
      ...loaders,
      // lilconfig looks at the extension alone; of the JSON files package.json is the one with a
      // key.
      '.json': (path, text) => (path.endsWith('package.json') ? manifest : yaml)(path, text),
    },
  });
  let found: Awaited<ReturnType<typeof explorer.search>>;
  try {
    found = await explorer.search(cwd);
  } catch (error) {
    // A module of the project's own, or a file that cannot be read.
    return unusable(error, nameOf);
  }
  if (found === null || found.isEmpty === true || found.config === null) return undefined;
  const path = found.filepath;
  const place = { path, name: nameOf(path), folder: dirname(path) };
  const config: unknown = found.config;
  if (!isRead(config)) return { ...place, data: config as Data, file: undefined };
  const { data, file, broken } = config;
  if (broken.length > 0 || data === undefined) return { broken, name: place.name };
  return { ...place, data, file };
}

function unusable(error: unknown, nameOf: (path: string) => string): FoundConfig {
  const { message, stack = '' } = error as Error;
  const where = PLACES.find((place) => stack.includes(`/${place}`)) ?? nameOf('.');
  const text = `${where}: ${message}`;
  return { broken: [{ code: 'DB605', severity: 'error', message: text }], name: where };
}

const isMap = (data: Data | undefined): data is { [key: string]: Data } =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const isRead = (config: unknown): config is Read =>
  typeof config === 'object' && config !== null && 'file' in config && 'broken' in config;
