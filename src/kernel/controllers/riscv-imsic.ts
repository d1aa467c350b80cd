/**
 * irq-riscv-imsic-platform.c: an identity on a hart, whose page is the doorbell. The driver itself writes the message
 * of a moved interrupt and returns IRQ_SET_MASK_OK_DONE. For PCI, where the identity changes too, it writes
 * {old address, new data} first: a device that cannot be masked sends either to the old hart, which looks for both.
 *
 * It asks for no IOMMU mapping (7.3 has no iommu_dma_prepare_msi in it): the address is always physical. Not modelled:
 * the old hart's handshake, and with it EBUSY while a move is in flight.
 */
import { ERRNO } from '../../observation.ts';
import { step, when } from '../procedure.ts';
import { composeMessage } from '../msi/activate.ts';
import { writeMessage } from '../msi/message.ts';
import type { Driver } from './driver.ts';
import { identityDriver, page } from './percpu-doorbell.ts';

const driver = identityDriver('imsic_irq', true);

const composeTemporary = step('imsic_msi_update_msg', (k, t) => {
  const address = page(k, t.device, t.oldCpu - 1);
  t.messageHi = address / 2 ** 32;
  t.messageLo = address;
  t.messageData = k.irqs.hwirq.get(t.vector);
});

export const riscvImsicDriver: Driver = {
  ...driver,
  mapsDoorbell: false,
  prepare: [step('imsic_irqdomain_init', (k) => (k.on['imsic-driver'] ? 0 : -ERRNO.EINVAL))],
  allocate: () => driver.allocate([]),
  update: (design) => [
    when(
      (_, t) => t.oldCpu > 0,
      [
        when(
          (k, t) => k.isPci(t.device) && k.irqs.hwirq.get(t.vector) !== t.oldIdentity,
          [composeTemporary, ...design.compose, ...writeMessage(design)],
        ),
        ...composeMessage(riscvImsicDriver, design),
        ...writeMessage(design),
      ],
    ),
  ],
};
