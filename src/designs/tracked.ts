/**
 * What the review asks for: the message that is programmed in each device is what holds a
 * reference. A new message takes one on its doorbell's page before it is written, and the old
 * message's is dropped after the device no longer holds it; teardown is a message without a
 * doorbell. Ours, never merged: the reference against which the others are compared. It serves PCI
 * and platform devices, windows and DMA domains, one doorbell or one per CPU, and reports a failure
 * to its caller.
 */
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import { WINDOW } from '../kernel/domains.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { groupMutex } from '../kernel/locks.ts';
import { glue, locked, step, when } from '../kernel/procedure.ts';
import type { Thread } from '../kernel/thread.ts';
import { ERRNO } from '../observation.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { messageAddress, pageBase, setMessagePage } from './message.ts';
import { allocDmaIova, MSI_PAGE_PROT } from './msi-page.ts';

/** Domain that translates the device's writes, or -1: then the PA is right as it is. */
function translating(k: Kernel, device: number): number {
  const domain = k.domains.paging(k.domains.forDevice(device));
  return domain >= 0 && k.domains.isPaging(domain) ? domain : -1;
}

/** One message of an msi_desc: of a multi-vector MSI only the first vector's is written. */
const isLeader = (k: Kernel, t: Thread): boolean => k.descOf(t.device, t.vector) === t.vector;

function allocate(k: Kernel, device: number, domain: number, size: number): number {
  if (k.domains.spec(domain).spec.kind === 'dma') {
    return allocDmaIova(k, device, domain);
  }
  if (k.domains.window.get(domain) !== WINDOW.valid) return -1;
  const base = k.domains.windowBase.get(domain);
  const end = base + k.domains.windowSize.get(domain);
  // A window that was set up before the tables may be aligned to a smaller page than theirs.
  for (let iova = Math.ceil(base / size) * size; iova + size <= end; iova += size) {
    if (k.bindings.findIova(domain, iova) < 0) return iova;
  }
  return -1;
}

const get = step('msi_track_get', (k, t) => {
  const domain = translating(k, t.device);
  if (domain < 0) return 0;
  const size = k.domains.granule(domain);
  const page = pageBase(messageAddress(t), size);
  let slot = k.bindings.find(domain, page);
  // What another vector than the first composes is written nowhere. Where the first has no message
  // (its CPU is offline, and the interrupt managed), nobody would hold the page.
  if (slot < 0 && !isLeader(k, t)) return 0;
  if (slot < 0) {
    const iova = allocate(k, t.device, domain, size);
    if (iova < 0) return -ERRNO.ENOMEM;
    const error = k.domains.map(domain, iova, page, size, MSI_PAGE_PROT);
    if (error < 0) return error;
    slot = k.bindings.insert(domain, page, iova);
  }
  setMessagePage(t, k.bindings.iova.get(slot), size);
  if (isLeader(k, t)) {
    k.bindings.count(slot, 1, t.vector);
    t.taken = slot + 1;
  }
  return 0;
});

export const putOld = step('msi_track_put', (k, t) => {
  // As xchg() would take it: an affinity change meets the undoing of a set-up that failed, which
  // holds no irq_desc.lock.
  const slot = k.irqs.binding.get(t.vector) - 1;
  if (slot < 0) return;
  k.irqs.binding.set(t.vector, 0);
  if (k.bindings.count(slot, -1, t.vector) > 0) return;
  const domain = k.bindings.domainOf(slot);
  k.domains.unmap(domain, k.bindings.iova.get(slot), k.domains.granule(domain));
  k.bindings.remove(slot);
});

/**
 * A programmed message is right for one domain only, also where it carries a physical address
 * because nothing translates: the device, or any of its group, cannot be moved from when its
 * descriptors are made until they are freed.
 */
const refuseLiveMove = step('msi_track_may_move', (k, t) =>
  k.device(t.device).group.every((member) => k.msiMode.get(member) === MSI_MODE.off)
    ? 0
    : -ERRNO.EBUSY,
);

/**
 * Waits for a move that had already asked, which then comes before the first message. Where
 * messages are composed nobody may sleep, so it is here, at allocation (the explorer found the move
 * in between).
 */
const waitForMove = locked(groupMutex, [step('msi_track_prepare', () => 0)]);

/** The message that is being replaced holds a reference. */
export const holdsOld = (k: Kernel, t: Thread): boolean =>
  isLeader(k, t) && k.irqs.binding.get(t.vector) > 0;

/** The message that was written holds the reference that was taken for it. */
export function remember(k: Kernel, t: Thread): void {
  if (isLeader(k, t)) k.irqs.binding.set(t.vector, t.taken);
  t.taken = 0;
}

export const tracked: Design = {
  ...NO_HOOKS,
  name: 'tracked',
  prepare: [waitForMove],
  compose: [get],
  afterWrite: [when(holdsOld, [putOld]), glue(remember)],
  beforeAttach: [refuseLiveMove],
  held: (k, _, slot) => {
    let held = 0;
    for (let vector = 0; vector < k.topology.vectors; vector++) {
      if (k.irqs.binding.get(vector) === slot + 1) held++;
    }
    return held;
  },
  window: 'user',
  everyController: true,
};
