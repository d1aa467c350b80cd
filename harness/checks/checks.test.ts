/** Each kind of expectation, held and not held, on the model. */
import { describe, expect, test } from '@jest/globals';
import { ATTACH, caseOf, codesOf, run } from '../testing/samples.ts';

/** A set-up vector with an expectation after it, and a control. */
const after = (expectation: string): string => `${ATTACH}
    expect: ${expectation}
  - fire: nic/0
  - teardown: nic`;

describe('mappings', () => {
  test.each([
    ['{ mappings: { vm: [ { pa: 0x2c00_0000 } ] } }', []],
    [
      '{ mappings: { vm: [ { pa: 0x2c00_0000, refs: 2, size: 4K, prot: MMIO|WRITE|NOEXEC } ] } }',
      [],
    ],
    ['{ mappings: { vm: [ { pa: 0x2c00_0000, refs: 1 } ] } }', ['DB402']],
    ['{ mappings: { vm: [ { pa: 0x2c00_1000 } ] } }', ['DB402']],
    ['{ mappings: { vm: none } }', ['DB402']],
    ['{ mappings: none }', ['DB402']],
    ['{ mappings: { vm: [ { size: 4K }, { size: 4K } ] } }', ['DB402']],
    ['{ mappings: { vm: { count: 1 } } }', []],
    ['{ mappings: { vm: { count: 2 } } }', ['DB402']],
    ['{ mappings: { vm: { includes: [ { size: 64K } ] } } }', ['DB402']],
    ['{ mappings: { vm: [ { iova: 0x0800_0000..0x080f_ffff } ] } }', []],
    ['{ mappings: { vm: [ { iova: 0x0900_0000..0x090f_ffff } ] } }', ['DB402']],
    ['{ mappings: { default/nic: none } }', []],
  ])('%s', async (expectation, codes) => {
    expect(await codesOf(after(expectation))).toEqual(codes);
  });
});

describe('captures', () => {
  test('what a mapping binds, a message must agree with', async () => {
    const captured = (offset: string): string =>
      after(
        `{ mappings: { vm: [ { iova: $page } ] }, messages: { nic/0: { address: $page + ${offset} } } }`,
      );
    expect(await codesOf(captured('0x40'))).toEqual([]);
    expect(await codesOf(captured('0x44'))).toEqual(['DB403']);
  });

  test('a capture binds to the row whose other fields fit, in any order of the list', async () => {
    const two = (second: string): string => `
  - attach: { device: nic, domain: vm }
  - attach: { device: disk, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }
  - setup: { device: disk, vectors: 1, cpu: 0 }
    expect:
      mappings: { vm: [ { iova: $its, pa: 0x0809_0000 }, { iova: $percpu, pa: 0x2c00_0000 } ] }
      messages: { disk/0: { address: $its + 0x40 }, nic/0: { address: ${second} } }
  - fire: nic/0
  - teardown: nic
  - teardown: disk`;
    expect(await codesOf(two('$percpu + 0x40'))).toEqual([]);
    expect(await codesOf(two('$its + 0x40'))).toEqual(['DB403']);
  });

  test('a message of zeroes is no address above a page', async () => {
    const torn = `${ATTACH}
  - fire: nic/0
  - teardown: nic
    expect: { messages: { nic/0: { address: $page + 0x40 } } }`;
    expect(await codesOf(torn)).toEqual(['DB403']);
  });

  test('a capture that only fits another row than the first is found', async () => {
    const steps = (offset: string): string => `
  - attach: { device: nic, domain: vm }
  - map: { domain: vm, iova: 0x4000_0000, pa: 0x8000_0000, size: 4K, prot: RW }
  - map: { domain: vm, iova: 0x4000_2000, pa: 0x8000_1000, size: 4K, prot: RW }
  - map: { domain: vm, iova: 0x4000_3000, pa: 0x8000_2000, size: 4K, prot: RW }
    expect: { mappings: { vm: { includes: [ { iova: $a }, { iova: $a + ${offset} } ] } } }`;
    expect(await codesOf(steps('0x1000'))).toEqual([]);
    expect(await codesOf(steps('0x4000'))).toEqual(['DB402']);
  });
});

describe('messages, windows, leaks, error', () => {
  test.each([
    ['{ messages: { nic/0: { data: 0 } } }', []],
    ['{ messages: { nic/0: { data: 7 } } }', ['DB403']],
    ['{ messages: { nic/0: none } }', ['DB403']],
    ['{ messages: { nic/3: none } }', []],
    ['{ windows: { vm: { pages: 256 } } }', []],
    ['{ windows: { vm: { pages: 255 } } }', ['DB409']],
    ['{ windows: { vm: none } }', ['DB409']],
    ['{ leaks: none }', []],
    ['{ leaks: { vm: 1 } }', ['DB408']],
    ['{ error: none }', []],
    ['{ error: ENOMEM }', ['DB407']],
  ])('%s', async (expectation, codes) => {
    expect(await codesOf(after(expectation))).toEqual(codes);
  });
});

