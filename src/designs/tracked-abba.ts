/**
 * `tracked` with another mistake, made on purpose: whether a device has live vectors is looked up
 * under the device's own lock, which attaching takes inside iommu_group.mutex. A set-up has it the
 * other way round (waitForMove), and the two can wait for each other for ever. Here so that a
 * deadlock of the kernel's is seen to be found.
 */
import { deviceLock } from '../kernel/locks.ts';
import { locked } from '../kernel/procedure.ts';
import type { Design } from './design.ts';
import { tracked } from './tracked.ts';

export const trackedAbba: Design = {
  ...tracked,
  name: 'tracked-abba',
  beforeAttach: [locked(deviceLock, tracked.beforeAttach)],
};
