/** Random operations on the machines of `topologies.ts`, as fast-check arbitraries. */
import fc from 'fast-check';
import type { Operation } from '../operation.ts';

/** All domains of those machines, the default ones included. */
export const DOMAINS = [
  'vm',
  'vm2',
  'host',
  'pass',
  'cage',
  'default/nic',
  'default/card',
  'default/engine',
] as const;

const VECTORS = { nic: 4, card: 4, engine: 2 } as const;
const device = fc.constantFrom('nic' as const, 'card' as const, 'engine' as const);
const domain = fc.constantFrom('vm', 'vm2', 'host', 'pass', 'cage');
const cpus = fc.subarray([0, 1, 2], { minLength: 1 });
const page = fc.bigInt({ min: 0n, max: 7n });
const vector = device.chain((name) =>
  fc.integer({ min: 0, max: VECTORS[name] - 1 }).map((index) => ({ device: name, index })),
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('attach' as const), device, domain }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('detach' as const), device }) },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('setup' as const),
      device,
      vectors: fc.integer({ min: 1, max: 5 }),
      cpus,
    }),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('affinity' as const), vector, cpus }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constantFrom('mask' as const, 'unmask' as const), vector }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      op: fc.constant('fire' as const),
      vector,
      times: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('teardown' as const), device }) },
  {
    weight: 2,
    arbitrary: vector.map(({ device: name, index }) => ({
      op: 'teardown' as const,
      device: name,
      index,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('map' as const),
      domain,
      iova: page.map((n) => 0x0800_0000n + n * 0x4000n),
      pa: fc.constant(0x8000_0000n),
      size: fc.constantFrom(0x4000n, 0x8000n),
      prot: fc.constantFrom({ read: true, write: true }, { read: true, write: false }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('unmap' as const),
      domain,
      iova: page.map((n) => 0x0800_0000n + n * 0x4000n),
      size: fc.constantFrom(0x4000n, 0x10_0000n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('register-window' as const),
      domain,
      base: page.map((n) => 0x0800_0000n + n * 0x1_0000n),
      size: fc.constantFrom(0x1000n, 0x1_0000n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('free-window' as const), domain }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('flush' as const), domain }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('free-domain' as const), domain }) },
);

export const operations = fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' });
