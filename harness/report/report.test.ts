/** What reporters write, on a writer in memory. */
import { describe, expect, test } from '@jest/globals';
import type { Case } from '../spec/case.ts';
import { ATTACH, caseOf, run } from '../testing/samples.ts';
import { written } from '../testing/written.ts';
import { verdictText } from './failure-text.ts';
import { plain } from './style.ts';

const steps = (count: number): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: ${count} } } }
  - teardown: nic`;
const good = caseOf(steps(1));
const bad = caseOf(steps(2));
const skipped = caseOf(steps(1), 'designs: [tracked]\nskip: { reason: not yet }');

describe('lines', () => {
  test('a heading for each file, a line for each case, a summary', async () => {
    expect(await written('lines', { a: [good, skipped] })).toBe(
      [
        'sample.spec.yaml  A sample',
        '  PASS  [tracked]',
        '  SKIP  [tracked]  (not yet)',
        '',
        '1 passed, 1 skipped (1 file, 0 ms)',
        '',
      ].join('\n'),
    );
  });

  test('a failure says where, what, why and how to repeat it', async () => {
    const text = await written('lines', { a: [bad] });
    expect(text).toContain('✖ sample.spec.yaml:19:29');
    expect(text).toContain('step 3  fire nic/0   DB404');
    expect(text).toMatch(/≠ at CPU 0, 2 times {3}nic\/0 at CPU 0, 1 time\n/);
    expect(text).toContain('the way of nic/0 at that moment');
    expect(text).toContain('owned by nic/0');
    expect(text).toMatch(/step 3 {2}CPU 0 {2}INTID 0: nic\/0/);
    expect(text).toContain('repeat   npx doorbell run sample.spec.yaml --design tracked\n');
    expect(text).not.toContain('\u001b');
  });

  test('several failures are named again at the end', async () => {
    const text = await written('lines', { a: [bad, bad] });
    expect(text.match(/^FAIL {2}sample\.spec\.yaml \[tracked\]$/gm)).toHaveLength(2);
  });

  test('verbose shows steps, kernel steps and hardware', async () => {
    const text = await written('lines', { a: [good] }, { verbose: true });
    expect(text).toMatch(/^ +2 {2}setup nic, 2 vectors, cpu 0/m);
    expect(text).toContain('pci_alloc_irq_vectors');
    expect(text).toContain('write_msi_msg: address_lo');
  });

  test('nothing ran', async () => {
    expect(await written('lines', {})).toBe('\nnothing ran (0 files, 0 ms)\n');
  });

  test('names cannot drive the terminal, and are cut', async () => {
    const odd = { ...bad, title: `two\nlines \u001b[2J<b> ${'x'.repeat(1000)}` };
    const text = await written('lines', { a: [odd] });
    expect(text).toContain('two lines \\x1b[2J<b> xxx');
    expect(text).not.toContain('\u001b');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(600);
  });
});

describe('the text of a failure', () => {
  test('puts long rows one below the other where they do not fit', async () => {
    const wide = verdictText(await run(bad), plain, 100);
    const narrow = verdictText(await run(bad), plain, 40);
    expect(wide).toContain('expected            observed');
    expect(narrow).toContain(
      '≠ expected  at CPU 0, 2 times\n      observed  nic/0 at CPU 0, 1 time',
    );
  });

  test('shows the line of YAML with a caret under what is meant', async () => {
    const verdict = await run(bad);
    const [failure] = verdict.failures;
    if (failure?.diagnostic.place === undefined) throw new Error('no place');
    const { place } = failure.diagnostic;
    const line = '    expect: { interrupts: { nic/0: { cpu: 0, count: 2 } } }';
    const diagnostic = { ...failure.diagnostic, sourceLine: line };
    const text = verdictText({ ...verdict, failures: [{ ...failure, diagnostic }] }, plain, 200);
    const lines = text.split('\n');
    const at = lines.findIndex((l) => l.endsWith(line));
    const offset = (lines[at] ?? '').length - line.length;
    const caret = (lines[at + 1] ?? '').indexOf('^');
    expect(line.slice(caret - offset)).toMatch(/^nic\/0/);
    expect(caret - offset).toBe(place.col - 1);
  });

  test('XPASS and ABORT give their reason', async () => {
    const verdict = await run(good);
    const text = (status: 'XPASS' | 'ABORT'): string =>
      verdictText({ ...verdict, status, reason: 'the reason' }, plain);
    expect(text('XPASS')).toContain('passed although xfail says it must fail: the reason');
    expect(text('ABORT')).toContain('aborted: the reason');
  });
});

describe('json', () => {
  interface Report {
    version: number;
    seed?: number;
    cases: { id: string; status: string; steps: object[]; diagnostics: { code: string }[] }[];
    summary: { passed: number; failed: number };
  }
  const parsed = async (
    files: Readonly<Record<string, readonly Case[]>>,
    seed?: number,
  ): Promise<Report> =>
    JSON.parse(await written('json', files, seed === undefined ? {} : { seed })) as Report;

  test('cases, steps, diagnostics and the summary', async () => {
    const { version, cases, summary } = await parsed({ a: [good, bad, skipped] });
    expect(version).toBe(1);
    expect(cases.map(({ status }) => status)).toEqual(['PASS', 'FAIL', 'SKIP']);
    expect(cases.map((c) => c.steps.length)).toEqual([4, 4, 0]);
    expect(cases[1]?.diagnostics.map(({ code }) => code)).toEqual(['DB404']);
    expect(summary).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
  });

  test('is valid JSON when nothing ran', async () => {
    expect(await parsed({})).toMatchObject({ version: 1, cases: [], summary: { passed: 0 } });
    expect('seed' in (await parsed({}))).toBe(false);
    expect((await parsed({}, 7)).seed).toBe(7);
  });

  test('64-bit values are exact, names are as they are', async () => {
    const map = caseOf(`
  - attach: { device: nic, domain: vm }
  - map: { domain: vm, iova: 0xf_ffff_ffff_f000, pa: 0x1000, size: 4K, prot: RW }
    expect: { error: ERANGE }`);
    const odd = { ...map, title: 'a\n<b>"' };
    const text = await written('json', { a: [odd] });
    expect(text).toContain('"iova":"0xffffffffff000"');
    expect(JSON.parse(text)).toMatchObject({ cases: [{ title: 'a\n<b>"' }] });
  });
});

describe('tasks', () => {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[a-zA-Z]`, 'g');
  const screen = async (...args: Parameters<typeof written>): Promise<string> =>
    (await written(...args)).replace(escapes, '');

  test('one spec: its cases and steps, the failure above them', async () => {
    const text = await screen('tasks', { 'specs/a.spec.yaml': [bad] });
    expect(text.indexOf('✖ sample.spec.yaml')).toBeLessThan(text.indexOf('attach nic -> vm'));
    expect(text).toMatch(/✔ setup nic, 2 vectors, cpu 0\n +✖ fire nic\/0\n/);
    expect(text).toMatch(/\n1 failed \(1 file, 0 ms\)\n$/);
  });

  test('a failure that was expected is no mark of failure', async () => {
    const known = caseOf(steps(2), 'designs: [tracked]\nxfail: { reason: known }');
    const text = await screen('tasks', { 'specs/a.spec.yaml': [known] });
    const last = text.slice(text.lastIndexOf('sample.spec.yaml') - 2);
    expect(text).toMatch(/✔ fire nic\/0 {2}\(fails, as expected\)\n/);
    expect(text).toMatch(/✔ \[tracked\] {2}\(known\)\n/);
    expect(last).not.toContain('✖');
  });

  test('many specs: a row for each folder', async () => {
    const text = await screen('tasks', {
      'x/a': [good],
      'x/b': [good],
      'y/a': [bad],
      'z/a': [skipped],
    });
    expect(text).toMatch(/✔ x {2}2 passed\n/);
    expect(text).toMatch(/✖ y {2}1 failed\n/);
    expect(text).toMatch(/✔ z {2}1 skipped\n/);
  });

  test.each([
    [undefined, 30, '51 more folders  51 passed'],
    [24, 22, '59 more folders  59 passed'],
    [10, 8, '73 more folders  73 passed'],
    [200, 30, '51 more folders  51 passed'],
    [2, 3, '78 more folders  78 passed'],
  ])('a terminal of %s lines: no more than %i rows', async (rows, most, rest) => {
    const files = Object.fromEntries(
      Array.from({ length: 80 }, (_, i) => [`f${String(i).padStart(2, '0')}/a`, [good]]),
    );
    // What is there after the last redrawing: a slow machine sees some in between.
    const text = await written('tasks', files, rows === undefined ? {} : { rows });
    const frame = text.split(`${String.fromCharCode(27)}[1A`).at(-1) ?? '';
    const last = frame
      .replace(escapes, '')
      .split('\n')
      .filter((line) => /passed$/.test(line));
    expect(last).toHaveLength(most);
    expect(last.at(-1)).toContain(rest);
  });

  test('a file with more cases than rows counts them', async () => {
    const text = await screen('tasks', { a: Array.from({ length: 64 }, () => good) });
    expect(text).toContain('64/64');
  });
});
