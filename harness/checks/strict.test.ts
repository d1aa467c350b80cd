/** What is checked unless the spec says otherwise. */
import { describe, expect, test } from '@jest/globals';
import { seen, unobservable } from '../../src/observation.ts';
import { ATTACH, caseOf, codesOf, distorted, run } from '../testing/samples.ts';

const FIRE = `${ATTACH}
  - fire: nic/0
    expect: { faults: none }
  - teardown: nic`;

/** The model, with the interrupts of `fire` steps replaced. */
const delivering = (vector: string, cpu: number, count: number): ReturnType<typeof distorted> =>
  distorted(({ op }) =>
    op === 'fire' ? { interrupts: () => seen(count > 0 ? [{ vector, cpu, count }] : []) } : {},
  );

describe('every MSI arrives once, where it may', () => {
  test.each([
    ['as sent', 'nic/0', 0, 1, []],
    ['lost', 'nic/0', 0, 0, ['DB411']],
    ['twice', 'nic/0', 0, 2, ['DB412']],
    ['at another CPU', 'nic/0', 3, 1, ['DB413']],
    ['as another vector', 'nic/1', 0, 1, ['DB414', 'DB411']],
    ['as nobody', 'spurious', 0, 1, ['DB413', 'DB411']],
    ['as a vector that is not set up', 'nic/3', 0, 1, ['DB414', 'DB411']],
  ])('%s', async (_, vector, cpu, count, codes) => {
    expect(await codesOf(FIRE, delivering(vector, cpu, count))).toEqual(codes);
  });

  test('an interrupts expectation of the step or of the end takes over', async () => {
    const lost = delivering('nic/0', 0, 0);
    const step = FIRE.replace('faults: none', 'interrupts: { nic/0: { count: 0 } }');
    // The loss is spoken of; what is left is that a silence alone proves nothing.
    expect(await codesOf(step, lost)).toEqual(['DB416']);
    const end = `${FIRE}\nexpect: { interrupts: { nic/0: { count: 1 } } }`;
    expect(await codesOf(end, lost)).toEqual(['DB404']);
  });

  test('a named fault accounts for one write only', async () => {
    const faulting = (times: number): string => `${ATTACH}
  - fire: { vector: nic/0, times: ${times} }
    expect: { faults: [ { name: F_TRANSLATION, count: ${times} } ] }
  - teardown: nic`;
    const head = 'designs: [unmapped]';
    expect(await codesOf(faulting(3), undefined, head)).toEqual([]);
    // One of three writes vanishes without a fault: the spec's own expectation holds, the sum does
    // not.
    const vanishing = distorted((operation, real) => {
      const faults = real.faults();
      if (operation.op !== 'fire' || !faults.seen) return {};
      return { faults: () => seen(faults.value.slice(1)) };
    });
    const steps = faulting(3).replace('count: 3', 'count: 2');
    expect(await codesOf(steps, vanishing, head)).toEqual(['DB411']);
  });
});

describe('masks', () => {
  const masked = (rest: string): string => `${ATTACH}
  - fire: nic/1
    expect: { interrupts: { nic/1: { count: 1 } } }
  - mask: nic/0
  - fire: { vector: nic/0, times: 2 }${rest}
  - teardown: nic`;

  test('a masked vector is silent, and one interrupt comes when the mask goes', async () => {
    expect(await codesOf(masked('\n  - unmask: nic/0\n  - fire: nic/0'))).toEqual([]);
  });

  test('an interrupt of a masked vector, or none at the unmask, fails', async () => {
    const leaky = distorted((operation) =>
      operation.op === 'fire' && operation.vector.index === 0
        ? { interrupts: () => seen([{ vector: 'nic/0', cpu: 0, count: 1 }]) }
        : {},
    );
    expect(await codesOf(masked(''), leaky)).toEqual(['DB414']);
    const deaf = distorted(({ op }) => (op === 'unmask' ? { interrupts: () => seen([]) } : {}));
    expect(await codesOf(masked('\n  - unmask: nic/0'), deaf)).toEqual(['DB411']);
  });

  test('a teardown forgets masks', async () => {
    const again = `
  - teardown: nic
  - setup: { device: nic, vectors: 2, cpu: 0 }
  - fire: nic/0`;
    expect(await codesOf(masked(again))).toEqual([]);
    const lost = distorted((operation) =>
      operation.op === 'fire' && operation.times === 1 ? { interrupts: () => seen([]) } : {},
    );
    expect(await codesOf(masked(again), lost)).toEqual(['DB404', 'DB411']);
  });
});

