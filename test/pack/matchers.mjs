/**
 * Hand-written tests in the user's project: CommonJS, ES modules, types; and snapshots of what
 * cases let be seen.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const BODY = `
test('a machine', () => {
  const machine = openMachine({ topology: './specs/topology.yaml', design: 'tracked' });
  machine.perform({ attach: { device: 'nic', domain: 'vm' } }, { setup: { device: 'nic', vectors: 2, cpu: 3 } });
  expect(machine.perform({ fire: 'nic/0' })).toHaveDelivered('nic/0', { cpu: 3 });
  expect(machine).toHaveRefcount('vm', { pa: 0x0809_0000 }, 2);
});
`;
const COMMONJS = `const { openMachine } = require('doorbell/jest');\n${BODY}`;
const MODULE = `import { expect, test } from '@jest/globals';\nimport { openMachine } from 'doorbell/jest';\n${BODY}`;
/** The line of the matcher that fails. */
const FAILING_LINE = 7;
const failing = COMMONJS.replace('}, 2)', '}, 3)');

/** With the globals of @types/jest, or with imports. */
const typed = (imports) => `${imports}import { openMachine } from 'doorbell/jest';
const machine = openMachine({ topology: './specs/topology.yaml', design: { 'rfc-v3': { 'initial-count': 2 } } });
machine.perform({ map: { domain: 'vm', iova: 0x1000n, pa: 0x8000_0000n, size: '4K', prot: 'RW' } });
expect(machine).toHaveMapping('vm', { iova: 0x1000n, prot: 'READ|WRITE' });
expect(machine).not.toHaveDelivered('nic/0', [{ cpu: 1, count: '1..2' }]);
expect(machine.whole).toHaveCommands({ includes: ['MAPD', { MAPTI: { 'event-id': 0 } }] });
expect(machine).toMeet({ mappings: 'none', leaks: { vm: 0 }, error: 'ENOMEM' });
// @ts-expect-error -- a misspelt key
expect(machine).toHaveMapping('vm', { iovaa: 1 });
// @ts-expect-error -- no domain
expect(machine).toHaveMapping({ iova: 1 });
// @ts-expect-error -- a misspelt step
machine.perform({ fier: 'nic/0' });
// @ts-expect-error -- no such error
expect(machine).toHaveFailed('ENOMEN');
`;

