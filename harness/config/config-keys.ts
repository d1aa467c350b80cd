/**
 * What may stand in a configuration file, and under which names: the same for reading it, for its
 * schema and for --print-config.
 */
import type { Command, Option } from 'commander';

/** Of the configuration, for every command that takes specs. */
export const PATHS = 'paths';
/** Where an editor finds the schema, in files that have no place for a comment. */
export const SCHEMA_KEY = '$schema';

/**
 * Commands that take nothing from a configuration: they are run to write or to look something up.
 */
export const WITHOUT: ReadonlySet<string> = new Set([
  'init',
  'errors',
  'schema',
  'completion',
  'help',
]);

/** `--no-color` is `color`. */
export const keyOf = ({ long, negate }: Option): string =>
  (long ?? '').replace(negate ? /^--no-/ : /^--/, '');

/** Options of a command that a file may give. */
export const optionsOf = (command: Command): readonly Option[] =>
  command.parent === null ? [] : command.options.filter(({ long }) => long !== '--print-config');

/** Commands below that a file may speak of. */
export const commandsOf = (command: Command): readonly Command[] =>
  command.commands.filter((each) => !WITHOUT.has(each.name()));

/** Several values, each by a flag of its own. */
export const isList = (option: Option): boolean => Array.isArray(option.defaultValue);
