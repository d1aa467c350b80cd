/**
 * What a random driver, VFIO and irqbalance would like to do, drawn without knowing the machine's
 * state: numbers are taken modulo what there is when it comes to it, and what makes no sense then
 * is passed over. So any part of a list of wishes is a list of wishes, and shrinks well.
 */
import type fc from 'fast-check';
import { type Choice, type FuzzMachine, machines } from './machines.ts';

export type WishName =
  | 'attach'
  | 'detach'
  | 'setup'
  | 'affinity'
  | 'mask'
  | 'unmask'
  | 'fire'
  | 'release'
  | 'teardown'
  | 'free';

export interface Wish {
  readonly what: WishName;
  readonly device: number;
  readonly vector: number;
  readonly domain: number;
  /** Bit per CPU; 0: all. */
  readonly cpus: number;
}

export interface FuzzInput {
  readonly machine: FuzzMachine;
  readonly wishes: readonly Wish[];
  /**
   * Of two more threads, beside whose steps everything is explored; empty: the wishes are done in
   * order.
   */
  readonly threads: readonly (readonly Wish[])[];
}

/** How often each is wished for: a vector that is set up is to be used. */
const WEIGHTS: Readonly<Record<WishName, number>> = {
  attach: 4,
  detach: 1,
  setup: 6,
  affinity: 6,
  mask: 1,
  unmask: 2,
  fire: 10,
  release: 1,
  teardown: 3,
  free: 1,
};
/**
 * A device's own doing is the explorer's to choose, and what waits behind a mask outlives a
 * teardown.
 */
const IN_THREADS: readonly WishName[] = ['setup', 'affinity', 'teardown', 'attach', 'detach'];

export function inputs(check: typeof fc, choice: Choice): fc.Arbitrary<FuzzInput> {
  const wish = (names: readonly WishName[]): fc.Arbitrary<Wish> =>
    check.record({
      what: check.oneof(
        ...names.map((name) => ({ arbitrary: check.constant(name), weight: WEIGHTS[name] })),
      ),
      device: check.nat({ max: 2 }),
      vector: check.nat({ max: 3 }),
      domain: check.nat({ max: 3 }),
      cpus: check.nat({ max: 15 }),
    });
  const names = Object.keys(WEIGHTS) as WishName[];
  const list = check.array(wish(names), { minLength: 1, maxLength: 40, size: 'max' });
  const thread = check.array(wish(IN_THREADS), { minLength: 1, maxLength: 3, size: 'max' });
  const threads = check.array(thread, { minLength: 2, maxLength: 2, size: 'max' });
  return check.record({
    machine: machines(check, choice),
    wishes: list,
    threads: check.oneof(
      { arbitrary: check.constant([]), weight: 7 },
      { arbitrary: threads, weight: 1 },
    ),
  });
}
