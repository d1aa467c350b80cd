/** The kernel's procedures by name, as `call.ts` enters them: for whoever needs all of them, not one. */
import type { Design } from '../designs/design.ts';
import type { Driver } from './controllers/driver.ts';
import { plugProcedure, unplugProcedure } from './hotplug.ts';
import { attachProcedure, detachProcedure } from './iommu/attach.ts';
import {
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
  endGuestProcedure,
  forwardProcedure,
  moveVcpuProcedure,
  unforwardProcedure,
} from './vcpus.ts';

/** Of a device: what they do depends on the driver of its interrupt controller. */
export const DEVICE_PROCEDURES: Readonly<
  Record<string, (driver: Driver, design: Design) => readonly Node[]>
> = {
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
};

/** Of domains and of guests. */
export const OTHER_PROCEDURES: Readonly<Record<string, (design: Design) => readonly Node[]>> = {
  attach: attachProcedure,
  detach: detachProcedure,
  map: mapProcedure,
  unmap: unmapProcedure,
  'register-window': registerWindowProcedure,
  'free-window': freeWindowProcedure,
  'free-domain': freeDomainProcedure,
  'move-vcpu': moveVcpuProcedure,
  'end-guest': endGuestProcedure,
};
