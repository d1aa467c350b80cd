import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { loadSpecText } from '../spec/load.ts';
import { serializeCase } from '../spec/serialize.ts';
import { case as caseTest, diagnostic } from './runtime.ts';

const root = join(__dirname, '../..');
const spec = (cpu: number, more = ''): string => `title: One interrupt
topology: topologies/virt-its.yaml
designs: [tracked]
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 2 }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: ${cpu}, count: 1 } } }
  - teardown: nic
${more}`;

/** The error of the test that the spec's only case becomes, or undefined where it passes. */
async function outcome(text: string): Promise<Error | undefined> {
  const file = join(root, 'specs/runtime.spec.yaml');
  const { cases, diagnostics } = loadSpecText(text, { root, file });
  expect(diagnostics).toEqual([]);
  const [only] = cases;
  if (only === undefined) throw new Error('no case');
  return caseTest(root, serializeCase(only))().then(
    () => undefined,
    (error: unknown) => error as Error,
  );
}

describe('the test of a case', () => {
  test('passes and fails with the case', async () => {
    expect(await outcome(spec(2))).toBeUndefined();
    const error = await outcome(spec(1));
    expect(error?.message).toContain('at CPU 1, 1 time');
    expect(error?.stack).toContain(`    at step (${root}/specs/runtime.spec.yaml:8:`);
  });

  test('turns xfail round, and blames the mark for a pass', async () => {
    const mark = 'xfail: { reason: CPU 1 is wrong }\n';
    expect(await outcome(spec(1, mark))).toBeUndefined();
    expect((await outcome(spec(2, mark)))?.stack).toContain('runtime.spec.yaml:10:');
  });

  test('does not pass where the case was skipped', async () => {
    const error = await outcome(spec(2, 'skip: { reason: not today }\n'));
    expect(error?.message).toBe('skipped while it ran: not today');
  });
});

test('the test of a diagnostic fails at its place', () => {
  const place = { file: 'specs/a.spec.yaml', line: 3, col: 4, endCol: 5 };
  const body = diagnostic(root, JSON.stringify({ diagnostic: { place }, text: 'no such design' }));
  expect(body).toThrow('no such design');
  expect(() => diagnostic(root, JSON.stringify({ diagnostic: {}, text: 'x' }))()).toThrow('x');
});
