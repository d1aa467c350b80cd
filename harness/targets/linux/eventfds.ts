/**
 * The eventfds of a device that VFIO has against /proc/interrupts: VFIO's handler does nothing but
 * write one, so whatever was counted must be in them.
 */
import type { Delivery } from '../../../src/observation.ts';
import { pause } from './watch.ts';

/** An eventfd is written by the handler, just after the interrupt was counted. */
const PATIENCE_MS = 200;

type Counts = ReadonlyMap<number, number>;

/** `first`: what the eventfds have got, by vector. `more`: what they have got since. */
export async function checkEventfds(
  device: string,
  indices: readonly number[],
  deliveries: readonly Delivery[],
  first: Counts,
  more: () => Promise<Counts>,
): Promise<void> {
  const wanted = indices.map((index) =>
    deliveries
      .filter(({ vector }) => vector === `${device}/${index}`)
      .reduce((sum, { count }) => sum + count, 0),
  );
  const got = indices.map(() => 0);
  const deadline = performance.now() + PATIENCE_MS;
  for (let counts = first; ; counts = await more()) {
    indices.forEach((index, i) => (got[i] = (got[i] ?? 0) + (counts.get(index) ?? 0)));
    if (got.every((count, i) => count === wanted[i])) return;
    if (performance.now() > deadline) break;
    await pause(1);
  }
  const wrong = indices.flatMap((index, i) =>
    got[i] === wanted[i]
      ? []
      : [`${device}/${index} was counted ${wanted[i]} times, its eventfd got ${got[i]}`],
  );
  throw new Error(`/proc/interrupts and the eventfds disagree: ${wrong.join('; ')}`);
}
