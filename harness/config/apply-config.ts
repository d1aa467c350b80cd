/**
 * A configuration file's values become options of the command that runs: below flags, above
 * defaults. What may stand in it is what the command's own tree has, and each value goes through
 * the option's own parser:
 *
 *     paths: [specs/its]
 *     run: { reporter: [lines, junit=report.xml], bail: true }
 */
import { relative } from 'node:path';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Place } from '../spec/case.ts';
import { type Data, type DataMap, placeOf } from '../spec/data.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { didYouMean, listKnown } from '../spec/report.ts';
import { commandsOf, isList, keyOf, optionsOf, PATHS, SCHEMA_KEY } from './config-keys.ts';
import type { ConfigFile } from './find-config.ts';

/** Applies what the file says to the command; the mistakes are of the whole file, whatever runs. */
export function applyConfig(
  config: ConfigFile,
  program: Command,
  running: Command,
  cwd: string,
): readonly Diagnostic[] {
  const mistakes = new Mistakes(config);
  const { data } = config;
  if (!isMap(data)) {
    mistakes.add(undefined, 'a configuration is a mapping', 'such as run: { bail: true }');
    return mistakes.found;
  }
  const paths = Object.hasOwn(data, PATHS) ? pathsOf(data, mistakes) : [];
  const keys = Object.keys(data).filter((key) => key !== PATHS && key !== SCHEMA_KEY);
  section(keys, data, program, running, mistakes, [PATHS]);
  const [given] = running.processedArgs as unknown[];
  if (paths.length > 0 && running.registeredArguments[0]?.name() === PATHS && isEmptyList(given))
    running.processedArgs[0] = paths.map((path) =>
      path.startsWith('/') ? path : relative(cwd, `${config.folder}/${path}`) || '.',
    );
  return mistakes.found;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isMap = (data: Data | undefined): data is DataMap =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** Keys of one level: options of the command, and commands below it. */
function section(
  keys: readonly string[],
  data: DataMap,
  command: Command,
  running: Command,
  mistakes: Mistakes,
  also: readonly string[] = [],
): void {
  const below = commandsOf(command);
  const options = optionsOf(command);
  for (const key of keys) {
    const value = data[key] as Data;
    const deeper = below.find((each) => each.name() === key);
    const option = options.find((each) => keyOf(each) === key);
    if (deeper !== undefined) {
      if (isMap(value)) section(Object.keys(value), value, deeper, running, mistakes);
      else mistakes.add([data, key], `${key}: is a mapping of the options of doorbell ${key}`);
    } else if (option !== undefined)
      setOption(option, value, [data, key], command, running, mistakes);
    else {
      const known = [...also, ...below.map((each) => each.name()), ...options.map(keyOf)];
      const message = `unknown key "${key}"${didYouMean(key, known)}`;
      const owners = below.filter((each) => optionsOf(each).some((o) => keyOf(o) === key));
      const owner = owners.find((each) => each === running) ?? owners[0];
      mistakes.add(
        [data, key, 'key'],
        message,
        owner === undefined
          ? listKnown(known)
          : `it is an option of doorbell ${owner.name()}: ${owner.name()}: { ${key}: ... }`,
      );
    }
  }
}

function setOption(
  option: Option,
  value: Data,
  at: readonly [DataMap, string],
  command: Command,
  running: Command,
  mistakes: Mistakes,
): void {
  const name = keyOf(option);
  const fail = (wanted: string): void => mistakes.add(at, `${name}: ${wanted}`, option.description);
  if (option.isBoolean() || option.negate) {
    if (typeof value !== 'boolean') return fail('true or false');
    return take(command, running, option, value);
  }
  const items = Array.isArray(value) ? value : [value];
  // As the flag without a value.
  if (value === true && option.optional) return take(command, running, option, true);
  if (Array.isArray(value) && !isList(option)) return fail('one value, not a list');
  let parsed: unknown = option.defaultValue;
  for (const item of items) {
    if (typeof item !== 'string' && typeof item !== 'number') return fail('text or a number');
    try {
      parsed = option.parseArg ? option.parseArg(String(item), parsed as never) : String(item);
    } catch (error) {
      if (error instanceof InvalidArgumentError) return fail(error.message);
      throw error;
    }
  }
  take(command, running, option, parsed);
}

function take(command: Command, running: Command, option: Option, value: unknown): void {
  if (command !== running) return;
  const name = option.attributeName();
  if (running.getOptionValueSource(name) === 'cli') return;
  running.setOptionValueWithSource(name, value, 'config');
}

function pathsOf(data: DataMap, mistakes: Mistakes): readonly string[] {
  const value = data[PATHS];
  const list = Array.isArray(value) ? value : [value];
  if (list.every((path) => typeof path === 'string')) return list;
  mistakes.add([data, PATHS], 'paths: files, folders or globs, from the folder of this file');
  return [];
}

class Mistakes {
  readonly found: Diagnostic[] = [];
  private readonly config: ConfigFile;

  constructor(config: ConfigFile) {
    this.config = config;
  }

  /** `at`: the mapping, its key, and whether the key or its value is meant. */
  add(at: readonly [DataMap, string, 'key'?] | undefined, message: string, hint?: string): void {
    const { file, name } = this.config;
    const place: Place | undefined = at && placeOf(at[0], at[1], at[2] ?? 'value');
    const line = place && file?.line(place.line);
    this.found.push({
      code: 'DB605',
      severity: 'error',
      message: place === undefined ? `${name}: ${message}` : message,
      ...(place === undefined ? {} : { place }),
      ...(line === undefined ? {} : { sourceLine: line }),
      ...(hint === undefined || hint === '' ? {} : { hint }),
    });
  }
}
