/** The driver of each kind of MSI controller. */
import { type Design, NO_HOOKS } from '../../designs/design.ts';
import type { MsiController } from '../../topology/topology.ts';
import type { Kernel } from '../kernel.ts';
import type { Driver } from './driver.ts';
import { gicV2mDriver } from './gicv2m.ts';
import { gicV3ItsDriver } from './gicv3-its.ts';
import { gicV3MbiDriver } from './gicv3-mbi.ts';
import { inBridgeDriver } from './in-bridge.ts';
import { percpuDoorbellDriver } from './percpu-doorbell.ts';
import { riscvImsicDriver } from './riscv-imsic.ts';

export const DRIVERS: Readonly<Record<MsiController['kind'], Driver>> = {
  gicv2m: gicV2mDriver,
  'gicv3-its': gicV3ItsDriver,
  'gicv3-mbi': gicV3MbiDriver,
  'in-bridge': inBridgeDriver,
  'percpu-doorbell': percpuDoorbellDriver,
  'riscv-imsic': riscvImsicDriver,
};

/**
 * The design as this driver sees it: without its hooks where the driver never asks for a mapping.
 */
export function hooksFor(driver: Driver, design: Design): Design {
  const isHooked =
    driver.mapsDoorbell === undefined ||
    (driver.mapsDoorbell === false && design.everyController === true);
  return isHooked ? design : { ...design, ...NO_HOOKS };
}

export function driverOf(k: Kernel, device: number): Driver {
  const controller = k.topology.controllers[k.device(device).controller];
  if (controller === undefined) throw new Error('IMPOSSIBLE: a device without a controller');
  return DRIVERS[controller.spec.kind];
}
