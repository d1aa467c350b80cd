/**
 * irq_set_affinity: msi_domain_set_affinity calls the parent, and composes and writes the message
 * again only when that returned IRQ_SET_MASK_OK. kernel/irq/msi.c, kernel/irq/manage.c.
 */
import type { Design } from '../../designs/design.ts';
import { type Driver, IRQ_SET_MASK_OK } from '../controllers/driver.ts';
import { IRQ } from '../irqs.ts';
import { irqDescLock } from '../locks.ts';
import { attempt, glue, locked, type Node, step, when } from '../procedure.ts';
import { ERRNO } from '../../observation.ts';
import { composeMessage } from './activate.ts';
import { writeMessage } from './message.ts';

/**
 * The driver's own writes; where a design refuses one of them, the old message again, of which a
 * part may be gone.
 */
const updateOrBack = (driver: Driver, update: readonly Node[], design: Design): Node =>
  attempt(update, [
    ...driver.undoAffinity,
    ...composeMessage(driver, design),
    ...writeMessage(design),
  ]);

/** msi_domain_set_affinity to t's mask. */
export function setAffinity(driver: Driver, design: Design): Node[] {
  return [
    ...driver.setAffinity,
    ...(driver.update ? [updateOrBack(driver, driver.update(design), design)] : []),
    when(
      (_, t) => t.chipReturn === IRQ_SET_MASK_OK,
      [
        attempt([...composeMessage(driver, design)], [...driver.undoAffinity]),
        ...writeMessage(design),
      ],
    ),
    ...driver.settle,
    glue((k, t) => k.irqs.setAffinity(t.vector, (w) => t.maskWord(w))),
  ];
}

/** A write to /proc/irq/N/smp_affinity. -EINVAL for an interrupt that is not allocated. */
export function affinityProcedure(driver: Driver, design: Design): Node[] {
  const change = [
    step('irq_set_affinity', (k, t) => {
      if (!k.irqs.is(t.vector, IRQ.allocated)) return -ERRNO.EINVAL;
      // irq_can_set_affinity_usr: seen as EIO on 6.1 and EPERM on 6.12.
      if (k.irqs.is(t.vector, IRQ.managed) || driver.hasNoAffinity?.(k) === true)
        return k.on['proc-affinity-eperm'] ? -ERRNO.EPERM : -ERRNO.EIO;
      return k.hasOnline(t) ? 0 : -ERRNO.EINVAL;
    }),
    when(
      (k, t) => k.domains.isContainer(k.domains.forDevice(t.device)),
      [glue((k, t) => k.irqs.mark(t.vector, IRQ.placed))],
    ),
    when(
      (k, t) => k.irqs.is(t.vector, IRQ.activated) || !k.on['affinity-on-activate'],
      setAffinity(driver, design),
      // AFFINITY_ON_ACTIVATE: only stored, the chip is not asked.
      [glue((k, t) => k.irqs.setAffinity(t.vector, (w) => t.maskWord(w)))],
    ),
  ];
  return [locked(irqDescLock, change)];
}
