/**
 * What the schemas say of one place in the data: the description that serves as hint, the keys that
 * are known there, the kinds to choose from. Walks schema and data together, because the generated
 * validators' errors name a place in the data and not in the schema files. Read only when there is
 * something to explain.
 */
import { readFileSync } from 'node:fs';
import { schemaFolder } from './schema-folder.ts';
import type { Data } from './data.ts';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: { readonly propertyName: string };
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** A schema and the file that its references are relative to. */
interface Located {
  readonly schema: Schema;
  readonly file: string;
}

export interface Explained {
  readonly hint: string | undefined;
  /** Keys of the mapping there. */
  readonly keys: readonly string[];
  /** Values of the key that tells its kinds apart. */
  readonly kinds: readonly string[];
}

const files = new Map<string, Schema>();

function schemaFile(name: string): Schema {
  const known = files.get(name);
  if (known) return known;
  const read = JSON.parse(readFileSync(`${schemaFolder()}/${name}`, 'utf8')) as Schema;
  files.set(name, read);
  return read;
}

/**
 * The target of a reference: `common.schema.json#/$defs/name`, `#/$defs/step`,
 * `topology.schema.json`.
 */
function follow({ schema, file }: Located): Located | undefined {
  if (schema.$ref === undefined) return undefined;
  const [target = '', pointer = ''] = schema.$ref.split('#');
  const name = target === '' ? file : target;
  const key = pointer.split('/').at(-1) ?? '';
  const root = schemaFile(name);
  const found = pointer === '' ? root : root.$defs?.[key];
  return found && { schema: found, file: name };
}

/** A schema with its references followed and the branches that the data may be meant for. */
function branches(at: Located, data: Data | undefined, depth = 0): Located[] {
  if (depth > 16) return [];
  const target = follow(at);
  const union = [...(at.schema.anyOf ?? []), ...(at.schema.oneOf ?? [])];
  return [
    at,
    ...(target ? branches(target, data, depth + 1) : []),
    ...union
      .flatMap((schema) => branches({ schema, file: at.file }, data, depth + 1))
      .filter(({ schema }) => mayBe(schema, data)),
  ];
}

/** False where a branch is plainly for something else: another type, or another kind. */
function mayBe(schema: Schema, data: Data | undefined): boolean {
  if (Array.isArray(data)) return schema.type === undefined || schema.type === 'array';
  if (typeof data !== 'object' || data === null)
    return schema.type !== 'object' && schema.type !== 'array';
  if (schema.type === 'array') return false;
  return Object.entries(schema.properties ?? {}).every(
    ([key, property]) =>
      property.const === undefined || data[key] === undefined || data[key] === property.const,
  );
}

/**
 * As many places as fit into a hint: a key that is known everywhere, such as `device`, says nothing
 * about this one.
 */
const MOST_PLACES = 3;

/**
 * Where in data of this schema a key is known, nearest to the root first: `topology`,
 * `steps.setup`; `''` is the root.
 */
export function placesOf(root: string, key: string): string[] {
  const seen = new Set<Schema>();
  const found: string[] = [];
  let level = [{ at: { schema: schemaFile(root), file: root }, way: [] as readonly string[] }];
  while (level.length > 0 && found.length === 0) {
    const next: typeof level = [];
    for (const { at, way } of level)
      for (const branch of everyBranch(at)) {
        if (seen.has(branch.schema)) continue;
        seen.add(branch.schema);
        const { properties = {}, additionalProperties, items } = branch.schema;
        if (Object.hasOwn(properties, key)) found.push(way.join('.'));
        const inside = Object.entries(properties).map(([name, schema]) => ({ schema, name }));
        for (const schema of [items, additionalProperties])
          if (typeof schema === 'object') inside.push({ schema, name: '' });
        for (const { schema, name } of inside)
          next.push({
            at: { schema, file: branch.file },
            way: name === '' ? way : [...way, name],
          });
      }
    level = next;
  }
  const ways = [...new Set(found)];
  return ways.length > MOST_PLACES ? [] : ways;
}

/** As branches, of any data. */
function everyBranch(at: Located, depth = 0): Located[] {
  if (depth > 16) return [];
  const target = follow(at);
  const union = [...(at.schema.anyOf ?? []), ...(at.schema.oneOf ?? [])];
  return [
    at,
    ...(target ? everyBranch(target, depth + 1) : []),
    ...union.flatMap((schema) => everyBranch({ schema, file: at.file }, depth + 1)),
  ];
}

function child(at: Located, key: string, isList: boolean): Located | undefined {
  const { properties, additionalProperties, items } = at.schema;
  if (isList) return items && { schema: items, file: at.file };
  const found =
    properties?.[key] ??
    (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return found && { schema: found, file: at.file };
}

/** `parts`: the way from the root of the data. */
export function explain(root: string, data: Data, parts: readonly string[]): Explained {
  let here: Data | undefined = data;
  let candidates = branches({ schema: schemaFile(root), file: root }, here);
  let hint: string | undefined;
  for (const part of parts) {
    const isList = Array.isArray(here);
    here = Array.isArray(here)
      ? here[Number(part)]
      : typeof here === 'object' && here !== null
        ? here[part]
        : undefined;
    candidates = candidates.flatMap((at) => {
      const next = child(at, part, isList);
      return next ? branches(next, here) : [];
    });
    hint =
      candidates.find(({ schema }) => schema.description !== undefined)?.schema.description ?? hint;
  }
  const objects = candidates.filter(({ schema }) => schema.properties !== undefined);
  return {
    hint: hint === undefined ? undefined : hintOf(hint),
    keys: [...new Set(objects.flatMap(({ schema }) => Object.keys(schema.properties ?? {})))],
    kinds: candidates.flatMap(kindsOf),
  };
}

/**
 * A hint is one line: of a long description its first sentence is enough, and the example says the
 * rest.
 */
const LONG = 120;

export function hintOf(description: string): string {
  const [prose = '', ...examples] = description.split('\n');
  const short = prose.length > LONG ? firstSentence(prose) : prose;
  const line = [short, ...examples].join(' ');
  return line.length > 2 * LONG ? short : line;
}

/** Up to a full stop that a new sentence follows: not that of dma-iommu.c or 6.12. */
const firstSentence = (text: string): string => /^.*?[.](?= [A-Z])/.exec(text)?.[0] ?? text;

function kindsOf({ schema, file }: Located): string[] {
  const key = schema.discriminator?.propertyName;
  if (key === undefined) return [];
  return (schema.oneOf ?? []).flatMap((branch) => {
    const constant = follow({ schema: branch, file })?.schema.properties?.[key]?.const;
    return typeof constant === 'string' ? [constant] : [];
  });
}