/** @param {import('./project.mjs').Project} project */
export function matcherTests(project) {
  describe('hand-written tests', () => {
    test('pass in CommonJS and as ES modules, beside specs', () => {
      const config = { preset: 'doorbell', testMatch: ['**/*.spec.yaml', '**/*.test.*js'] };
      project.write('hand.config.json', JSON.stringify(config));
      project.write('a.test.js', COMMONJS);
      project.write('b.test.mjs', MODULE);
      const flag = { env: { NODE_OPTIONS: '--experimental-vm-modules' } };
      const { status, json, output } = project.jestWith(
        flag,
        '-c',
        'hand.config.json',
        'test.m?js',
        '/a.spec',
      );
      assert.equal(status, 0, output);
      assert.equal(json.numPassedTests, 4);
    });

    test('and in files of TypeScript, which the preset does not hide from Jest', () => {
      const config = { preset: 'doorbell', testMatch: ['**/*.spec.yaml', '**/*.test.*ts'] };
      project.write('typed.config.json', JSON.stringify(config));
      // No transformer is installed here: JavaScript, by another name.
      for (const name of ['d.test.ts', 'e.test.cts']) project.write(name, COMMONJS);
      const { status, json, output } = project.jestWith(
        {},
        '-c',
        'typed.config.json',
        '[de].test',
        '/a.spec',
      );
      assert.equal(status, 0, output);
      assert.equal(json.numPassedTests, 4);
    });

    test('that fail show both sides, at the line of the test', () => {
      project.write('a.test.js', failing);
      const { status, tests, output } = project.jest('-c', 'hand.config.json', 'a.test.js');
      assert.equal(status, 1, output);
      assert.equal(tests.length, 1);
      assert.match(output, /expect\(machine\)\.toHaveRefcount\(vm, \{ pa: 0x8090000 \}, 3\)/);
      assert.match(output, /≠ \* -> 0x08090000 {2}refs 3 {3}0x08000000 -> 0x08090000/);
      assert.match(output, new RegExp(`> *${FAILING_LINE} \\|`));
      project.write('a.test.js', COMMONJS.replace("'vm', {", "'vn', {"));
      const wrong = project.jest('-c', 'hand.config.json', 'a.test.js');
      assert.match(wrong.output, /no domain "vn"; did you mean "vm"\?/);
      // A misspelt key: the schemas are found in the package.
      project.write('a.test.js', COMMONJS.replace('pa: ', 'paa: '));
      const misspelt = project.jest('-c', 'hand.config.json', 'a.test.js');
      assert.match(misspelt.output, /unknown key "paa"; did you mean "pa"\?/);
    });

    test('have types, with imports and with the globals', () => {
      project.write('typed.mts', typed("import { expect } from '@jest/globals';\n"));
      project.write('typed.cts', typed("import { expect } from '@jest/globals';\n"));
      project.write('global.mts', typed('/// <reference types="jest" />\n'));
      for (const file of ['typed.mts', 'typed.cts', 'global.mts']) {
        const { status, output } = project.tsc(file);
        assert.equal(status, 0, `${file}\n${output}`);
      }
      project.write(
        'typed.mts',
        typed("import { expect } from '@jest/globals';\n").replaceAll(
          '// @ts-expect-error',
          '// --',
        ),
      );
      const bad = project.tsc('typed.mts').output;
      assert.equal(bad.match(/error TS/g)?.length, 4, bad);
    });
  });

  describe('snapshots of cases', () => {
    const WANTED = ['--globals', JSON.stringify({ doorbell: { snapshots: true } })];
    const kept = () =>
      readFileSync(join(project.folder, 'specs/__snapshots__/c.spec.yaml.snap'), 'utf8');
    const spec = (cpu) =>
      readFileSync(join(project.folder, 'specs/a.spec.yaml'), 'utf8').replaceAll(
        'cpu: 3',
        `cpu: ${cpu}`,
      );

    test('are written, compared, updated, and told when they are obsolete', () => {
      project.write('specs/c.spec.yaml', spec(3));
      // With CI set Jest writes none unless told to.
      const written = project.jest('/c.spec', ...WANTED, '--ci=false');
      assert.equal(written.status, 0, written.output);
      assert.match(written.output, /2 snapshots written/);
      assert.match(kept(), /affinity says \[tracked\] 1`\] = `\nstep 1 {2}attach nic -> vm\n/);
      assert.match(kept(), /\n {2}interrupt nic\/0 cpu 3 {6}x1\n/);

      const same = project.jest('/c.spec', ...WANTED);
      assert.equal(same.status, 0, same.output);
      project.write('specs/c.spec.yaml', spec(2));
      const other = project.jest('/c.spec', ...WANTED);
      assert.equal(other.status, 1);
      assert.match(other.output, /\+ {3}interrupt nic\/0 cpu 2 {6}x1/);
      assert.match(other.output, />\s+1 \| title: /);

      assert.match(project.jest('/c.spec', ...WANTED, '-u').output, /2 snapshots updated/);
      assert.match(kept(), /interrupt nic\/0 cpu 2/);
      const without = project.jest('/c.spec');
      assert.deepEqual([without.status, without.json.numPassedTests], [1, 2]);
      assert.match(without.output, /2 snapshots obsolete/);
    });

    test('are of the specs with a tag; a misspelt setting is an error', () => {
      project.write('specs/c.spec.yaml', `${spec(3)}tags: [kept]\n`);
      const settings = (doorbell) => [
        '--globals',
        JSON.stringify({ doorbell }),
        '--ci=false',
        '-u',
      ];
      const some = project.jest('/[ac].spec', ...settings({ snapshots: ['kept'] }));
      assert.equal(some.json.snapshot.matched + some.json.snapshot.updated, 2, some.output);
      const { status, output } = project.jest('/c.spec', ...settings({ snapshot: true }));
      assert.equal(status, 1);
      assert.match(output, /unknown key "snapshot"; did you mean "snapshots"\?/);
    });
  });
}
