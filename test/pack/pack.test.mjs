/**
 * The packed tarball as a user meets it: Jest's preset, the command, the model, the declarations.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { matcherTests } from './matchers.mjs';
import { Project } from './project.mjs';
import * as specs from './specs.mjs';

const project = new Project();
let files = [];

before(() => {
  files = project.install();
  project.write('specs/topology.yaml', specs.topology);
  project.write('specs/a.spec.yaml', specs.passing);
  project.write('specs/b.spec.yaml', specs.passing.replace('An interrupt', 'A second interrupt'));
});
after(() => project.remove());

/** Another spec for one test only. */
function withSpec(text, body) {
  project.write('specs/extra.spec.yaml', text);
  try {
    return body(project.jest('extra'));
  } finally {
    project.write('specs/extra.spec.yaml', specs.passing);
  }
}

describe('the tarball', () => {
  test('holds what runs and no sources or tests', () => {
    for (const wanted of [
      'dist/cli.js',
      'dist/index.js',
      'dist/jest/matchers.cjs',
      'jest-preset.cjs',
      'schemas/spec.schema.json',
      'schemas/config.schema.json',
      'LICENSE',
    ])
      assert.ok(files.includes(wanted), `${wanted} is missing`);
    const unwanted = files.filter((path) => /^(src|harness|test|bench|node_modules)\//.test(path));
    assert.deepEqual(unwanted, []);
  });

  test('doorbell run passes in the project', () => {
    const { status, output } = project.doorbell('run', 'specs/a.spec.yaml', 'specs/b.spec.yaml');
    assert.equal(status, 0, output);
    assert.match(output, /^4 passed \(2 files/m);
  });

  test('its declarations compile without skipLibCheck', () => {
    const bad =
      "import { openModel } from 'doorbell/model';\nexport const n: number = openModel;\n";
    project.write('consumer.mts', bad);
    assert.match(project.tsc('consumer.mts').output, /consumer\.mts\(2,14\): error TS2322/);
    const good = "import { openModel } from 'doorbell/model';\nexport const open = openModel;\n";
    project.write('consumer.mts', `${good}export * as doorbell from 'doorbell';\n`);
    const { status, output } = project.tsc('consumer.mts');
    assert.equal(status, 0, output);
  });
});

describe('the Jest preset', () => {
  test('makes a describe of a file and a test of a case, each at its line', () => {
    const { status, tests, output } = project.jest('/a.spec');
    assert.equal(status, 0, output);
    assert.deepEqual(
      tests.map(({ fullName, status, location }) => [fullName, status, location.line]),
      [
        ["An interrupt goes where the vector's affinity says [tracked]", 'passed', 1],
        ["An interrupt goes where the vector's affinity says [linux-6.15]", 'passed', 1],
      ],
    );
  });

  test('shows a failure at the line of YAML, with code frame, and both sides', () => {
    withSpec(specs.failing, ({ status, tests, output }) => {
      assert.equal(status, 1);
      assert.deepEqual(
        tests.map((t) => t.status),
        ['failed', 'failed'],
      );
      const [message] = tests[0].failureMessages;
      assert.match(
        message,
        new RegExp(`at step \\(.*extra\\.spec\\.yaml:${specs.FAILING_LINE}:\\d+\\)`),
      );
      assert.match(output, new RegExp(`> ${specs.FAILING_LINE} \\|     expect: \\{ interrupts`));
      assert.match(output, /expected\s+observed/);
      assert.match(output, /at CPU 1, 1 time/);
      assert.match(output, /nic\/0 at CPU 3, 1 time/);
    });
  });

  test('makes a failing test of a diagnostic, at its place', () => {
    withSpec(specs.invalid, ({ status, tests, output }) => {
      assert.equal(status, 1);
      assert.equal(tests.length, 1);
      assert.equal(tests[0].location.line, specs.INVALID_LINE);
      assert.match(output, /linux-6\.51/);
      assert.match(output, new RegExp(`> ${specs.INVALID_LINE} \\| designs`));
    });
  });

  test('skips with the reason, and turns xfail round', () => {
    withSpec(specs.skipped, ({ status, tests }) => {
      assert.equal(status, 0);
      assert.deepEqual(
        tests.map((t) => t.status),
        ['pending', 'pending'],
      );
      assert.match(tests[0].title, /the reason is shown/);
    });
    withSpec(specs.expectedToFail, ({ status, output }) => assert.equal(status, 0, output));
    withSpec(specs.unexpectedPass, ({ status, tests }) => {
      assert.equal(status, 1);
      assert.match(tests[0].failureMessages[0], new RegExp(`:${specs.UNEXPECTED_LINE}:\\d+\\)`));
    });
  });

  test('-t selects cases', () => {
    const { status, json } = project.jest('-t', 'second interrupt.*tracked', '/[ab].spec');
    assert.equal(status, 0);
    assert.deepEqual([json.numPassedTests, json.numPendingTests], [1, 3]);
  });

  test('--shard splits the files', () => {
    const all = project.jest('--listTests').listed;
    const shards = ['1/2', '2/2'].map(
      (part) => project.jest('--listTests', `--shard=${part}`).listed,
    );
    assert.ok(shards.every((list) => list.length > 0));
    assert.deepEqual(shards.flat().sort(), all);
  });

  test('runs in workers', () => {
    const { status, json, output } = project.jest(
      '-w',
      '2',
      '--workerIdleMemoryLimit=1GB',
      '/[ab].spec',
    );
    assert.equal(status, 0, output);
    assert.equal(json.numPassedTests, 4);
  });

  test('an edit of an included file reaches the specs that include it', () => {
    const related = project.jest('--listTests', '--findRelatedTests', 'specs/topology.yaml');
    assert.ok(
      related.listed.some((path) => path.endsWith('specs/a.spec.yaml')),
      related.output,
    );
    assert.equal(project.jest('/a.spec').status, 0);
    project.edit('specs/topology.yaml', 'cpus: 4', 'cpus: 2');
    try {
      assert.equal(project.jest('/a.spec').status, 1, 'CPU 3 is gone; a stale spec still passes');
    } finally {
      project.edit('specs/topology.yaml', 'cpus: 2', 'cpus: 4');
    }
    assert.equal(project.jest('/a.spec').status, 0);
  });
});

matcherTests(project);
