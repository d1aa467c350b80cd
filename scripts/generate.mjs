/**
 * Generates what the harness derives from schemas/*.schema.json:
 *
 *   harness/spec/generated/spec.ts          TypeScript types (committed)
 *   harness/spec/generated/validators.d.ts  the types of the validators (committed)
 *   harness/spec/generated/validators.js    the validators, compiled by ajv to plain code
 *                                           (not committed)
 *
 *   node scripts/generate.mjs             write all of them
 *   node scripts/generate.mjs --check     fail if a committed one is out of date
 *   --schemas DIR, --out DIR              other folders (tests)
 *
 * A schema may refer to another by its file name: { "$ref": "common.schema.json#/$defs/size" }.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** @typedef {Record<string, unknown>} Schema */
/** @typedef {{ file: string, stem: string, schema: Schema }} SchemaFile */

const root = fileURLToPath(new URL('..', import.meta.url));
const banner = '// Generated from schemas/ by `npm run generate`. Do not edit.\n';

/** Keywords that editors and json-schema-to-typescript know and JSON Schema does not. */
const annotations = ['markdownDescription', 'enumDescriptions', 'defaultSnippets', 'tsType'];

/** Keywords that a file of definitions only may have at its root. */
const definitionsOnly = new Set(['$schema', '$id', '$comment', '$defs', 'title', 'description']);

export class GenerateError extends Error {}

/**
 * @param {string} folder
 * @returns {SchemaFile[]} in the order of their names
 */
export function readSchemas(folder) {
  const names = existsSync(folder)
    ? readdirSync(folder).filter(
        // That of the configuration is made of the command and only published.
        (name) => name.endsWith('.schema.json') && name !== 'config.schema.json',
      )
    : [];
  if (names.length === 0) throw new GenerateError(`no *.schema.json in ${folder}`);
  return names.sort().map((file) => {
    /** @type {Schema} */
    const schema = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const id = schema['$id'];
    if (typeof id !== 'string' || id.split('/').at(-1) !== file) {
      throw new GenerateError(
        `${file}: "$id" must be "${file}", or an address that ends in /${file}; it is ${JSON.stringify(id)}`,
      );
    }
    return { file, stem: file.slice(0, -'.schema.json'.length), schema };
  });
}

/** @param {SchemaFile} entry */
const isRoot = ({ schema }) => Object.keys(schema).some((key) => !definitionsOnly.has(key));

/**
 * `msi-controller` -> `MsiController`, as json-schema-to-typescript does it.
 * @param {string} name
 */
const pascal = (name) =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, c) => c.toUpperCase());

/**
 * @param {readonly SchemaFile[]} files
 * @returns {Promise<string>} an ES module without imports: `validateSpec`, `validateTopology`, ...
 */