describe('faults, errors and leaks', () => {
  const wild = (step: string, end = ''): string => `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - dma-write: { device: nic, address: 0x5000_0000 }${step}
  - teardown: nic${end}`;

  test('the hint is an expectation that fits, also for several faults', async () => {
    for (const times of ['', ', times: 2']) {
      const lost = `${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - unmap: { domain: vm, iova: 0x0, size: 4K }
  - write-message: { vector: nic/0, address: 0x5000_0000 }
  - fire: { vector: nic/0${times} }`;
      const [failure] = (await run(caseOf(`${lost}\n  - teardown: nic`))).failures;
      const [, hint] =
        /^if that is meant: (expect: .*)$/.exec(failure?.diagnostic.hint ?? '') ?? [];
      expect(await codesOf(`${lost}\n    ${hint ?? ''}\n  - teardown: nic`)).toEqual([]);
    }
  });

  test('a fault must be named by the step or by the end', async () => {
    expect(await codesOf(wild(''))).toEqual(['DB410']);
    expect(await codesOf(wild('\n    expect: { faults: [ { name: F_TRANSLATION } ] }'))).toEqual(
      [],
    );
    expect(await codesOf(wild('', '\nexpect: { faults: [ { device: nic } ] }'))).toEqual([]);
    expect(await codesOf(wild('', '\nexpect: { faults: [ { device: disk } ] }'))).toEqual([
      'DB410',
      'DB405',
    ]);
  });

  test('captures of the end take their values at the end, not from faults on the way', async () => {
    const steps = `${ATTACH}
  - dma-write: { device: nic, address: 0x5000_0000 }
  - dma-write: { device: nic, address: 0x6000_0000 }
expect: { faults: [ { address: $a + 0x1000_0000 }, { address: $a } ] }`;
    expect(await codesOf(steps)).toEqual([]);
  });

  test('an error that nobody expects ends the case', async () => {
    const refused = `${ATTACH}
    expect: { messages: { nic/0: { data: 0 } } }
  - setup: { device: nic, vectors: 1 }
  - fire: nic/3
  - teardown: nic`;
    const { failures, status } = await run(caseOf(refused));
    expect(status).toBe('FAIL');
    expect(failures.map(({ diagnostic, step }) => [diagnostic.code, step])).toEqual([['DB401', 2]]);
  });

  test('what leaks at the end fails unless it is expected, and says who took it', async () => {
    const moves = (end: string): string => `
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 2, cpu: 0 }
  - affinity: { vector: nic/0, cpu: 1 }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 1, count: 1 } } }
  - teardown: nic${end}`;
    const head = 'designs: [rfc-v3]';
    const { failures } = await run(caseOf(moves(''), head));
    expect(failures.map(({ diagnostic }) => diagnostic.code)).toEqual(['DB415']);
    expect(failures[0]?.table?.rows.map(({ note }) => note)).toEqual([
      // Two were taken; the teardown of nic/1 dropped its own.
      'taken by setup nic, 2 vectors, cpu 0 (step 2), not dropped',
    ]);
    expect(await codesOf(moves('\nexpect: { leaks: { vm: 1 } }'), undefined, head)).toEqual([]);
    expect(await codesOf(moves('\nexpect: { leaks: { vm: 2 } }'), undefined, head)).toEqual([
      'DB408',
    ]);
  });
});

describe('silence', () => {
  const silent = (control: string): string => `${ATTACH}
  - mask: nic/0
  - fire: nic/0
    expect: { interrupts: none }${control}
  - teardown: nic`;

  test('proves nothing alone', async () => {
    expect(await codesOf(silent(''))).toEqual(['DB416']);
  });

  test('is not proved by another silence', async () => {
    const more = '\n  - unmask: nic/1\n    expect: { faults: none }';
    expect(await codesOf(silent(more))).toEqual(['DB416']);
  });

  test('counts beside an interrupt or an expected fault, not beside one that did not come', async () => {
    expect(await codesOf(silent('\n  - fire: nic/1'))).toEqual([]);
    const fault = (name: string): string =>
      silent(`\n  - dma-write: { device: nic, address: 0x5000_0000 }
    expect: { faults: [ { name: ${name} } ] }`);
    expect(await codesOf(fault('F_TRANSLATION'))).toEqual([]);
    expect(await codesOf(fault('F_PERMISSION'))).toEqual(['DB405', 'DB416']);
  });
});

describe('what the target cannot see', () => {
  const blind = distorted(() => ({
    interrupts: () => unobservable('no tracing'),
    message: () => unobservable('no registers'),
    mappings: () => unobservable('no page tables'),
  }));
  const spec = (step: string): string => `${ATTACH}
    expect: ${step}
  - fire: nic/0
  - teardown: nic`;

  test('is counted and is no pass', async () => {
    const verdict = await run(
      caseOf(spec('{ messages: { nic/0: { data: 7 } }, mappings: { vm: none } }')),
      blind,
    );
    expect(verdict.status).toBe('SKIP');
    expect(verdict.reason).toBe('none of its expectations could be observed (DB418): no tracing');
    expect(verdict.unobservable.map(({ reason }) => reason).sort()).toEqual([
      'no page tables',
      'no registers',
      'no tracing',
    ]);
  });

  test('leaves what can be seen its verdict', async () => {
    const good = await run(
      caseOf(spec('{ messages: { nic/0: { data: 7 } }, error: none }')),
      blind,
    );
    expect([good.status, good.unobservable.length]).toEqual(['PASS', 2]);
    const bad = await run(caseOf(spec('{ messages: { nic/0: { data: 7 } }, error: EIO }')), blind);
    expect(bad.status).toBe('FAIL');
  });

  test('references of a design that does not count are unobservable, not wrong', async () => {
    const steps = spec('{ mappings: { vm: [ { pa: 0x2c00_0000, refs: 7 } ] } }');
    const verdict = await run(caseOf(steps, 'designs: [linux-5.2]'));
    expect(verdict.failures).toEqual([]);
    expect(verdict.unobservable).toHaveLength(1);
    expect(verdict.status).toBe('SKIP');
  });
});