describe('interrupts', () => {
  const fired = (expectation: string): string => `${ATTACH}
  - fire: { vector: nic/0, times: 3 }
    expect: ${expectation}
  - teardown: nic`;
  test.each([
    ['{ interrupts: { nic/0: { cpu: 0, count: 3 } } }', []],
    ['{ interrupts: { nic/0: { count: 3 } } }', []],
    ['{ interrupts: { nic/0: { cpu: 0..3, count: 3 } } }', []],
    ['{ interrupts: { nic/0: { cpu: 1, count: 3 } } }', ['DB404']],
    ['{ interrupts: { nic/0: { count: 2 } } }', ['DB404']],
    ['{ interrupts: { nic/0: none } }', ['DB404']],
    ['{ interrupts: none }', ['DB404']],
    ['{ interrupts: { nic/1: none } }', []],
  ])('%s', async (expectation, codes) => {
    expect(await codesOf(fired(expectation))).toEqual(codes);
  });

  test('at the end they are counted over the whole case', async () => {
    const whole = (n: number): string => `${ATTACH}
  - fire: nic/0
  - fire: { vector: nic/0, times: 2 }
  - affinity: { vector: nic/0, cpu: 1 }
  - fire: nic/0
  - teardown: nic
expect: { interrupts: { nic/0: [ { cpu: 0, count: 3 }, { cpu: 1, count: ${n} } ] } }`;
    expect(await codesOf(whole(1))).toEqual([]);
    expect(await codesOf(whole(2))).toEqual(['DB404']);
  });
});

describe('faults', () => {
  const unmapped = 'designs: [unmapped]';
  const fired = (expectation: string): string => `${ATTACH}
  - fire: { vector: nic/0, times: 2 }
    expect: ${expectation}
  - teardown: nic`;
  test.each([
    ['{ faults: [ { name: F_TRANSLATION, count: 2 } ] }', []],
    ['{ faults: [ { name: F_TRANSLATION }, { device: nic } ] }', []],
    ['{ faults: [ { device: nic, address: 0x2c00_0040, count: 2 } ] }', []],
    ['{ faults: [ { address: $where }, { address: $where } ] }', []],
    ['{ faults: [ { name: F_TRANSLATION } ] }', ['DB405', 'DB411']],
    ['{ faults: [ { name: F_PERMISSION, count: 2 } ] }', ['DB405']],
    ['{ faults: none }', ['DB405', 'DB411']],
    ['{ faults: { includes: [ { name: F_TRANSLATION } ] } }', []],
    ['{ faults: { includes: [ { name: C_BAD_STE } ] } }', ['DB405']],
  ])('%s', async (expectation, codes) => {
    const got = await codesOf(fired(expectation), undefined, unmapped);
    // The second code is the accounting's: faults that the spec does not name lose the MSI.
    expect(got.filter((code) => code !== 'DB411')).toEqual(codes.filter((c) => c !== 'DB411'));
  });
});

describe('commands', () => {
  const set = (expectation: string): string => `
  - attach: { device: disk, domain: vm }
  - setup: { device: disk, vectors: 1, cpu: 0 }
  - affinity: { vector: disk/0, cpu: 2 }
    expect: { commands: ${expectation} }
  - fire: disk/0
  - teardown: disk`;
  test.each([
    ['{ includes: [ MOVI ] }', []],
    ['{ includes: [ { MOVI: { device-id: 0x18, icid: 2 } } ] }', []],
    ['{ includes: [ { MOVI: { icid: 1 } } ] }', ['DB406']],
    ['{ includes: [ SYNC, MOVI ] }', ['DB406']],
    ['none', ['DB406']],
    ['[ MOVI ]', ['DB406']],
  ])('%s', async (expectation, codes) => {
    expect(await codesOf(set(expectation))).toEqual(codes);
  });
});

describe('invalidations', () => {
  const mapped = (expectation: string): string => `
  - attach: { device: disk, domain: vm }
  - map: { domain: vm, iova: 0x4000_0000, pa: 0x8000_0000, size: 8K, prot: RW }
  - unmap: { domain: vm, iova: 0x4000_0000, size: 8K }
    expect: { invalidations: ${expectation} }`;
  test.each([
    ['[ TLBI_NH_VA, CMD_SYNC ]', []],
    ['{ includes: [ { TLBI_NH_VA: { address: 0x4000_0000, size: 8K } } ] }', []],
    ['{ includes: [ { TLBI_NH_VA: { size: 4K } } ] }', ['DB406']],
    ['{ includes: [ { TLBI_NH_VA: { vmid: 0 } } ] }', ['DB406']],
    ['{ includes: [ CMD_SYNC, TLBI_NH_VA ] }', ['DB406']],
    ['[ TLBI_NH_VA ]', ['DB406']],
    ['none', ['DB406']],
  ])('%s', async (expectation, codes) => {
    expect(await codesOf(mapped(expectation))).toEqual(codes);
  });
});

test('why becomes the hint, and the table puts both sides beside each other', async () => {
  const spec = caseOf(`${ATTACH}
    expect: { mappings: { vm: [ { pa: 0x2c00_0000, refs: 7 } ] }, why: each vector takes one }
  - fire: nic/0
  - teardown: nic`);
  const [failure] = (await run(spec)).failures;
  expect(failure?.diagnostic.hint).toBe('expected because each vector takes one');
  expect(failure?.table?.rows).toEqual([
    {
      expected: '* -> 0x2c000000  refs 7',
      observed: expect.stringMatching(/-> 0x2c000000 {2}4K .* refs 2$/),
      differs: true,
      note: 'taken by setup nic, 2 vectors, cpu 0 (step 2) 2 times, not dropped',
    },
  ]);
});
