/** A spec's own properties: broken, held, and held for want of what they are about. */
import { describe, expect, test } from '@jest/globals';
import { casesOf, run, specText } from '../testing/samples.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import { reasonOf } from './verdict-text.ts';

const THREADS = `steps:
  - attach: { device: nic, domain: vm }
interleave:
  driver:
    - setup: { device: nic, vectors: 1, cpu: 0 }
    - affinity: { vector: nic/0, cpu: 1 }
    - teardown: nic
`;

const NEVER = 'never reached, so that the rest says little: ';

/** The Linux designs lose an interrupt where a per-CPU doorbell moves; what they leave mapped shows without. */
const UNMOVED = THREADS.replace(/.*affinity.*\n/, '');

test('what of a search is left out where properties look at windows and mappings only', async () => {
  const [first] = casesOf(
    specText(
      `steps:
  - attach: { device: nic, domain: vm }
interleave:
  nic: { any-of: [ { setup: { device: nic, vectors: 1, cpu: 0 } }, { teardown: nic } ] }
  irqbalance: { any-of: [ { affinity: { vector: nic/0, cpu: 0 } }, { affinity: { vector: nic/0, cpu: 1 } } ] }
explore:
  always: { why: two pages, windows: { vm: { free: 254..256 } } }
`,
    ),
  );
  const plan = first && planOf(first);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('no case');
  const how = { search: 'breadth-first', symmetry: false, workers: 1, limits: {} } as const;
  const { report: full } = await exploreCase(plan, { ...how, partialOrder: false });
  const { report: reduced } = await exploreCase(plan, { ...how, partialOrder: true });
  expect([full.verdict.kind, reduced.verdict.kind]).toEqual(['holds', 'holds']);
  expect([full.states, reduced.states]).toEqual([314, 286]);
});

async function verdict(properties: string, design = 'tracked', threads = THREADS): Promise<string> {
  const [spec] = casesOf(specText(`${threads}explore:\n${properties}`, `designs: [${design}]`));
  if (spec === undefined) throw new Error('no case');
  const plan = planOf(spec);
  if ('unexplorable' in plan) throw new Error(plan.unexplorable);
  const { report } = await exploreCase(plan, {
    search: 'breadth-first',
    symmetry: false,
    partialOrder: false,
    workers: 1,
    limits: {},
  });
  // A run explores in the same way.
  const { failures } = await run(spec);
  const reason = reasonOf(report.verdict);
  expect(failures.map(({ diagnostic }) => diagnostic.message)).toEqual(
    reason === undefined ? [] : [reason],
  );
  return reason ?? 'holds';
}

describe('always', () => {
  test.each([
    ['two pages are enough', '  always: { windows: { vm: { free: 254..256 } } }', 'holds'],
    [
      'one is not',
      '  always: { why: one page, windows: { vm: { free: 255..256 } } }',
      'does not hold: always: one page',
    ],
    [
      'each block is a property by itself',
      '  always:\n    - { why: pages, windows: { vm: { pages: 256 } } }\n    - { why: "no refs", mappings: { vm: none } }',
      'does not hold: always: no refs',
    ],
    [
      'without a reason, the line names it',
      '  always: { mappings: { vm: none } }',
      'does not hold: always: line 23',
    ],
  ])('%s', async (_, properties, reason) => {
    expect(await verdict(properties)).toBe(reason);
  });
});

describe('eventually', () => {
  const NOTHING = '  eventually: { why: nothing mapped, mappings: { vm: none } }';

  test('what is so when all is done, and not before', async () => {
    expect(await verdict(NOTHING)).toBe('holds');
    expect(await verdict(NOTHING, 'linux-5.2', UNMOVED)).toBe(
      'does not hold: eventually: nothing mapped',
    );
  });

  test('a thread that is idle at times has done what it was to do', async () => {
    const text = THREADS.replace('driver:', 'driver:\n    any-of:').replaceAll(
      '    - ',
      '      - ',
    );
    const [spec] = casesOf(specText(`${text}explore:\n${NOTHING}`));
    if (spec === undefined) throw new Error('no case');
    const { failures } = await run(spec);
    expect(failures.map(({ diagnostic }) => diagnostic.message)).toEqual([
      'does not hold: eventually: nothing mapped',
    ]);
  });
});

describe('sometimes', () => {
  test.each([
    ['an interrupt', '{ why: there, interrupts: { nic/0: { cpu: 1, count: 1 } } }', 'holds'],
    [
      'one that does not come',
      '{ why: CPU 2, interrupts: { nic/0: { cpu: 2, count: 1 } } }',
      `${NEVER}sometimes: CPU 2`,
    ],
    ['a state', '{ why: both pages, mappings: { vm: { count: 2 } } }', 'holds'],
    ['an error that no step returns', '{ why: busy, error: EBUSY }', `${NEVER}sometimes: busy`],
    [
      'a fault',
      '{ why: a fault, faults: { includes: [ { device: nic } ] } }',
      `${NEVER}sometimes: a fault`,
    ],
  ])('%s', async (_, block, reason) => {
    expect(await verdict(`  sometimes: ${block}`)).toBe(reason);
  });
});

test('a property that the design gives nothing to see of is no pass', async () => {
  const refs = '  always: { why: counted, mappings: { vm: { count: 0..4 } } }';
  expect(await verdict(refs, 'linux-5.2', UNMOVED)).toBe('holds');
  const one = '  eventually: { why: one reference, mappings: { vm: [ { refs: 1 } ] } }';
  expect(await verdict(one, 'linux-5.2', UNMOVED)).toBe(
    `${NEVER}a state in which it can be said: eventually: one reference`,
  );
});
