/** Verdicts, exit codes, order and endings of a run. */
import { describe, expect, test } from '@jest/globals';
import type { Case } from '../spec/case.ts';
import { ATTACH, caseOf, casesOf, distorted, run, runAll, specText } from '../testing/samples.ts';
import type { Target } from '../targets/target.ts';
import { modelTarget } from '../targets/model.ts';
import { exitCode } from './exit-codes.ts';
import { repeatLine } from './repeat.ts';
import { shuffled } from './shuffle.ts';

const good = (head?: string): Case =>
  caseOf(
    `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - teardown: nic`,
    head,
  );
const bad = (head?: string): Case =>
  caseOf(
    `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 2 } } }
  - teardown: nic`,
    head,
  );
const MARK = (mark: string): string => `designs: [tracked]\n${mark}: { reason: because }`;

const throwing = (error: Error): Target => ({
  name: 'throwing',
  open: async (request) => {
    const machine = await modelTarget.open(request);
    if ('unsupported' in machine) return machine;
    return {
      perform: (operation) => {
        if (operation.op === 'fire') throw error;
        return machine.perform(operation);
      },
      observe: () => machine.observe(),
      close: () => machine.close(),
    };
  },
});

describe('verdicts', () => {
  test.each([
    ['PASS', good()],
    ['FAIL', bad()],
    ['SKIP', good(MARK('skip'))],
    ['XFAIL', bad(MARK('xfail'))],
    ['XPASS', good(MARK('xfail'))],
  ])('%s', async (status, spec) => {
    const verdict = await run(spec);
    expect(verdict.status).toBe(status);
    expect(verdict.reason).toBe(/SKIP|X/.test(status) ? 'because' : undefined);
  });

  test('a target that dies aborts its case and closes the machine', async () => {
    let closed = 0;
    const target = throwing(new Error('QEMU went away'));
    const counted: Target = {
      ...target,
      open: async (request) => {
        const machine = await target.open(request);
        if ('unsupported' in machine) return machine;
        return { ...machine, close: () => void closed++ };
      },
    };
    const verdict = await run(good(), counted);
    expect([verdict.status, verdict.reason, closed]).toEqual(['ABORT', 'QEMU went away', 1]);
  });

  test('a target that cannot carry the design skips', async () => {
    const target: Target = { name: 'none', open: () => ({ unsupported: 'no such design' }) };
    expect(await run(good(), target)).toMatchObject({ status: 'SKIP', reason: 'no such design' });
  });

  test('a target may answer later', async () => {
    expect(
      (
        await run(
          good(),
          distorted(() => ({})),
        )
      ).status,
    ).toBe('PASS');
    expect(
      (
        await run(
          bad(),
          distorted(() => ({})),
        )
      ).status,
    ).toBe('FAIL');
  });
});

describe('exit codes', () => {
  const passing = { a: [good()] };
  test.each([
    [0, passing, {}],
    [0, { a: [bad(MARK('xfail'))] }, {}],
    [1, { a: [good(), bad()] }, {}],
    [1, { a: [good(MARK('xfail'))] }, {}],
    [3, passing, { target: throwing(new Error('gone')) }],
    [4, passing, { target: throwing(new TypeError('x is undefined')) }],
    [4, passing, { target: throwing(new Error('IMPOSSIBLE: no device')) }],
    [5, { a: [good(MARK('skip'))] }, {}],
    [5, passing, { select: () => false }],
    [5, {}, {}],
    [
      2,
      passing,
      { diagnostics: [{ code: 'DB601', severity: 'error', message: 'no file' } as const] },
    ],
    [0, passing, { diagnostics: [{ code: 'DB1', severity: 'warning', message: 'odd' } as const] }],
    [130, passing, { signal: AbortSignal.abort('SIGINT') }],
    [143, passing, { signal: AbortSignal.abort('SIGTERM') }],
  ])('%i', async (code, files, options) => {
    const { summary } = await runAll(files, options);
    expect(summary.exitCode).toBe(code);
    expect(summary.interrupted).toBe(code > 128);
  });

  test('the worst of several things counts', () => {
    const all = { passed: 1, failed: 1, xfailed: 1, xpassed: 1, aborted: 1, errors: 1 };
    expect(exitCode(all, 1, 'SIGINT')).toBe(130);
    expect(exitCode(all, 1)).toBe(4);
    expect(exitCode(all, 0)).toBe(3);
    expect(exitCode({ ...all, aborted: 0 }, 0)).toBe(2);
    expect(exitCode({ ...all, aborted: 0, errors: 0 }, 0)).toBe(1);
  });
});

