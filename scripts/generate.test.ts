/** The generator on schemas of its own, as `npm run generate` runs it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'generate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const script = join(__dirname, 'generate.mjs');

function generate(...flags: string[]) {
  const args = [script, '--schemas', folder, '--out', folder, ...flags];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

function schema(name: string, body: object): void {
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema' };
  const file = `${name}.schema.json`;
  writeFileSync(join(folder, file), JSON.stringify({ ...head, $id: file, ...body }));
}

const closed = { type: 'object', additionalProperties: false };

function twoFiles(): void {
  schema('common', { $defs: { name: { type: 'string', minLength: 1 } } });
  schema('spec', {
    ...closed,
    properties: { fire: { $ref: 'common.schema.json#/$defs/name', description: 'What fires.' } },
  });
}

describe('generate', () => {
  test('makes types and validators of schemas that refer to each other', () => {
    twoFiles();
    expect(generate()).toEqual({ status: 0, stderr: '' });
    const types = readFileSync(join(folder, 'spec.ts'), 'utf8');
    expect(types).toContain('export type Name = string;');
    expect(types).toMatch(/What fires\.\n\s+\*\/\n\s+fire\?: Name;/);
  });

  test('the validators load nothing, and tell all errors', () => {
    twoFiles();
    generate();
    const code = `import { validateSpec as v } from ${JSON.stringify(join(folder, 'validators.js'))};
      v({ fire: '', x: 1 }); console.log(v.errors.map((e) => e.keyword).sort().join());`;
    const args = ['--input-type=module', '-e', code];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder });
    expect(stdout).toBe('additionalProperties,minLength\n');
  });

  test('--check fails after a change of a schema, and writes nothing', () => {
    twoFiles();
    generate();
    expect(generate('--check').status).toBe(0);
    schema('spec', { ...closed, properties: { other: { type: 'string' } } });
    expect(generate('--check')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('out of date'),
    });
    expect(readFileSync(join(folder, 'spec.ts'), 'utf8')).not.toContain('other');
  });

  test.each([
    ['no schemas at all', () => undefined, 'no *.schema.json'],
    ['a reference to a missing file', () => schema('spec', { $ref: 'gone.schema.json' }), 'gone'],
    ['an $id that is not the file', () => schema('spec', { $id: 'x.json', ...closed }), '"$id"'],
    [
      'two definitions of one name',
      () => {
        twoFiles();
        schema('library', { ...closed, $defs: { name: { type: 'integer' } } });
      },
      'would both become the type Name',
    ],
  ])('%s is an error', (_, make, text) => {
    make();
    expect(generate()).toMatchObject({ status: 1, stderr: expect.stringContaining(text) });
  });
});
