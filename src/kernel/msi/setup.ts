/**
 * Set-up: pci_alloc_irq_vectors(n, n) or platform_device_msi_init_and_alloc_irqs, then request_irq
 * on each vector. 6.12's order (pci/msi/msi.c, kernel/irq/msi.c): per descriptor the interrupt is
 * allocated down the hierarchy and, on PCI, activated at once; the message is checked and MSI
 * enabled after that; request_irq unmasks and sets the affinity.
 */
import type { Design } from '../../designs/design.ts';
import { useAfterFree } from '../../designs/kernel-faults.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import type { Driver } from '../controllers/driver.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { deviceLock, irqDescLock } from '../locks.ts';
import { attempt, forEachVector, glue, locked, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { byHolder } from './holder.ts';
import { activate, deactivate } from './activate.ts';
import { setAffinity } from './affinity.ts';
import { groupCpusEvenly } from './spread.ts';
import { disable, freeDescriptors, release, unmaskDevice } from './teardown.ts';

/**
 * Up to 6.14 gicv2m_get_fwnode, which ACPI asks for a new device's MSI domain, was __init: freed
 * after boot.
 */
function findDomain(k: Kernel, device: number): void {
  if (k.config.acpi !== true || k.on['v2m-acpi-fwnode'] || k.plugged.get(device) === 0) return;
  const controller = k.topology.controllers[k.device(device).controller];
  if (controller?.spec.kind === 'gicv2m') useAfterFree(k, device, 0);
}

/** What the device has, and whether it is already in use. */
const check = step('pci_alloc_irq_vectors', (k, t) => {
  if (k.isPci(t.device) && !k.config.pciMsiIrqDomain) return -ERRNO.EINVAL;
  findDomain(k, t.device);
  if (k.msiMode.get(t.device) !== MSI_MODE.off) return -ERRNO.EINVAL;
  return t.count > most(k, t) ? -ERRNO.ENOSPC : 0;
});

/** irq_calc_affinity_vectors: no more managed vectors than CPUs, which is too few for min = max. */
const most = (k: Kernel, t: Thread): number =>
  t.managed === 0 ? capacity(k, t) : Math.min(capacity(k, t), k.topology.cpus);

const hasRoom = (k: Kernel, t: Thread): number => {
  if (k.msiMode.get(t.device) !== MSI_MODE.off) return -ERRNO.EINVAL;
  return t.count > capacity(k, t) ? -ERRNO.ENOSPC : 0;
};

const checkPlatform = step('platform_device_msi_init_and_alloc_irqs', (k, t) => {
  if (k.on['platform-msi-domain-kept'] && k.hasMsiDomain.get(t.device) !== 0) return -ERRNO.ENODEV;
  return hasRoom(k, t);
});

/**
 * Each pin that is mapped takes a descriptor at any index of the bridge's domain (MSI_ANY_INDEX).
 * Where freeing an interrupt leaves it behind, xa_alloc finds none in the end (-EBUSY), and
 * platform_get_irq has no interrupt: -ENXIO.
 */
const checkWired = step('msi_device_domain_alloc_wired', (k, t) => {
  const room = hasRoom(k, t);
  if (room < 0 || !k.on['wired-device-domain'] || k.on['wired-descriptors-freed']) return room;
  if (k.keptDescriptors.get(t.device) + t.count > capacity(k, t)) return -ERRNO.ENXIO;
  k.keptDescriptors.add(t.device, t.count);
  return 0;
});

const checkFslMc = step('fsl_mc_msi_domain_alloc_irqs', hasRoom);

function capacity(k: Kernel, t: Thread): number {
  const { spec } = k.device(t.device);
  if (spec.bus === 'platform') return spec.msis;
  return (t.mode === MSI_MODE.msix ? spec.msix?.vectors : spec.msi?.vectors) ?? 0;
}

/**
 * msix_capability_init: enabled with the whole table masked (msix_mask_all) while entries are
 * filled.
 */
const initMsix = step('msix_capability_init', (k, t) => {
  k.hw.functions.setMode(t.device, MSI_MODE.msix);
  k.hw.functions.setFunctionMask(t.device, true);
  k.hw.functions.setEnabled(t.device, true);
  const first = k.firstVector(t.device);
  for (let v = first; v < first + k.device(t.device).vectors; v++) {
    k.hw.functions.setMasked(t.device, v, true);
  }
});

/**
 * The enable bit is clear until all is set up: a device without mask bits must not send earlier.
 */
const initMsi = step('msi_capability_init', (k, t) => {
  k.hw.functions.setMode(t.device, MSI_MODE.msi);
  k.hw.functions.setMultiple(t.device, Math.ceil(Math.log2(t.count)));
  const first = k.firstVector(t.device);
  for (let v = first; v < first + k.device(t.device).vectors; v++) {
    k.hw.functions.setMasked(t.device, v, true);
  }
});

const initPlatform = glue((k, t) => {
  k.hasMsiDomain.set(t.device, 1);
  k.hw.functions.setMode(t.device, MSI_MODE.platform);
  k.hw.functions.setEnabled(t.device, true);
});

/** A failed msix_capability_init left the entries masked (`msix-mask-late`). */
const leaveMasked = glue((k, t) => {
  if (t.mode === MSI_MODE.msix && !k.on['msix-mask-late'])
    k.hw.functions.setTableMasked(t.device, true);
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
export const presetAffinity = glue((k, t) => {
  if (t.managed !== 0) {
    t.setMask(spread(k, t));
    k.irqs.mark(t.vector, IRQ.managed);
  }
  k.irqs.setAffinity(t.vector, (w) => t.maskWord(w));
});

function spread(k: Kernel, t: Thread): readonly number[] {
  const { cpus, numaNodes } = k.topology;
  const nodes = numaNodes.length > 0 ? numaNodes : [Array.from({ length: cpus }, (_, cpu) => cpu)];
  return groupCpusEvenly(t.count, nodes)[t.vector - k.firstVector(t.device)] ?? [];
}

/** irq_startup_managed: an interrupt without an online CPU in its mask is shut down at once. */
const isStartable = (k: Kernel, t: Thread): boolean => {
  if (!k.irqs.is(t.vector, IRQ.managed) || !k.on['managed-shutdown']) return true;
  return k.irqs.hasCpu(t.vector, (cpu) => k.isOnline(cpu));
};

/**
 * dev->no_64bit_msi comes from the MSI capability (pci_msi_init), and counts for the entries of
 * MSI-X too: the device was given an address that it is taken to be unable to send.
 */
const verify = step('msi_verify_entries', (k, t) => {
  const { spec, firstVector } = k.device(t.device);
  const bits = spec.bus === 'platform' ? 64 : (spec.msi?.addressBits ?? 64);
  if (bits === 64) return 0;
  // no_64bit_msi knew 32 and 64 bits only: any narrower device was taken for one of 32.
  const limit = k.on['msi-addr-mask'] ? 2 ** (bits - 32) : 1;
  for (let v = firstVector; v < firstVector + t.count; v++) {
    if (k.descOf(t.device, v) === v && k.irqs.messageHi.get(v) >>> 0 >= limit) return -ERRNO.EIO;
  }
  return 0;
});

const enable = step('pci_msi_set_enable', (k, t) => k.hw.functions.setEnabled(t.device, true));
const unmaskAll = step('pci_msix_clear_and_set_ctrl', (k, t) =>
  k.hw.functions.setFunctionMask(t.device, false),
);

/** irq_startup: unmask at the controller and the device, then the affinity. */
export function startup(driver: Driver, design: Design): Node[] {
  return [
    activate(driver, design),
    driver.unmask,
    unmaskDevice,
    ...setAffinity(driver, design),
    glue((k, t) => k.irqs.mark(t.vector, IRQ.started)),
  ];
}

/** request_irq: __setup_irq and irq_startup. */
export function request(driver: Driver, design: Design): Node[] {
  return [
    glue((k, t) => t.loadMask((w) => k.irqs.affinityWord(t.vector, w))),
    when(isStartable, startup(driver, design), [
      deactivate(driver, design),
      glue((k, t) => k.irqs.mark(t.vector, IRQ.managedShutdown)),
    ]),
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

/** Vectors before the first that was asked for are allocated, and left to a later call. */
export const isRequested = (k: Kernel, t: Thread): boolean =>
  t.vector >= k.firstVector(t.device) + t.first;

export const setupProcedure = (driver: Driver, design: Design): Node[] =>
  setupWith(driver, design, []);

/** `beforeRequest`: what is done before request_irq of each vector. */
export function setupWith(driver: Driver, design: Design, beforeRequest: readonly Node[]): Node[] {
  const setup = [
    when(
      isPlatform,
      [...byHolder(checkPlatform, checkWired, checkFslMc), claim, initPlatform],
      [check, claim, when(isMsi, [initMsi], [initMsix])],
    ),
    attempt(
      [
        ...driver.prepare,
        ...allocate(driver, design),
        when(isMsi, [verify, enable]),
        when(isMsix, [verify, unmaskAll]),
        ...forEachVector([
          when(isRequested, [...beforeRequest, locked(irqDescLock, request(driver, design))]),
        ]),
      ],
      [...freeDescriptors(driver, design), disable, leaveMasked, release],
    ),
  ];
  return [locked(deviceLock, setup)];
}
