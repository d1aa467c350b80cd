/**
 * Set-up: pci_alloc_irq_vectors(n, n) or platform_device_msi_init_and_alloc_irqs, then request_irq on
 * each vector. 6.12's order (pci/msi/msi.c, kernel/irq/msi.c): per descriptor the interrupt is
 * allocated down the hierarchy and, on PCI, activated at once; the message is checked and MSI enabled
 * after that; request_irq unmasks and sets the affinity.
 */
import type { Design } from '../../designs/design.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import type { Driver } from '../controllers/driver.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { deviceLock, irqDescLock } from '../locks.ts';
import { attempt, forEachVector, glue, locked, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { activate } from './activate.ts';
import { setAffinity } from './affinity.ts';
import { disable, freeDescriptors, release } from './teardown.ts';

/** What the device has, and whether it is already in use. */
const check = step('pci_alloc_irq_vectors', (k, t) => {
  if (k.isPci(t.device) && !k.config.pciMsiIrqDomain) return -ERRNO.EINVAL;
  if (k.msiMode.get(t.device) !== MSI_MODE.off) return -ERRNO.EINVAL;
  return t.count > capacity(k, t) ? -ERRNO.ENOSPC : 0;
});

const checkPlatform = step('platform_device_msi_init_and_alloc_irqs', (k, t) => {
  if (k.msiMode.get(t.device) !== MSI_MODE.off) return -ERRNO.EINVAL;
  return t.count > capacity(k, t) ? -ERRNO.ENOSPC : 0;
});

function capacity(k: Kernel, t: Thread): number {
  const { spec } = k.device(t.device);
  if (spec.bus === 'platform') return spec.msis;
  return (t.mode === MSI_MODE.msix ? spec.msix?.vectors : spec.msi?.vectors) ?? 0;
}

/** msix_capability_init: enabled with the whole table masked (msix_mask_all) while entries are filled. */
const initMsix = step('msix_capability_init', (k, t) => {
  k.hw.functions.setMode(t.device, MSI_MODE.msix);
  k.hw.functions.setFunctionMask(t.device, true);
  k.hw.functions.setEnabled(t.device, true);
  const first = k.firstVector(t.device);
  for (let v = first; v < first + k.device(t.device).vectors; v++) {
    k.hw.functions.setMasked(t.device, v, true);
  }
});

/** The enable bit is clear until all is set up: a device without mask bits must not send earlier. */
const initMsi = step('msi_capability_init', (k, t) => {
  k.hw.functions.setMode(t.device, MSI_MODE.msi);
  k.hw.functions.setMultiple(t.device, Math.ceil(Math.log2(t.count)));
  const first = k.firstVector(t.device);
  for (let v = first; v < first + k.device(t.device).vectors; v++) {
    k.hw.functions.setMasked(t.device, v, true);
  }
});

const initPlatform = glue((k, t) => {
  k.hw.functions.setMode(t.device, MSI_MODE.platform);
  k.hw.functions.setEnabled(t.device, true);
});

/** From here on the device's descriptors exist. */
const claim = glue((k, t) => {
  k.msiMode.set(t.device, t.mode);
  k.msiCount.set(t.device, t.count);
});

/**
 * msi_handle_pci_fail: whatever failed below, the driver sees -ENOSPC, for min = max vectors.
 * Errors of msi_prepare (no LPIs for the device: -ENOMEM) come before and are passed on.
 */
const collapseError = glue((_, t) => void (t.error = -ERRNO.ENOSPC));

/** The default affinity that the interrupt is allocated with. */
const presetAffinity = glue((k, t) => k.irqs.setAffinity(t.vector, (w) => t.maskWord(w)));

/**
 * dev->no_64bit_msi comes from the MSI capability (pci_msi_init), and counts for the entries of MSI-X too: the
 * device was given an address that it is taken to be unable to send.
 */
const verify = step('msi_verify_entries', (k, t) => {
  const { spec, firstVector } = k.device(t.device);
  if (spec.bus === 'platform' || spec.msi?.addressBits !== 32) return 0;
  for (let v = firstVector; v < firstVector + t.count; v++) {
    if (k.descOf(t.device, v) === v && k.irqs.messageHi.get(v) !== 0) return -ERRNO.EIO;
  }
  return 0;
});

const enable = step('pci_msi_set_enable', (k, t) => k.hw.functions.setEnabled(t.device, true));
const unmaskAll = step('pci_msix_clear_and_set_ctrl', (k, t) =>
  k.hw.functions.setFunctionMask(t.device, false),
);

/** request_irq: __setup_irq, irq_startup: unmask at the controller and the device, then the affinity. */
function request(driver: Driver, design: Design): Node[] {
  return [
    activate(driver, design),
    driver.unmask,
    when(
      (k, t) => k.hw.functions.canMask(t.device),
      [
        step('pci_msi_unmask_irq', (k, t) => {
          k.hw.functions.setMasked(t.device, t.vector, false);
          k.hw.fabric.unmasked(t.device, t.vector);
        }),
      ],
    ),
    ...setAffinity(driver, design),
    glue((k, t) => k.irqs.mark(t.vector, IRQ.started)),
  ];
}

const toFirst = glue((k, t) => void (t.vector = k.firstVector(t.device)));
const isMsi = (_: Kernel, t: Thread): boolean => t.mode === MSI_MODE.msi;
const isMsix = (_: Kernel, t: Thread): boolean => t.mode === MSI_MODE.msix;
const isPlatform = (_: Kernel, t: Thread): boolean => t.mode === MSI_MODE.platform;

/** MSI_FLAG_ACTIVATE_EARLY: the message is written before the device is allowed to send. */
const isEarly = (k: Kernel, _: Thread): boolean => k.on['activate-early'];

/** The descriptors: allocate each (one for all vectors of an MSI) and activate its interrupts. */
function allocate(driver: Driver, design: Design): Node[] {
  const one = attempt([presetAffinity, ...driver.allocate(design.prepare)], [collapseError]);
  const early = activate(driver, design);
  return [
    when(
      isMsi,
      [toFirst, one, ...forEachVector([presetAffinity, when(isEarly, [early])])],
      // MSI_FLAG_ACTIVATE_EARLY is PCI's; a platform MSI is activated by request_irq.
      forEachVector([one, when((k, t) => isEarly(k, t) && !isPlatform(k, t), [early])]),
    ),
  ];
}

export function setupProcedure(driver: Driver, design: Design): Node[] {
  const setup = [
    when(
      isPlatform,
      [checkPlatform, claim, initPlatform],
      [check, claim, when(isMsi, [initMsi], [initMsix])],
    ),
    attempt(
      [
        ...driver.prepare,
        ...allocate(driver, design),
        when(isMsi, [verify, enable]),
        when(isMsix, [verify, unmaskAll]),
        ...forEachVector([locked(irqDescLock, request(driver, design))]),
      ],
      [...freeDescriptors(driver, design), disable, release],
    ),
  ];
  return [locked(deviceLock, setup)];
}
