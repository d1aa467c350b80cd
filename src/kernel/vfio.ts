/**
 * A domain of a VFIO container (`vfio: true`): the kernel's own procedures as user space reaches
 * them through VFIO_DEVICE_SET_IRQS and by opening and closing groups.
 * drivers/vfio/pci/vfio_pci_intrs.c, vfio_iommu_type1.c of 6.1 and 6.12; checked against both by
 * `doorbell compare`.
 */
import type { Design } from '../designs/design.ts';
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import { ERRNO } from '../observation.ts';
import type { Driver } from './controllers/driver.ts';
import { attachProcedure, detachProcedure } from './iommu/attach.ts';
import { giveUpBank, unmapAll } from './iommu/user.ts';
import { IRQ } from './irqs.ts';
import type { Kernel } from './kernel.ts';
import { deviceLock, irqDescLock } from './locks.ts';
import { loadMessage, rawMsixWrite } from './msi/message.ts';
import { isRequested, presetAffinity, request, setupWith } from './msi/setup.ts';
import { shutdown, teardownProcedure } from './msi/teardown.ts';
import { forEachVector, glue, locked, type Node, step, when } from './procedure.ts';
import type { Thread } from './thread.ts';

const isSetUp = (k: Kernel, t: Thread): boolean => k.msiMode.get(t.device) !== MSI_MODE.off;
const isStarted = (k: Kernel, t: Thread): boolean => k.irqs.is(t.vector, IRQ.started);
const isPlaced = (k: Kernel, t: Thread): boolean => k.irqs.is(t.vector, IRQ.placed);

/** vfio_set_irqs_validate_and_prepare, then vfio_pci_set_msi_trigger and vfio_msi_set_block. */
const checkBlock = step('vfio_pci_set_irqs_ioctl', (k, t) => {
  const { spec } = k.device(t.device);
  if (spec.bus !== 'pci') return -ERRNO.EINVAL;
  const table = (t.mode === MSI_MODE.msix ? spec.msix : spec.msi)?.vectors ?? 0;
  if (t.count > table) return -ERRNO.EINVAL;
  if (!isSetUp(k, t)) return 0;
  // One kind of interrupt at a time, and no more vectors than were enabled
  // (VFIO_IRQ_INFO_NORESIZE).
  if (k.msiMode.get(t.device) !== t.mode) return -ERRNO.EINVAL;
  return isTooMany(k, t) && !k.on['vfio-late-count'] ? -ERRNO.EINVAL : 0;
});

const isTooMany = (k: Kernel, t: Thread): boolean => t.count > k.msiCount.get(t.device);

/**
 * vfio_msi_set_vector_signal, get_cached_msi_msg and pci_write_msi_msg before request_irq: "refresh
 * the on-device message data before enabling in case it had been cleared or corrupted (e.g. due to
 * backdoor resets) since writing". MSI-X only, past the irq_chip, so that no design sees it.
 */
const writeCached: readonly Node[] = [
  when((_, t) => t.mode === MSI_MODE.msix, [loadMessage, ...rawMsixWrite]),
];

/** vfio_msi_set_vector_signal: the old eventfd's interrupt is freed, the new one's requested. */
const replaceTriggers = (driver: Driver, design: Design): Node[] =>
  forEachVector([
    when(isRequested, [
      locked(irqDescLock, [shutdown(driver, design)]),
      ...writeCached,
      locked(irqDescLock, request(driver, design)),
    ]),
  ]);

/** irq_setup_affinity: only an affinity that user space set outlives free_irq. */
const presetAffinities = forEachVector([
  when((k, t) => isRequested(k, t) && !isPlaced(k, t), [presetAffinity]),
]);

/**
 * Without a count of what was enabled the block fails at the first interrupt that is not there, and
 * vfio_msi_set_block takes back all that it had set: the refused call leaves no vector requested.
 */
const replaceAndTakeBack = (driver: Driver, design: Design): Node[] => [
  glue((k, t) => void (t.count = k.msiCount.get(t.device))),
  ...presetAffinities,
  ...replaceTriggers(driver, design),
  ...forEachVector([when(isRequested, [locked(irqDescLock, [shutdown(driver, design)])])]),
  step('vfio_msi_set_block', () => -ERRNO.EINVAL),
];

