/** The configuration file: where it is found, what holds, and what is said of a wrong one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBuild, project } from '../testing/command.ts';
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
