/**
 * Linux 5.2 to 6.14 (J. Grall): the page is mapped when the interrupt is allocated, where sleeping
 * is allowed, and desc->iommu_cookie points at it; compose only rewrites the address.
 */
import { step } from '../kernel/procedure.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { setDescAddress, setDescIova } from './desc-iova.ts';
import { messageAddress, setMessagePage } from './message.ts';
import { cookieGranule, getMsiPage, hasCookie } from './msi-page.ts';
import { useAfterFree } from './kernel-faults.ts';

export const linux52: Design = {
  ...NO_HOOKS,
  name: 'linux-5.2',
  prepare: [
    step('iommu_dma_prepare_msi', (k, t) => {
      const row = k.descOf(t.device, t.vector);
      const domain = k.domains.forDevice(t.device);
      if (domain < 0 || !hasCookie(k, domain)) {
        k.irqs.binding.set(row, 0);
        setDescIova(k, row, 0, 1);
        return 0;
      }
      const slot = getMsiPage(k, t.device, domain, t.doorbell);
      if (slot < 0) return slot;
      k.irqs.binding.set(row, slot + 1);
      if (k.on['msi-desc-iova'])
        setDescIova(k, row, k.bindings.iova.get(slot), cookieGranule(k, domain));
      return 0;
    }),
  ],
  compose: [
    step('iommu_dma_compose_msi_msg', (k, t) => {
      if (k.on['msi-desc-iova']) {
        setDescAddress(k, t);
        return;
      }
      const cookie = k.irqs.binding.get(k.descOf(t.device, t.vector));
      const domain = k.domains.forDevice(t.device);
      if (domain < 0 || cookie === 0) return;
      // The page went with its domain, the pointer to it did not (`msi-desc-iova` mends it).
      if (!k.bindings.isUsed(cookie - 1)) useAfterFree(k, t.device, messageAddress(t));
      setMessagePage(t, k.bindings.iova.get(cookie - 1), cookieGranule(k, domain));
    }),
  ],
  window: 'kernel',
};
