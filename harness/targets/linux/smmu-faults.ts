/** What the SMMU recorded, told by QEMU and by the kernel's log: both must say the same. */
import { type Fault, type Observed, seen, unobservable } from '../../../src/observation.ts';
import type { SmmuEvent } from './read/kernel-log.ts';

interface Recorded {
  readonly name: string;
  readonly streamId: number;
}

/** `recorded`: undefined on a board, where nobody but the kernel tells. Throws when the two disagree. */
export function faultsOf(
  recorded: readonly Recorded[] | undefined,
  logged: readonly SmmuEvent[],
  deviceOf: (streamId: number) => string,
): Observed<readonly Fault[]> {
  if (recorded !== undefined) {
    if (logged.length < recorded.length)
      return unobservable("the kernel's log is rate limited and left SMMU events out");
    if (text(recorded) !== text(logged))
      throw new Error(
        `QEMU recorded ${text(recorded) || 'nothing'}, the kernel logged ${text(logged)}`,
      );
  }
  return seen(
    logged.map(({ name, streamId, address }) => ({
      device: deviceOf(streamId),
      streamId,
      ...(address === undefined ? {} : { address }),
      name,
    })),
  );
}

const text = (list: readonly Recorded[]): string =>
  list.map(({ name, streamId }) => `${name} 0x${streamId.toString(16)}`).join(', ');
