/** The configuration file: where it is found, what holds, and what is said of a wrong one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, project, ROOT } from '../testing/command.ts';
import { ATTACH, specText } from '../testing/samples.ts';

const command = new CommandBuild('doorbell-config-test');
const doorbell = command.run.bind(command);
beforeAll(() => command.build(), 60_000);

const SPEC = specText(`steps:${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - teardown: nic`);
const RUN = '{ "run": { "design": ["rfc-v3"], "reporter": "tap" } }';

describe('where it is found', () => {
  test.each([
    ['doorbell.config.yaml', 'run: { design: [rfc-v3], reporter: tap }'],
    ['doorbell.config.json', RUN],
    ['doorbell.config.mjs', `export default ${RUN}`],
    ['doorbell.config.cjs', `module.exports = ${RUN}`],
    ['.doorbellrc', 'run:\n  design: rfc-v3\n  reporter: [tap]\n'],
    ['package.json', `{ "name": "x", "doorbell": ${RUN} }`],
  ])('%s', (name, text) => {
    const folder = project({ 'specs/a.spec.yaml': SPEC, 'deep/er/x': '' });
    writeFileSync(join(folder, name), text);
    // The spec is of `tracked`: with the filter of the file nothing is left.
    const { code, out } = doorbell(join(folder, 'deep/er'), ['run', '../../specs']);
    expect([code, out.includes('TAP version')]).toEqual([5, true]);
    // The command line goes before it.
    const again = doorbell(folder, ['run', '--design', 'tracked', '--reporter', 'lines']);
    expect([again.code, again.out.includes('1 passed')]).toEqual([0, true]);
  });

  test('not above the project', () => {
    const folder = project({ 'inner/package.json': '{}', 'inner/specs/a.spec.yaml': SPEC });
    writeFileSync(join(folder, '.doorbellrc'), 'run: { design: rfc-v3 }');
    expect(doorbell(join(folder, 'inner'), ['run']).code).toBe(0);
  });
});

describe('what holds', () => {
  const folder = (): string =>
    project({
      'other/a.spec.yaml': SPEC,
      'deep/x': '',
      'doorbell.config.yaml':
        'paths: [other]\nrun: { seed: 4, color: false }\nlist: { json: true }',
    });

  test('--print-config says each value and its source', () => {
    const { code, out } = doorbell(folder(), ['run', '--bail', '--print-config']);
    expect(out).toMatch(/^configuration file: doorbell\.config\.yaml$/m);
    expect(out).toMatch(/^ +paths +\["other"\] +doorbell\.config\.yaml$/m);
    expect(out).toMatch(/^ +seed +4 +doorbell\.config\.yaml$/m);
    expect(out).toMatch(/^ +color +false +doorbell\.config\.yaml$/m);
    expect(out).toMatch(/^ +bail +true +command line$/m);
    expect(out).toMatch(/^ +target +model +default$/m);
    expect(code).toBe(0);
  });

  test('paths are seen from the file, and other commands have their own section', () => {
    const inner = join(folder(), 'deep');
    expect(doorbell(inner, ['run']).out).toMatch(/order shuffled with --seed 4[^]*1 passed/);
    expect(JSON.parse(doorbell(inner, ['list']).out)).toMatchObject({ specs: [{ cases: [{}] }] });
  });
});

describe('what is wrong with it', () => {
  test.each([
    ['init: { kind: its }', '1:1', 'unknown key "init"'],
    ['jobs: 2', '1:1', 'it is an option of doorbell run: run: { jobs: ... }'],
    ['rum: { bail: true }', '1:1', 'unknown key "rum"; did you mean "run"?'],
    ['run:\n  reporters: [tap]', '2:3', 'unknown key "reporters"; did you mean "reporter"?'],
    ['run: { bail: often }', '1:14', 'bail: true or false'],
    ['run: { seed: -1 }', '1:14', 'seed: A seed is a whole number'],
    ['fuzz: { runs: [1, 2] }', '1:15', 'runs: one value, not a list'],
    ['explore: { search: wide }', '1:20', 'search: Allowed choices are'],
    ['linux: { boot: { cpu: 4 } }', '1:18', 'unknown key "cpu"; did you mean "cpus"?'],
    ['paths: 4', '1:8', 'paths: files, folders or globs'],
    ['run: [tap]', '1:6', 'run: is a mapping'],
    ['run: {', '1:', 'DB1'],
  ])('%s', (text, at, message) => {
    const folder = project({ 'specs/a.spec.yaml': SPEC, '.doorbellrc': text });
    // Whatever command runs, the whole file is read.
    const { code, err } = doorbell(folder, ['validate']);
    expect(err).toContain(`.doorbellrc:${at}`);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test('a module that throws is no bug of ours', () => {
    const folder = project({ 'doorbell.config.mjs': 'throw new Error("no board here");' });
    const { code, err } = doorbell(folder, ['validate']);
    expect(err).toMatch(/DB605 .*doorbell\.config\.mjs.*no board here/);
    expect(code).toBe(2);
  });
});

describe('the published schema', () => {
  interface Keys {
    readonly properties: Readonly<Record<string, { readonly description: string } & Partial<Keys>>>;
  }
  const text = readFileSync(join(ROOT, 'schemas/config.schema.json'), 'utf8');
  const schema = JSON.parse(text) as Keys;
  const examplesOf = ({ properties }: Keys, indent = ''): string[] =>
    Object.entries(properties).flatMap(([key, { description, properties: deeper }]) =>
      deeper === undefined
        ? [`${indent}${description.split('\nExample: ')[1] ?? `${key} has no example`}`]
        : [`${indent}${key}:`, ...examplesOf({ properties: deeper }, `${indent}  `)],
    );

  test('has an example of every key, and the command takes them all', () => {
    const examples = examplesOf(schema);
    expect(examples.length).toBeGreaterThan(100);
    const folder = project({ 'specs/its/a.spec.yaml': SPEC, 'specs/smmu/b.spec.yaml': SPEC });
    writeFileSync(join(folder, 'doorbell.config.yaml'), examples.join('\n'));
    const { code, err } = doorbell(folder, ['validate']);
    expect([err, code]).toEqual(['', 0]);
  });

  test('has the options that --print-config tells, and no other', () => {
    const folder = project({ 'a.dtb': '' });
    const walk = ({ properties }: Keys, path: readonly string[]): void => {
      for (const [name, { properties: deeper }] of Object.entries(properties)) {
        if (deeper === undefined) continue;
        const here = [...path, name];
        if (Object.values(deeper).some((each) => each.properties))
          walk({ properties: deeper }, here);
        else expect([here, told(here)]).toEqual([here, Object.keys(deeper).sort()]);
      }
    };
    const told = (path: readonly string[]): string[] => {
      const bare = doorbell(folder, [...path, '--print-config']).out;
      // Some need the name of a file.
      const out = bare === '' ? doorbell(folder, [...path, 'a.dtb', '--print-config']).out : bare;
      const names = [...out.matchAll(/^ {2}(\S+) /gm)].map(([, name = '']) => name);
      return names.filter((name) => !ARGUMENTS.has(name)).sort();
    };
    walk(schema, []);
  });

  test('is what doorbell schema prints, and a file may name it', () => {
    const folder = project({ 'specs/a.spec.yaml': SPEC });
    expect(doorbell(folder, ['schema', 'config']).out).toBe(text);
    writeFileSync(
      join(folder, '.doorbellrc.json'),
      '{ "$schema": "x", "run": { "coverage": true } }',
    );
    const { code, out } = doorbell(folder, ['run', '--print-config']);
    expect(out).toMatch(/^ +coverage +true +\.doorbellrc\.json$/m);
    expect(code).toBe(0);
  });
});

const ARGUMENTS = new Set(['paths', 'file', 'reports']);
