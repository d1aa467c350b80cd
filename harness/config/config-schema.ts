/**
 * The schema of a configuration file, for editors: made of the command's own tree, as is what
 * applies the file. Published as schemas/config.schema.json, which `npm run docs` writes.
 */
import type { Command, Option } from 'commander';
import { commandsOf, isList, keyOf, optionsOf, PATHS, SCHEMA_KEY } from './config-keys.ts';

type Schema = Readonly<Record<string, unknown>>;

/** By what the help calls a value, for options that neither list their words nor have a default. */
const EXAMPLES: Readonly<Record<string, string>> = {
  n: '4',
  seconds: '60',
  MB: '4096',
  regexp: 'ITS',
  tag: 'slow',
  ref: 'origin/main',
  'i/n': '1/3',
  'name[=file]': 'junit=report.xml',
  versions: '"5.1,6.12"',
  design: 'rfc-v3',
  rid: '0x8',
  path: '/pcie@10000000',
  folder: 'logs',
  program: 'agent',
  text: 'nokaslr',
  controller: 'its',
  kind: 'gicv3-its',
  'kind@slot[:vectors]': 'rocker@4:16',
  'name|Image': '"6.12"',
  'FIELD=BITS': 'device-id=8',
};
/** By the option, where the help calls different values the same. */
const OF_OPTION: Readonly<Record<string, string>> = {
  '--design': 'tracked',
  '--device': 'nic',
  '--domain': 'vm',
  '--sid-bits': '16',
  '--device-id-bits': '16',
  '--svg': 'picture.svg',
  '--spec': 'counterexample.spec.yaml',
  '--trace': 'trace.json',
  '--coverage': 'true',
};
const FILE = 'out.yaml';

export function configSchema(program: Command): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'config.schema.json',
    title: 'Configuration of doorbell',
    description: told(
      'Options that a project always gives, by command. A flag goes before the file, the file before the default.',
      'run: { bail: true }',
    ),
    type: 'object',
    additionalProperties: false,
    properties: {
      [SCHEMA_KEY]: {
        description: told(
          'This schema, for editors that take it from a key.',
          `${SCHEMA_KEY}: node_modules/doorbell/schemas/config.schema.json`,
        ),
        type: 'string',
      },
      [PATHS]: {
        description: told(
          'Files, folders or globs for every command that takes specs, when it is given none; seen from the folder of this file.',
          'paths: [specs/its, specs/smmu]',
        ),
        ...oneOrMore({ type: 'string' }),
      },
      ...keysOf(program),
    },
  };
}

function keysOf(command: Command): Schema {
  const options = optionsOf(command).map((option) => [keyOf(option), optionSchema(option)]);
  const below = commandsOf(command).map((each) => [each.name(), commandSchema(each)]);
  return Object.fromEntries([...options, ...below]) as Schema;
}

function commandSchema(command: Command): Schema {
  const keys = keysOf(command);
  const [first] = Object.values(keys) as { readonly description: string }[];
  const example = first?.description.split('\nExample: ')[1] ?? '';
  return {
    description: told(`${command.description()}.`, `${command.name()}: { ${example} }`),
    type: 'object',
    additionalProperties: false,
    properties: keys,
  };
}

function optionSchema(option: Option): Schema {
  const { argChoices, negate, optional } = option;
  const key = keyOf(option);
  const description = told(`${option.description}.`, `${key}: ${exampleOf(option)}`);
  if (option.isBoolean() || negate) return { description, type: 'boolean' };
  const value = argChoices ? { enum: argChoices } : { type: ['string', 'number'] };
  if (isList(option)) return { description, ...oneOrMore(value) };
  return optional ? { description, anyOf: [value, { const: true }] } : { description, ...value };
}

const oneOrMore = (value: Schema): Schema => ({
  anyOf: [value, { type: 'array', items: value }],
});

const told = (what: string, example: string): string =>
  `${what.charAt(0).toUpperCase()}${what.slice(1)}\nExample: ${example}`;

function exampleOf(option: Option): string {
  const { negate, argChoices, flags } = option;
  const defaultValue: unknown = option.defaultValue;
  if (negate) return 'false';
  if (option.isBoolean()) return 'true';
  const [word] = argChoices ?? [];
  if (word !== undefined) return word;
  if (typeof defaultValue === 'string') return JSON.stringify(defaultValue);
  const called = /[<[](.*)[>\]]$/.exec(flags)?.[1] ?? '';
  const value = EXAMPLES[called] ?? OF_OPTION[option.long ?? ''] ?? FILE;
  return isList(option) ? `[${value}]` : value;
}