export async function validatorsModule(files) {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const { default: standalone } = await import('ajv/dist/standalone/index.js');
  const { build } = await import('esbuild');
  const ajv = new Ajv2020({
    allErrors: true,
    inlineRefs: false,
    discriminator: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    code: { source: true, esm: true },
    schemas: files.map((entry) => entry.schema),
    keywords: annotations,
  });
  /** @type {Record<string, string>} */
  const refs = {};
  for (const entry of files) {
    const id = String(entry.schema['$id']);
    try {
      // Compiled here, one at a time, so that an error names its file.
      if (isRoot(entry)) {
        ajv.getSchema(id);
        refs[`validate${pascal(entry.stem)}`] = id;
      }
    } catch (error) {
      throw new GenerateError(
        `${entry.file}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const code = standalone.default(ajv, refs);
  // ajv's code may require("ajv/dist/runtime/..."): bundled, so that ajv is not loaded at run time.
  const bundle = await build({
    stdin: { contents: code, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'node20',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
  });
  const [output] = Object.values(bundle.metafile.outputs);
  if (output === undefined || output.imports.length > 0) {
    throw new GenerateError('the validators still import a module');
  }
  return banner + bundle.outputFiles[0]?.text;
}

/** @param {readonly SchemaFile[]} files */
export function validatorsDeclaration(files) {
  const roots = files.filter(isRoot).map((entry) => pascal(entry.stem));
  return `${banner}import type { ${roots.join(', ')} } from './spec.ts';

export interface ValidationError {
  /** A JSON pointer into the data. */
  readonly instancePath: string;
  /** A JSON pointer into the schema, behind the schema's file name where that is another file. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface Validator<T> {
  (data: unknown): data is T;
  /** Of the last call; null when it passed. */
  errors: readonly ValidationError[] | null;
}

${roots.map((name) => `export const validate${name}: Validator<${name}>;`).join('\n')}
`;
}

const schemaMaps = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);
const schemaLists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const schemaValues = new Set([
  ...['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains'],
  ...['propertyNames', 'not', 'if', 'then', 'else'],
]);

/**
 * One schema with every definition of every file under $defs, so that a definition that several
 * files use becomes one TypeScript type. Types are named after the key in $defs, or the file, never
 * the title.
 * @param {readonly SchemaFile[]} files
 * @returns {Schema}
 */
function combine(files) {
  /** @type {Map<string, { from: string, name: string }>} by TypeScript name */
  const names = new Map();
  /** @type {Record<string, unknown>} */
  const defs = {};

  /** @type {(name: string, from: string, make: () => unknown) => void} */
  const define = (name, from, make) => {
    const taken = names.get(pascal(name));
    if (taken !== undefined) {
      throw new GenerateError(
        `${from} and ${taken.from} would both become the type ${pascal(name)}`,
      );
    }
    names.set(pascal(name), { from, name });
    defs[name] = make();
  };

  /** @type {(ref: string, file: SchemaFile) => string} */
  const rewriteRef = (ref, file) => {
    const [address = '', pointer = ''] = ref.split('#');
    const target =
      address === '' ? file : files.find((other) => other.file === address.split('/').at(-1));
    if (target === undefined) throw new GenerateError(`${file.file}: no schema for $ref "${ref}"`);
    if (pointer === '' || pointer === '/') return `#/$defs/${target.stem}`;
    if (!/^\/\$defs\/[^/]+$/.test(pointer)) {
      throw new GenerateError(
        `${file.file}: $ref "${ref}" must name a file or a definition in its $defs`,
      );
    }
    return `#${pointer}`;
  };

  /** @type {(node: unknown, file: SchemaFile) => unknown} */
  const rewrite = (node, file) => {
    if (typeof node !== 'object' || node === null) return node;
    /** @type {Schema} */
    const out = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === 'title' || key === '$id' || key === '$schema' || key === 'discriminator')
        continue;
      if (key === '$ref') out[key] = rewriteRef(String(value), file);
      else if (schemaMaps.has(key)) {
        out[key] = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rewrite(v, file)]));
      } else if (schemaLists.has(key)) {
        out[key] = value.map((/** @type {unknown} */ item) => rewrite(item, file));
      } else if (schemaValues.has(key)) out[key] = rewrite(value, file);
      else out[key] = value;
    }
    // "$ref" beside a description would be copied in place: keep the name, and the description.
    const { $ref, ...beside } = out;
    return $ref !== undefined && Object.keys(beside).length > 0 && !('allOf' in beside)
      ? { ...beside, allOf: [{ $ref }] }
      : out;
  };

  for (const file of files) {
    const { $defs, ...schema } = file.schema;
    if (isRoot(file)) define(file.stem, file.file, () => rewrite(schema, file));
    for (const [name, definition] of Object.entries($defs ?? {})) {
      define(name, `${file.file}#/$defs/${name}`, () => rewrite(definition, file));
    }
  }
  return { $defs: defs, type: 'object', additionalProperties: false };
}

/**
 * @param {readonly SchemaFile[]} files
 * @returns {Promise<string>}
 */
export async function typesModule(files) {
  const { compile } = await import('json-schema-to-typescript');
  const wrapper = 'DoorbellSchemas';
  const text = await compile(/** @type {any} */ (combine(files)), wrapper, {
    additionalProperties: false,
    bannerComment: banner,
    declareExternallyReferenced: true,
    unreachableDefinitions: true,
    strictIndexSignatures: true,
    style: { singleQuote: true, printWidth: 100 },
  });
  return text
    .replace(new RegExp(`export interface ${wrapper} \\{\\}\\n+`), '')
    .replace(/\/\*\*\n \* This interface was referenced by [^]*?\*\/\n/g, '')
    .replace(/\n \*\n \* This interface was referenced by [^]*?(?=\n \*\/)/g, '');
}

/**
 * Leaves a file that is up to date alone, so that nothing that watches it starts again.
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
}

/**
 * @param {{ schemas?: string, out?: string, check?: boolean }} [options]
 * @returns {Promise<string[]>} the committed files that were out of date, with `check`
 */
export async function generate(options = {}) {
  const out = resolve(options.out ?? join(root, 'harness/spec/generated'));
  const files = readSchemas(resolve(options.schemas ?? join(root, 'schemas')));
  const committed = {
    'spec.ts': await typesModule(files),
    'validators.d.ts': validatorsDeclaration(files),
  };
  const validators = await validatorsModule(files);
  if (options.check) {
    return Object.entries(committed)
      .map(([name, text]) => ({ path: join(out, name), text }))
      .filter(({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text)
      .map(({ path }) => relative(process.cwd(), path));
  }
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(committed)) write(join(out, name), text);
  writeFileSync(join(out, 'validators.js'), validators);
  return [];
}

/** Only what is not committed: for the tests, which must not change a committed file. */
export async function writeValidators() {
  const out = join(root, 'harness/spec/generated');
  const text = await validatorsModule(readSchemas(join(root, 'schemas')));
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'validators.js'), text);
}

async function main() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      schemas: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const { check, schemas, out } = values;
  const stale = await generate({ check, ...(schemas && { schemas }), ...(out && { out }) });
  if (stale.length > 0) {
    throw new GenerateError(`out of date, run "npm run generate": ${stale.join(', ')}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error instanceof GenerateError ? `generate: ${error.message}` : error);
    process.exitCode = 1;
  });
}
