/**
 * What an editor shows of each key: a description in lines, the last of which is an example. Each
 * example is read as a spec is read and must fit the schema of its key.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
// Of the schema of a single key there is no generated validator.
// eslint-disable-next-line no-restricted-imports
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isMap } from './reader.ts';
import { hintOf } from './schema-walk.ts';
import { Report } from './report.ts';
import { SourceFile } from './source-file.ts';
import { parseYaml } from './yaml-tree.ts';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const FILES = ['common', 'topology', 'spec', 'library'].map((name) => `${name}.schema.json`);
const schemas = new Map(
  FILES.map((file) => {
    const text = readFileSync(join(__dirname, '../../schemas', file), 'utf8');
    return [file, JSON.parse(text) as Schema];
  }),
);

const ajv = new Ajv2020({ strict: false, discriminator: true });
for (const schema of schemas.values()) ajv.addSchema(schema);

interface Key {
  readonly key: string;
  readonly pointer: string;
  readonly description: string;
}

/** Every key that some mapping of the language has, at the pointer of its schema. */
function keysOf(schema: Schema, pointer: string): Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const at = `${pointer}/properties/${key}`;
    const description = property.description ?? referred(property, pointer)?.description ?? '';
    return [{ key, pointer: at, description }, ...keysOf(property, at)];
  });
  const others: [string, Schema][] = [
    ...Object.entries(schema.$defs ?? {}).map(([name, s]): [string, Schema] => [
      `$defs/${name}`,
      s,
    ]),
    ...(schema.anyOf ?? []).map((s, i): [string, Schema] => [`anyOf/${i}`, s]),
    ...(schema.oneOf ?? []).map((s, i): [string, Schema] => [`oneOf/${i}`, s]),
    ...(schema.items ? [['items', schema.items] as [string, Schema]] : []),
    ...(typeof schema.additionalProperties === 'object'
      ? [['additionalProperties', schema.additionalProperties] as [string, Schema]]
      : []),
  ];
  return [...own, ...others.flatMap(([name, s]) => keysOf(s, `${pointer}/${name}`))];
}

function referred({ $ref }: Schema, pointer: string): Schema | undefined {
  if ($ref === undefined) return undefined;
  const [file = '', path = ''] = $ref.split('#');
  const root = schemas.get(file === '' ? (pointer.split('#')[0] ?? '') : file);
  return path === '' ? root : root?.$defs?.[path.split('/').at(-1) ?? ''];
}

const keys = [...schemas].flatMap(([file, schema]) => keysOf(schema, `${file}#`));

test('the keys were found', () => {
  expect(keys.length).toBeGreaterThan(320);
  for (const name of ['spec.schema.json#/$defs/step/properties/fire/anyOf/1/properties/times'])
    expect(keys.map(({ pointer }) => pointer)).toContain(name);
});

describe.each(keys)('$pointer', ({ key, pointer, description }) => {
  test('has a description, and an example that fits', () => {
    const [prose = '', example = '', ...rest] = description.split('\nExample: ');
    expect(prose).toMatch(/\S/);
    expect(prose).not.toContain('Example');
    expect(rest).toEqual([]);
    // A message is read on a terminal.
    expect(hintOf(description).length).toBeLessThanOrEqual(240);
    const file = new SourceFile('example', 'example', example);
    const report = new Report(new Map([['example', file]]));
    const data = parseYaml(file, report);
    expect(report.finish()).toEqual([]);
    if (data === undefined || !isMap(data)) throw new Error(`"${example}" is no mapping`);
    expect(Object.keys(data)).toEqual([key]);
    const fits = ajv.compile({ $ref: pointer });
    fits(data[key]);
    expect(fits.errors).toBeNull();
  });
});
