/**
 * What GICv2m and MBI leave to their parent, the GIC distributor: mask, unmask and target of an
 * SPI. irq-gic.c, irq-gic-v3.c.
 */
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import { IRQ } from '../irqs.ts';
import { step } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { descSpan, type Driver, IRQ_SET_MASK_OK_DONE } from './driver.ts';

/** SPIs of the descriptor that t.vector is the first of. */
export const spiSpan = (t: Thread): number => descSpan(t.mode === MSI_MODE.msi, t.count);

/** irq_domain_alloc_irqs_parent, under the name that the driver has for it. */
export const allocateGicParent = (name: string): ReturnType<typeof step> =>
  step(name, (k, t) => {
    for (let v = t.vector; v < t.vector + spiSpan(t); v++) {
      k.setOwner(k.irqs.hwirq.get(v), v);
      k.irqs.mark(v, IRQ.allocated);
    }
  });

export const unmaskSpi: Driver['unmask'] = step('gic_unmask_irq', (k, t) =>
  k.hw.distributor.enable(k.irqs.hwirq.get(t.vector)),
);

export const maskSpi: Driver['mask'] = step('gic_mask_irq', (k, t) =>
  k.hw.distributor.disable(k.irqs.hwirq.get(t.vector)),
);

export const routeSpi: Driver['setAffinity'] = [
  step('gic_set_affinity', (k, t) => {
    // cpumask_any_and(mask, cpu_online_mask): the first one.
    const cpu = k.firstTarget(t);
    if (cpu < 0) return -ERRNO.EINVAL;
    k.hw.distributor.route(k.irqs.hwirq.get(t.vector), cpu);
    k.irqs.cpu.set(t.vector, cpu);
    t.chipReturn = IRQ_SET_MASK_OK_DONE;
    return 0;
  }),
];
