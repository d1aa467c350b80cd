/**
 * irq-gic-v3-mbi.c: SPIs from the mbi-ranges, the distributor's page (or the alias frame's) as the
 * doorbell, the SPI number as data. A level-triggered platform MSI has a second message,
 * GICD_CLRSPI_NSR, eight bytes above the first in the same page.
 *
 * Kept as they are: a block is aligned in its range, not as an SPI number; the SPIs are not given
 * back when iommu_dma_prepare_msi fails; only the page of SETSPI is prepared.
 */
import { SETSPI_NSR } from '../../hardware/gic/mbi.ts';
import { ERRNO } from '../../observation.ts';
import type { GicV3Mbi } from '../../topology/topology.ts';
import type { Kernel } from '../kernel.ts';
import { step } from '../procedure.ts';
import type { Driver } from './driver.ts';
import { allocateGicParent, maskSpi, routeSpi, spiSpan, unmaskSpi } from './gic-parent.ts';

function specOf(k: Kernel, device: number): GicV3Mbi {
  const spec = k.topology.controllers[k.device(device).controller]?.spec;
  if (spec?.kind !== 'gicv3-mbi') throw new Error('IMPOSSIBLE: the controller is no MBI');
  return spec;
}

const doorbell = (k: Kernel, device: number): number => {
  const { base, alias } = specOf(k, device);
  return (alias ?? base) + SETSPI_NSR;
};

const order = (count: number): number => 2 ** Math.ceil(Math.log2(count));

const isLevel = (k: Kernel, device: number): boolean => {
  const { spec } = k.device(device);
  return spec.bus === 'platform' && spec.level === true;
};

const allocateSpis = step('mbi_irq_domain_alloc', (k, t) => {
  const count = spiSpan(t);
  const bitmaps = k.controllers.spis[k.device(t.device).controller] ?? [];
  for (const [r, { baseSpi }] of specOf(k, t.device).ranges.entries()) {
    const bit = bitmaps[r]?.findZeroArea(order(count), order(count) - 1) ?? -1;
    if (bit < 0) continue;
    bitmaps[r]?.set(bit, order(count));
    for (let i = 0; i < count; i++) {
      k.irqs.hwirq.set(t.vector + i, baseSpi + bit + i);
      k.hw.distributor.setLevel(baseSpi + bit + i, isLevel(k, t.device));
    }
    t.doorbell = doorbell(k, t.device);
    return 0;
  }
  return -ERRNO.ENOSPC;
});

const free = step('mbi_irq_domain_free', (k, t) => {
  const first = k.irqs.hwirq.get(t.vector);
  const ranges = specOf(k, t.device).ranges;
  const range = ranges.findIndex(
    ({ baseSpi, count }) => first >= baseSpi && first < baseSpi + count,
  );
  const count = spiSpan(t);
  for (let v = t.vector; v < t.vector + count; v++) {
    k.hw.distributor.setLevel(k.irqs.hwirq.get(v), false);
    k.clearOwner(k.irqs.hwirq.get(v));
    k.irqs.forget(v);
  }
  const bitmap = k.controllers.spis[k.device(t.device).controller]?.[range];
  bitmap?.clear(first - (ranges[range]?.baseSpi ?? 0), order(count));
});

/** Up to 4.17 no driver made an MSI domain of the ranges. */
const findDomain = step('mbi_allocate_domains', (k) => (k.on['mbi-driver'] ? 0 : -ERRNO.EINVAL));

export const gicV3MbiDriver: Driver = {
  startsAnywhere: false,
  prepare: [findDomain],
  allocate: (prepareMsi) => [
    allocateSpis,
    ...prepareMsi,
    allocateGicParent('mbi_irq_gic_domain_alloc'),
  ],
  activate: [],
  compose: step('mbi_compose_msi_msg', (k, t) => {
    const address = doorbell(k, t.device);
    t.messageHi = address / 2 ** 32;
    t.messageLo = address;
    t.messageData = k.irqs.hwirq.get(t.vector);
  }),
  unmask: unmaskSpi,
  mask: maskSpi,
  setAffinity: routeSpi,
  settle: [],
  undoAffinity: [],
  deactivate: [],
  free: [free],
  teardown: [],
  doorbells: (k, vector) => [doorbell(k, k.topology.deviceOfVector[vector] ?? -1)],
};
