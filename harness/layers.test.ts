/**
 * Dependencies point one way. A new import that breaks a rule fails here with the file that has it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(__dirname, '..');

interface Import {
  readonly file: string;
  /** Gone when the program runs: only types are taken. */
  readonly ofTypes: boolean;
  /** Path from the root for a relative import, else the module's name. */
  readonly target: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$/.test(name))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const pattern = /((?:import|export) type [^;']*?)?(?:from|import)\s*\(?\s*'([^']+)'/g;
  return [...text.matchAll(pattern)].map(([, types, name = '']) => ({
    file,
    ofTypes: types !== undefined,
    target: name.startsWith('.') ? relative(ROOT, resolve(ROOT, file, '..', name)) : name,
  }));
}

const all = [...sources('src'), ...sources('harness')].flatMap(importsOf);
const offenders = (from: RegExp, to: RegExp): string[] =>
  all
    .filter(({ file, target }) => from.test(file) && to.test(target))
    .map((i) => `${i.file} -> ${i.target}`);
/** Files that import each other in a ring, by depth-first search. */
function circles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target, ofTypes } of imports)
    if (!ofTypes) targets.set(file, [...(targets.get(file) ?? []), target]);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}
const importers = (module: RegExp): string[] => [
  ...new Set(all.filter(({ target }) => module.test(target)).map(({ file }) => file)),
];

describe('dependencies point one way', () => {
  test('the sources and their imports were found', () => {
    expect(all.length).toBeGreaterThan(200);
    expect(importers(/^src\/kernel\/kernel\.ts$/).length).toBeGreaterThan(10);
  });

  test('no files import each other in a ring, but for types', () => {
    const ring = ['a', 'b', 'c'].map((file, n) => ({
      file,
      target: 'bca'[n] ?? '',
      ofTypes: false,
    }));
    expect(circles(ring)).toEqual(['a -> b -> c -> a']);
    expect(circles(all)).toEqual([]);
  });

  test('src imports nothing from the harness, no node module and no package', () => {
    expect(offenders(/^src\//, /^harness\//)).toEqual([]);
    expect(offenders(/^src\/(?!testing\/)/, /^(?!src\/)/)).toEqual([]);
  });

  test('hardware does not know the kernel or the designs', () => {
    expect(offenders(/^src\/hardware\//, /^src\/(kernel|designs|observe)\//)).toEqual([]);
  });

  test('the kernel does not look at what is observed of it', () => {
    expect(offenders(/^src\/(kernel|designs)\//, /^src\/observe\//)).toEqual([]);
  });

  test('yaml and ajv are each imported by one module at most', () => {
    expect(importers(/^yaml$/).length).toBeLessThanOrEqual(1);
    expect(importers(/^ajv/).length).toBeLessThanOrEqual(1);
  });

  test('reporters see events, not the runner, the loader or the machine', () => {
    expect(offenders(/^harness\/report\//, /^harness\/(run\/runner|targets|cli|checks)/)).toEqual(
      [],
    );
    expect(offenders(/^harness\/report\//, /^src\/(machine|kernel|hardware)/)).toEqual([]);
  });

  test('only the command line and Jest import the command line', () => {
    expect(offenders(/^harness\/(?!cli\/)/, /^harness\/cli\//)).toEqual([]);
  });
});
