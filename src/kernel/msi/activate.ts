/**
 * irq_domain_activate_irq and irq_domain_deactivate_irq: the parent is activated before the message
 * is written, and deactivated after it was zeroed. kernel/irq/irqdomain.c, kernel/irq/msi.c.
 */
import type { Design } from '../../designs/design.ts';
import type { Driver } from '../controllers/driver.ts';
import { IRQ } from '../irqs.ts';
import { attempt, glue, type Node, when } from '../procedure.ts';
import { writeMessage, zeroMessage } from './message.ts';

/** irq_chip_compose_msi_msg, with the design's part. */
export const composeMessage = (driver: Driver, design: Design): Node[] => [
  driver.compose,
  ...design.compose,
];

/**
 * Once per interrupt: IRQD_ACTIVATED keeps it from being repeated at request_irq (`activate-once`).
 */
export function activate(driver: Driver, design: Design): Node {
  return when(
    (k, t) => !k.irqs.is(t.vector, IRQ.activated) || !k.on['activate-once'],
    [
      ...driver.activate,
      // __irq_domain_activate_irq deactivates the parent when the child fails.
      attempt([...composeMessage(driver, design)], [...driver.deactivate]),
      ...writeMessage(design),
      glue((k, t) => k.irqs.mark(t.vector, IRQ.activated)),
    ],
  );
}

export function deactivate(driver: Driver, design: Design): Node {
  return when(
    (k, t) => k.irqs.is(t.vector, IRQ.activated),
    [
      zeroMessage,
      ...writeMessage(design),
      ...driver.deactivate,
      glue((k, t) => k.irqs.unmark(t.vector, IRQ.activated)),
    ],
  );
}
