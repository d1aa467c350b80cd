/**
 * Teardown: free_irq on each vector (mask, zero the message, deactivate the parent), then
 * pci_free_irq_vectors (disable, free the interrupts). Order of commands as QEMU's ITS saw it from
 * 6.1 and 6.12.
 */
import type { Design } from '../../designs/design.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import type { Driver } from '../controllers/driver.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { deviceLock, irqDescLock } from '../locks.ts';
import { forEachVector, glue, locked, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { byHolder } from './holder.ts';
import { bypassNoMore } from '../vcpus.ts';
import { deactivate } from './activate.ts';

/** pci_msix_mask reads the table back; the mask bits of an MSI are in configuration space. */
const maskDevice = step(
  'pci_msi_mask_irq',
  (k, t) => void k.hw.functions.setMasked(t.device, t.vector, true),
  () => true,
);

/** What the device has kept while it was masked is sent now. */
export const unmaskDevice = when(
  (k, t) => k.hw.functions.canMask(t.device),
  [
    step('pci_msi_unmask_irq', (k, t) => {
      k.hw.functions.setMasked(t.device, t.vector, false);
      k.hw.fabric.unmasked(t.device, t.vector);
    }),
  ],
);

/** irq_shutdown: masked at the device where it can be, and at the controller. */
export function shutdown(driver: Driver, design: Design): Node {
  return when(
    (k, t) => k.irqs.is(t.vector, IRQ.started),
    [
      when((k, t) => k.hw.functions.canMask(t.device), [maskDevice]),
      driver.mask,
      deactivate(driver, design),
      glue((k, t) => k.irqs.unmark(t.vector, IRQ.started)),
    ],
  );
}

function quiet(k: Kernel, t: Thread): void {
  const { functions } = k.hw;
  const first = k.firstVector(t.device);
  for (let v = first; v < first + k.device(t.device).vectors; v++) {
    functions.setMasked(t.device, v, false);
    functions.setPending(v, false);
  }
  functions.setFunctionMask(t.device, false);
  // It sends the message that is still there: nothing took it away, and no bit holds it back.
  if (k.keepsMessage(t.device)) return;
  functions.setMultiple(t.device, 0);
  functions.setEnabled(t.device, false);
  functions.setMode(t.device, MSI_MODE.off);
}

/** The device may not send any more. A platform device has no bit for it: its message is zero. */
export const disable = when(
  (_, t) => t.mode === MSI_MODE.platform,
  [glue(quiet)],
  [
    when(
      (_, t) => t.mode === MSI_MODE.msix,
      [step('pci_msix_shutdown', quiet)],
      [step('pci_msi_shutdown', quiet)],
    ),
  ],
);

/** The device has no interrupts any more. */
export const release = glue((k, t) => {
  k.msiMode.set(t.device, MSI_MODE.off);
  k.msiCount.set(t.device, 0);
});

/** msi_domain_free_irqs: what is still activated is deactivated, then freed from the parents. */
export function freeDescriptors(driver: Driver, design: Design): Node[] {
  const allocated = when(
    (k, t) => k.irqs.is(t.vector, IRQ.allocated),
    [deactivate(driver, design)],
  );
  // unregister_irq_proc waits for a writer of smp_affinity, who holds the lock.
  const free = when(
    (k, t) => k.irqs.is(t.vector, IRQ.allocated),
    [locked(irqDescLock, [...design.free, ...driver.free])],
  );
  return [...forEachVector([allocated]), ...forEachVector([free]), ...driver.teardown];
}

/** A device without interrupts set up: -EINVAL. */
const isSetUp = (k: Kernel, t: Thread): number =>
  k.msiMode.get(t.device) === MSI_MODE.off ? -ERRNO.EINVAL : 0;

const check = when(
  (k, t) => k.isPci(t.device),
  [step('pci_free_irq_vectors', isSetUp)],
  byHolder(
    step('platform_device_msi_free_irqs_all', isSetUp),
    step('msi_device_domain_free_wired', isSetUp),
    step('fsl_mc_msi_domain_free_irqs', isSetUp),
  ),
);

export function teardownProcedure(driver: Driver, design: Design): Node[] {
  const teardown = [
    check,
    ...forEachVector([...bypassNoMore(driver), locked(irqDescLock, [shutdown(driver, design)])]),
    disable,
    ...freeDescriptors(driver, design),
    release,
  ];
  return [locked(deviceLock, teardown)];
}

/** free_irq of one vector; it stays allocated until the device's teardown. */
export function freeIrqProcedure(driver: Driver, design: Design): Node[] {
  const free = [
    step('free_irq', (k, t) => (k.irqs.is(t.vector, IRQ.started) ? 0 : -ERRNO.EINVAL)),
    shutdown(driver, design),
  ];
  return [locked(deviceLock, [...bypassNoMore(driver), locked(irqDescLock, free)])];
}

/** irq_chip.irq_mask down the hierarchy. */
export function maskProcedure(driver: Driver): Node[] {
  const mask = [
    step('irq_mask', (k, t) => {
      if (!k.irqs.is(t.vector, IRQ.started)) return -ERRNO.EINVAL;
      k.irqs.mark(t.vector, IRQ.masked);
      return 0;
    }),
    when((k, t) => k.hw.functions.canMask(t.device), [maskDevice]),
    driver.mask,
  ];
  return [locked(irqDescLock, mask)];
}

export function unmaskProcedure(driver: Driver): Node[] {
  const unmask = [
    step('irq_unmask', (k, t) => {
      if (!k.irqs.is(t.vector, IRQ.started)) return -ERRNO.EINVAL;
      k.irqs.unmark(t.vector, IRQ.masked);
      return 0;
    }),
    driver.unmask,
    unmaskDevice,
  ];
  return [locked(irqDescLock, unmask)];
}
