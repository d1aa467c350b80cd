/**
 * What the review proposes first: the hook in irq_compose_msi_msg, which serves PCI and platform
 * devices alike. Compose is not called on teardown, so nothing ever drops a reference. Never
 * merged; bindings and window are those of the RFC.
 */
import { PROT } from '../hardware/smmu/page-table.ts';
import { step } from '../kernel/procedure.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { messageAddress, setMessageAddress } from './message.ts';
import { getSingleReserved, heldByMessages } from './reserved-iova.ts';

export const compose: Design = {
  ...NO_HOOKS,
  name: 'compose',
  compose: [
    step('iommu_get_single_reserved', (k, t) => {
      if (k.domains.forDevice(t.device) < 0) return;
      const iova = getSingleReserved(k, t.device, t.vector, messageAddress(t), PROT.WRITE);
      // irq_compose_msi_msg returns nothing: the PA stays in the message.
      if (iova >= 0) setMessageAddress(t, iova);
    }),
  ],
  held: heldByMessages,
  window: 'user',
};
