/**
 * The kernel's procedures by name: `call.ts` enters them by it, and coverage is measured against
 * them all.
 */
import type { Design } from '../designs/design.ts';
import type { Driver } from './controllers/driver.ts';
import { plugProcedure, unplugProcedure } from './hotplug.ts';
import { attachProcedure, detachProcedure } from './iommu/attach.ts';
import {
  flushProcedure,
  freeDomainProcedure,
  freeWindowProcedure,
  mapProcedure,
  registerWindowProcedure,
  unmapProcedure,
} from './iommu/user.ts';
import { affinityProcedure } from './msi/affinity.ts';
import { restoreProcedure, suspendProcedure } from './msi/restore.ts';
import { setupProcedure } from './msi/setup.ts';
import {
  freeIrqProcedure,
  maskProcedure,
  teardownProcedure,
  unmaskProcedure,
} from './msi/teardown.ts';
import type { Node } from './procedure.ts';
import {
  clearIrqProcedure,
  clearIrqsProcedure,
  closeDeviceProcedure,
  closeGroupProcedure,
  leaveProcedure,
  moveProcedure,
  setIrqsProcedure,
} from './vfio.ts';
import {
  endGuestProcedure,
  forwardProcedure,
  moveVcpuProcedure,
  unforwardProcedure,
} from './vcpus.ts';

type DeviceProcedures = Readonly<
  Record<string, (driver: Driver, design: Design) => readonly Node[]>
>;

/** Of a device: what they do depends on the driver of its interrupt controller. */
export const DEVICE_PROCEDURES = {
  setup: setupProcedure,
  affinity: affinityProcedure,
  mask: maskProcedure,
  unmask: unmaskProcedure,
  suspend: suspendProcedure,
  restore: restoreProcedure,
  unplug: unplugProcedure,
  plug: plugProcedure,
  teardown: teardownProcedure,
  free_irq: freeIrqProcedure,
  forward: forwardProcedure,
  unforward: unforwardProcedure,
} as const satisfies DeviceProcedures;

/** The same operations as user space reaches them through a VFIO container. */
export const CONTAINER_PROCEDURES = {
  'vfio-setup': setIrqsProcedure,
  'vfio-clear': clearIrqsProcedure,
  'vfio-clear-one': clearIrqProcedure,
  'vfio-move': moveProcedure,
  'vfio-leave': leaveProcedure,
  'vfio-close-device': closeDeviceProcedure,
  'vfio-close-group': closeGroupProcedure,
} as const satisfies DeviceProcedures;

/** Of domains and of guests. */
export const OTHER_PROCEDURES = {
  attach: attachProcedure,
  detach: detachProcedure,
  map: mapProcedure,
  unmap: unmapProcedure,
  flush: flushProcedure,
  'register-window': registerWindowProcedure,
  'free-window': freeWindowProcedure,
  'free-domain': freeDomainProcedure,
  'move-vcpu': moveVcpuProcedure,
  'end-guest': endGuestProcedure,
} as const satisfies Readonly<Record<string, (design: Design) => readonly Node[]>>;
export type OtherProcedure = keyof typeof OTHER_PROCEDURES;
