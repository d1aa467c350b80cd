/**
 * The MSI controller inside a PCI host bridge, as pcie-designware-host.c drives it; the drivers of
 * other bridges (MediaTek, Tegra, R-Car, Aardvark, Broadcom, Xilinx) differ in how they come by the
 * address and in how many messages there are. The bridge compares the address of each write from
 * below with a register and keeps those that match, so that no IOMMU sees them: nothing is mapped,
 * and the message is the same for the IOMMU's every domain.
 *
 * A chained handler reads the status register and has one parent interrupt, which is why
 * `dw_pci_msi_set_affinity` refuses every CPU; since 6.12 there is none (MSI_FLAG_NO_AFFINITY).
 * irq_startup goes on when it fails. Not modelled: the parent follows no CPU that goes offline.
 */
import type { InBridgeMsi } from '../../hardware/msi/in-bridge.ts';
import { ERRNO } from '../../observation.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { glue, step, when } from '../procedure.ts';
import { type Driver, IRQ_SET_MASK_OK_DONE } from './driver.ts';
import { spiSpan } from './gic-parent.ts';

function block(k: Kernel, device: number): InBridgeMsi {
  const found = k.hw.inBridge[k.device(device).controller];
  if (found === undefined) throw new Error('IMPOSSIBLE: the controller is in no bridge');
  return found;
}

/** bitmap_find_free_region: a power of two, aligned to itself. */
const order = (count: number): number => 2 ** Math.ceil(Math.log2(count));

const allocate = step('dw_pcie_irq_domain_alloc', (k, t) => {
  const { controller } = k.device(t.device);
  const count = spiSpan(t);
  const map = k.controllers.identities[controller]?.[0];
  const bit = map?.findZeroArea(order(count), order(count) - 1) ?? -1;
  if (bit < 0) return -ERRNO.ENOSPC;
  map?.set(bit, order(count));
  for (let i = 0; i < count; i++) {
    k.irqs.cpu.set(t.vector + i, 0);
    k.irqs.hwirq.set(t.vector + i, bit + i);
    k.controllers.setIdentityOwner(controller, 0, bit + i, t.vector + i);
    k.irqs.mark(t.vector + i, IRQ.allocated);
  }
  return 0;
});

const free = step('dw_pcie_irq_domain_free', (k, t) => {
  const { controller } = k.device(t.device);
  const count = spiSpan(t);
  const first = k.irqs.hwirq.get(t.vector);
  for (let v = t.vector; v < t.vector + count; v++) {
    const message = k.irqs.hwirq.get(v);
    block(k, t.device).setEnabled(message, false);
    block(k, t.device).clearPending(message);
    k.controllers.setIdentityOwner(controller, 0, message, -1);
    k.irqs.forget(v);
  }
  k.controllers.identities[controller]?.[0]?.clear(first, order(count));
});

export const inBridgeDriver: Driver = {
  mapsDoorbell: 'none',
  startsAnywhere: false,
  prepare: [],
  allocate: () => [allocate],
  activate: [],
  compose: step('dw_pci_setup_msi_msg', (k, t) => {
    const { base } = block(k, t.device);
    t.messageHi = base / 2 ** 32;
    t.messageLo = base;
    t.messageData = k.irqs.hwirq.get(t.vector);
  }),
  unmask: step('dw_pci_bottom_unmask', (k, t) =>
    block(k, t.device).setEnabled(k.irqs.hwirq.get(t.vector), true),
  ),
  mask: step('dw_pci_bottom_mask', (k, t) =>
    block(k, t.device).setEnabled(k.irqs.hwirq.get(t.vector), false),
  ),
  hasNoAffinity: (k) => k.on['bridge-no-affinity'],
  setAffinity: [
    glue((_, t) => void (t.chipReturn = IRQ_SET_MASK_OK_DONE)),
    when(
      (k) => !k.on['bridge-no-affinity'],
      [
        step('dw_pci_msi_set_affinity', (k, t) =>
          k.irqs.is(t.vector, IRQ.started) ? -ERRNO.EINVAL : 0,
        ),
      ],
    ),
  ],
  settle: [],
  undoAffinity: [],
  deactivate: [],
  free: [free],
  teardown: [],
  // What an IOMMU would have to map: nothing. The write never comes to one.
  doorbells: () => [],
};
