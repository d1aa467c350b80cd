/**
 * Linux 4.9 to 5.1, "iommu/dma: Add support for mapping MSIs" (R. Murphy): the first compose of a
 * page maps it. No domain or no cookie: the message is left alone. A failure cannot be returned
 * from compose, so the message is made all ones.
 */
import { step } from '../kernel/procedure.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { sleepInAtomic } from './kernel-faults.ts';
import { messageAddress, setMessagePage } from './message.ts';
import { cookieGranule, getMsiPage, hasCookie } from './msi-page.ts';

const ALL_ONES = 0xffff_ffff;

export const linux49: Design = {
  ...NO_HOOKS,
  name: 'linux-4.9',
  compose: [
    step('iommu_dma_map_msi_msg', (k, t) => {
      const domain = k.domains.forDevice(t.device);
      if (domain < 0 || !hasCookie(k, domain)) return;
      // Compose runs under the raw irq_desc lock; the cookie's lock sleeps on PREEMPT_RT.
      if (k.config.preemptRt) sleepInAtomic(k, t.device, messageAddress(t));
      const slot = getMsiPage(k, t.device, domain, messageAddress(t));
      if (slot >= 0) {
        setMessagePage(t, k.bindings.iova.get(slot), cookieGranule(k, domain));
        return;
      }
      t.messageHi = ALL_ONES;
      t.messageLo = ALL_ONES;
      t.messageData = ALL_ONES;
    }),
  ],
  window: 'kernel',
};
