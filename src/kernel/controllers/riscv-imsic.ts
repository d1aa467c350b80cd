/**
 * irq-riscv-imsic-platform.c: an identity on a hart, whose page is the doorbell. The driver itself
 * writes the message of a moved interrupt and returns IRQ_SET_MASK_OK_DONE. For PCI, where the
 * identity changes too, it writes {old address, new data} first: a device that cannot be masked
 * sends either to the old hart, which looks for both.
 *
 * A new interrupt gets its identity on the hart that has most left, and is moved when it is
 * requested for another.
 *
 * It asks for no IOMMU mapping (7.3 has no iommu_dma_prepare_msi in it): the address is always
 * physical. Not modelled: the old hart's handshake, and with it EBUSY while a move is in flight.
 */
import { ERRNO } from '../../observation.ts';
import type { Kernel } from '../kernel.ts';
import { step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { composeMessage } from '../msi/activate.ts';
import { writeMessage } from '../msi/message.ts';
import type { Driver } from './driver.ts';
import { identityDriver, page, roomOn } from './percpu-doorbell.ts';

/**
 * irq_matrix_alloc: of the harts that are wanted and online the first with the most identities
 * left; -1: none has any.
 */
function roomiest(k: Kernel, t: Thread, isWanted: (cpu: number) => boolean): number {
  let [best, most] = [-1, 0];
  for (let cpu = 0; cpu < k.topology.cpus; cpu++) {
    const room = isWanted(cpu) && k.isOnline(cpu) ? roomOn(k, t.device, cpu) : 0;
    if (room > most) [best, most] = [cpu, room];
  }
  return best;
}

const driver = identityDriver('imsic_irq', {
  // imsic_vector_alloc(virq, cpu_online_mask), whatever the affinity: request_irq moves it.
  pickNew: (k, t) => roomiest(k, t, () => true),
  pickMove: (k, t) => roomiest(k, t, (cpu) => !k.hasOnline(t) || t.wants(cpu)),
  looksForBoth: true,
});

const composeTemporary = step('imsic_msi_update_msg', (k, t) => {
  const address = page(k, t.device, t.oldCpu - 1);
  t.messageHi = address / 2 ** 32;
  t.messageLo = address;
  t.messageData = k.irqs.hwirq.get(t.vector);
});

export const riscvImsicDriver: Driver = {
  ...driver,
  mapsDoorbell: false,
  startsAnywhere: true,
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