/** VFIO_DEVICE_SET_IRQS with an eventfd for each vector from `start` on. */
export const setIrqsProcedure = (driver: Driver, design: Design): Node[] => [
  checkBlock,
  when(
    isSetUp,
    [
      locked(deviceLock, [
        when(isTooMany, replaceAndTakeBack(driver, design), [
          ...presetAffinities,
          ...replaceTriggers(driver, design),
        ]),
      ]),
    ],
    setupWith(driver, design, writeCached),
  ),
];

const mustBeSetUp = step('vfio_pci_set_irqs_ioctl', (k, t) => (isSetUp(k, t) ? 0 : -ERRNO.EINVAL));

/** VFIO_DEVICE_SET_IRQS with count 0. */
export const clearIrqsProcedure = (driver: Driver, design: Design): Node[] => [
  mustBeSetUp,
  ...teardownProcedure(driver, design),
];

/** The same with eventfd -1 for one vector; one that is freed already is no error. */
export const clearIrqProcedure = (driver: Driver, design: Design): Node[] => [
  mustBeSetUp,
  when(isStarted, [locked(deviceLock, [locked(irqDescLock, [shutdown(driver, design)])])]),
];

/**
 * vfio_iommu_type1_detach_group: the last group takes the domain and every mapping of the container
 * with it. A group that comes later finds a new domain.
 */
const endEmptyDomains = step('vfio_iommu_type1_detach_group', (k) => {
  for (const { index } of k.topology.domains) {
    if (
      !k.domains.isContainer(index) ||
      !k.domains.isFinalised(index) ||
      k.domains.hasDevices(index)
    )
      continue;
    unmapAll(k, index);
    giveUpBank(k, index);
    k.bindings.clear(index);
    k.domains.renew(index);
  }
});

/**
 * Another device of the group is open (that is: has vectors), and holds the group in its container.
 */
const isHeld = (k: Kernel, t: Thread): boolean =>
  k
    .device(t.device)
    .group.some((other) => other !== t.device && k.msiMode.get(other) !== MSI_MODE.off);

/**
 * Device and group are closed: vfio_pci_core_disable frees the vectors, then the group leaves the
 * domain, if no other device of it is open (vfio_group.container_users).
 */
export const leaveProcedure = (driver: Driver, design: Design): Node[] => [
  when(isSetUp, teardownProcedure(driver, design)),
  when((k, t) => !isHeld(k, t), [...detachProcedure(design), endEmptyDomains]),
];

/** The device alone: vfio_pci_core_disable. Its group stays in the container. */
export const closeDeviceProcedure = (driver: Driver, design: Design): Node[] => [
  when(isSetUp, teardownProcedure(driver, design)),
];

/**
 * The group's descriptor before the device's, which holds the group's file: nothing is released
 * until that is closed too.
 */
export const closeGroupProcedure = (): Node[] => [step('vfio_group_fops_release', () => 0)];

/**
 * A second device of a group is opened in the container that the group is in:
 * VFIO_GROUP_GET_DEVICE_FD, no attach.
 */
const isJoining = (k: Kernel, t: Thread): boolean =>
  k.domains.forDevice(t.device) === t.domain &&
  !isSetUp(k, t) &&
  k.device(t.device).group.length > 1;

/**
 * vfio_group_ioctl_unset_container: -EBUSY while a device of the group is open, whatever it is to
 * join.
 */
const unsetContainer = step('vfio_group_ioctl_unset_container', (k, t) =>
  isHeld(k, t) && k.domains.forDevice(t.device) !== t.oldIdentity ? -ERRNO.EBUSY : 0,
);

/**
 * Out of one container and into another domain; `oldIdentity` keeps which while the device is
 * nowhere.
 */
export const moveProcedure = (driver: Driver, design: Design): Node[] => [
  when(
    isJoining,
    [step('vfio_group_ioctl_get_device_fd', () => 0)],
    [
      glue((_, t) => void (t.oldIdentity = t.domain)),
      when(isSetUp, teardownProcedure(driver, design)),
      unsetContainer,
      when(
        (k, t) => !isHeld(k, t),
        [
          ...detachProcedure(design),
          endEmptyDomains,
          glue((_, t) => void (t.domain = t.oldIdentity)),
          ...attachProcedure(design),
        ],
      ),
    ],
  ),
];