describe('the course of a run', () => {
  const types = (events: readonly { readonly type: string }[]): string =>
    events.map(({ type }) => type).join(' ');

  test('events come in order, file by file', async () => {
    const { events } = await runAll({ a: [good()], empty: [], b: [bad()] });
    const steps = 'step step step step';
    expect(types(events)).toBe(
      `run-start file-start case-start ${steps} case-end file-end file-start case-start ${steps} case-end file-end run-end`,
    );
  });

  test('an exception of our own is said with its stack, and the other cases run', async () => {
    const target = throwing(new TypeError('x is undefined'));
    const { events, summary } = await runAll({ a: [good()], b: [good(MARK('skip'))] }, { target });
    const said = events.flatMap((e) => (e.type === 'diagnostic' ? [e.diagnostic] : []));
    expect(said.map(({ code }) => code)).toEqual(['DB901']);
    expect(said[0]?.message).toMatch(/x is undefined\n +at /);
    expect(summary.skipped).toBe(1);
  });

  test('a loader that throws is a bug too, and ends only its file', async () => {
    const load = (file: string): { cases: Case[]; diagnostics: [] } => {
      if (file === 'a') throw new Error('oh');
      return { cases: [good()], diagnostics: [] };
    };
    const { summary } = await runAll({ a: [], b: [] }, { load });
    expect([summary.exitCode, summary.passed]).toEqual([4, 1]);
  });

  test('--bail stops after the first bad case', async () => {
    const { summary } = await runAll({ a: [good(), bad(), good()], b: [good()] }, { bail: true });
    expect([summary.passed, summary.failed, summary.files]).toEqual([1, 1, 1]);
  });

  test('a signal ends the run after the current step, with a summary', async () => {
    const controller = new AbortController();
    const target = distorted(({ op }) => {
      if (op === 'fire') controller.abort('SIGINT');
      return {};
    });
    const { events, summary } = await runAll(
      { a: [good(), good()], b: [good()] },
      { target, signal: controller.signal },
    );
    expect([summary.passed, summary.aborted, summary.exitCode]).toEqual([0, 1, 130]);
    expect(types(events)).toMatch(/case-end file-end run-end$/);
  });

  test('a timer has its turn during a long run of a synchronous target', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await runAll(
      { a: Array.from({ length: 400 }, () => good()) },
      { now: () => performance.now() },
    );
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  test('a seed gives another order, and the same seed the same', async () => {
    const files = Object.fromEntries([...'abcdefgh'].map((name) => [name, [good()]]));
    const order = async (seed?: number): Promise<string> => {
      const { events } = await runAll(files, seed === undefined ? {} : { seed });
      return events.flatMap((e) => (e.type === 'file-start' ? [e.file] : [])).join('');
    };
    expect(await order()).toBe('abcdefgh');
    expect(await order(1)).not.toBe('abcdefgh');
    expect(await order(1)).toBe(await order(1));
    expect(await order(1)).not.toBe(await order(2));
    expect(shuffled([1, 2, 3, 4, 5], 9).sort()).toEqual([1, 2, 3, 4, 5]);
  });
});

test('the line that repeats a case is safe for a shell and selects it alone', () => {
  const steps = 'steps:\n  - attach: { device: nic, domain: vm }\n    expect: { error: none }';
  const head = 'designs: [tracked, { rfc-v3: { initial-count: 2 } }]\nmatrix: { n: [1, 2] }';
  const lines = casesOf(specText(steps, head)).map((spec) => repeatLine(spec, 'model'));
  expect(lines[0]).toBe("npx doorbell run sample.spec.yaml --design tracked --grep 'n=1$'");
  expect(lines.at(-1)).toContain("--design 'rfc-v3(initial-count=2)'");
  expect(repeatLine(good(), 'linux', "it's.yaml")).toBe(
    "npx doorbell run 'it'\\''s.yaml' --design tracked --target linux",
  );
});
