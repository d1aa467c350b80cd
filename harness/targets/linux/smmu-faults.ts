/**
 * What the SMMU recorded, told by QEMU, by the kernel's event thread as it takes the records out of
 * the queue (a probe), and by the kernel's log, which is limited to 10 events in 5 seconds
 * (arm_smmu_evtq_thread). QEMU says what was recorded; the others say the addresses, and must not
 * say anything else.
 */
import { type Fault, type Observed, seen, unobservable } from '../../../src/observation.ts';
import type { SmmuEvent } from './read/kernel-log.ts';

interface Recorded {
  readonly name: string;
  readonly streamId: number;
}

/**
 * `recorded`: undefined on a board, where nobody but the kernel tells. `taken`: undefined without
 * the probe. Throws when they disagree.
 */
export function faultsOf(
  recorded: readonly Recorded[] | undefined,
  taken: readonly SmmuEvent[] | undefined,
  logged: readonly SmmuEvent[],
  deviceOf: (streamId: number) => string,
): Observed<readonly Fault[]> {
  const told = taken ?? logged;
  if (recorded !== undefined) {
    if (taken === undefined && logged.length < recorded.length)
      return unobservable("the kernel's log is rate limited and left SMMU events out");
    if (text(recorded) !== text(told))
      throw new Error(
        `QEMU recorded ${text(recorded) || 'nothing'}, the kernel took ${text(told) || 'nothing'}`,
      );
  }
  if (taken !== undefined && !isWithin(logged, taken))
    throw new Error(`the kernel took ${text(taken) || 'nothing'}, and logged ${text(logged)}`);
  return seen(
    told.map(({ name, streamId, address }) => ({
      device: deviceOf(streamId),
      streamId,
      ...(address === undefined ? {} : { address }),
      name,
    })),
  );
}

/** What is to be said of a log that left some out. */
export const limited = (
  recorded: readonly Recorded[],
  logged: readonly SmmuEvent[],
): string | undefined =>
  logged.length < recorded.length
    ? `limited by its driver: ${logged.length} of ${recorded.length} events`
    : undefined;

/** In this order, others between. */
function isWithin(some: readonly SmmuEvent[], all: readonly SmmuEvent[]): boolean {
  let next = 0;
  for (const each of all) {
    const wanted = some[next];
    if (wanted !== undefined && same(wanted, each)) next++;
  }
  return next === some.length;
}

const same = (a: SmmuEvent, b: SmmuEvent): boolean =>
  a.name === b.name && a.streamId === b.streamId && a.address === b.address;

const text = (list: readonly Recorded[]): string =>
  list.map(({ name, streamId }) => `${name} 0x${streamId.toString(16)}`).join(', ');
