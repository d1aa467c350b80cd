/**
 * Steps that partial order must not put off: each of these has another verdict where a step that a property sees is taken
 * for invisible. Two devices that have nothing in common: in two domains, behind two controllers.
 */
import { expect, test } from '@jest/globals';
import { casesOf } from '../testing/samples.ts';
import type { TimedReport } from './exploration.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import { reasonOf } from './verdict-text.ts';

const apart = (
  design: string,
  rest: string,
): string => `title: Two devices that have nothing in common
topology:
  cpus: 2
  msi-controllers:
    left: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 3 }
    right: { kind: percpu-doorbell, base: 0x2d00_0000, stride: 4K, identities: 3 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    a: { bus: pci, address: "00:01.0", msix: 1, msi-parent: left, iommus: smmu }
    b: { bus: pci, address: "00:02.0", msix: 1, msi-parent: right, iommus: smmu }
  domains:
    here: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }
    there: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }
designs: [${design}]
steps:
  - attach: { device: a, domain: here }
  - attach: { device: b, domain: there }
  - setup: { device: a, vectors: 1, cpu: 0 }
${rest}`;

/** With all steps, and with those that partial order leaves. Depth-first: a counterexample is not searched for again. */
async function reports(text: string): Promise<{ full: TimedReport; reduced: TimedReport }> {
  const [spec] = casesOf(text);
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  // A design that leaks has states without end.
  const limits = { states: 20_000 };
  const how = { search: 'depth-first', symmetry: false, workers: 1, limits } as const;
  const { report: full } = await exploreCase(plan, { ...how, partialOrder: false });
  const { report: reduced } = await exploreCase(plan, { ...how, partialOrder: true });
  return { full, reduced };
}

async function reasons(text: string): Promise<readonly (string | undefined)[]> {
  const { full, reduced } = await reports(text);
  // Else the sample could not tell.
  expect(reduced.putOff).toBeGreaterThan(0);
  return [reasonOf(full.verdict), reasonOf(reduced.verdict)];
}

test('a state in the midst of two operations that commute', async () => {
  const text = apart(
    'tracked',
    `  - setup: { device: b, vectors: 1, cpu: 0 }
interleave:
  first: [ { affinity: { vector: a/0, cpu: 1 } } ]
  second: [ { affinity: { vector: b/0, cpu: 1 } } ]
explore:
  fires: []
  sometimes: { why: both are moving, mappings: { here: { count: 2 }, there: { count: 2 } } }
`,
  );
  expect(await reasons(text)).toEqual([undefined, undefined]);
});

test('a thread beside one that never stops', async () => {
  const text = apart(
    'rfc-v3',
    `interleave:
  restless: { any-of: [ { mask: a/0 } ] }
  leaking: { any-of: [ { setup: { device: b, vectors: 1, cpu: 0 } }, { affinity: { vector: b/0, cpu: 1 } }, { teardown: b } ] }
explore: { fires: [] }
`,
  );
  const leak = 'does not hold: references equal the programmed messages that use them';
  expect(await reasons(text)).toEqual([leak, leak]);
});

test('a thread beside a device that writes for ever', async () => {
  const text = apart(
    'rfc-v3',
    `interleave:
  leaking: { any-of: [ { setup: { device: b, vectors: 1, cpu: 0 } }, { affinity: { vector: b/0, cpu: 1 } }, { teardown: b } ] }
explore: { writes: posted, fires: [ a/0 ] }
`,
  );
  const leak = 'does not hold: references equal the programmed messages that use them';
  expect(await reasons(text)).toEqual([leak, leak]);
});

test('any order of those that are left is enough where the shortest is not asked for', async () => {
  const [spec] = casesOf(
    apart(
      'rfc-v3',
      `interleave:
  restless: [ { mask: a/0 }, { unmask: a/0 } ]
  leaking: [ { setup: { device: b, vectors: 1, cpu: 0 } }, { affinity: { vector: b/0, cpu: 1 } } ]
explore: { fires: [] }
`,
    ),
  );
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  const how = { search: 'breadth-first', symmetry: false, partialOrder: true, workers: 1 } as const;
  const limits = { states: 20_000 };
  const { report: shortest } = await exploreCase(plan, { ...how, limits });
  const { report: any } = await exploreCase(plan, { ...how, limits, anyOrder: true });
  expect([any.verdict.kind, shortest.verdict.kind]).toEqual(['violated', 'violated']);
  // The first search put steps off, the second was one of all orders.
  expect(any.putOff).toBeGreaterThan(0);
  expect(shortest.putOff).toBe(0);
});

test('a command that nobody waited for is carried out in the step of another driver', async () => {
  const { full, reduced } = await reports(`title: Without SYNC
topology:
  cpus: 2
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000 }
  devices:
    a: { bus: pci, address: "00:01.0", msix: 1, msi-parent: its }
    b: { bus: pci, address: "00:02.0", msix: 1, msi-parent: its }
changes: { its-sync: "off" }
designs: [linux-6.15]
interleave:
  of-a: [ { setup: { device: a, vectors: 1, cpu: 0 } } ]
  of-b: [ { setup: { device: b, vectors: 1, cpu: 0 } } ]
`);
  const reason = reasonOf(full.verdict);
  expect(reason).toMatch(/no interrupt is lost/);
  expect(reasonOf(reduced.verdict)).toBe(reason);
});
