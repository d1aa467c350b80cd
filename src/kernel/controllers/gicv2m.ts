/**
 * irq-gic-v2m.c: SPIs from the first frame with room, the frame's page as the doorbell, the SPI number as
 * data.
 *
 * Kept as they are: the SPIs are not given back when iommu_dma_prepare_msi fails, and
 * release clears a power of two of bits whatever was allocated.
 */
import type { Bitmap } from '../../state/bitmap.ts';
import { MSI_SETSPI_NS, type GicV2mFrameBlock } from '../../hardware/gic/gicv2m.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { step } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { descSpan, type Driver, IRQ_SET_MASK_OK_DONE } from './driver.ts';

function frames(k: Kernel, vector: number): readonly GicV2mFrameBlock[] {
  return k.hw.v2mFrames[k.device(k.topology.deviceOfVector[vector] ?? -1).controller] ?? [];
}

function bitmaps(k: Kernel, device: number): readonly Bitmap[] {
  return k.controllers.spis[k.device(device).controller] ?? [];
}

/** Frame whose range holds a SPI. */
function frameOf(k: Kernel, vector: number, spi: number): number {
  return frames(k, vector).findIndex((frame) => frame.accepts(spi));
}

function doorbell(k: Kernel, vector: number): number {
  const list = frames(k, vector);
  return (list[frameOf(k, vector, k.irqs.hwirq.get(vector))]?.base ?? 0) + MSI_SETSPI_NS;
}

const span = (t: Thread): number => descSpan(t.mode === MSI_MODE.msi, t.count);

/** The first of `count` bits, now set, or -1. */
function takeSpis(k: Kernel, bitmap: Bitmap, count: number, baseSpi: number): number {
  const isAligned = k.on['v2m-multi-msi-alignment'];
  // bitmap_find_free_region took a power of two, aligned in the bitmap whatever SPI that is.
  const taken = isAligned ? count : 2 ** Math.ceil(Math.log2(count));
  // align_mask is count - 1, also where count is no power of two.
  const bit = bitmap.findZeroArea(taken, taken - 1, isAligned ? baseSpi : 0);
  if (bit >= 0) bitmap.set(bit, taken);
  return bit;
}

const allocateSpis = step('gicv2m_irq_domain_alloc', (k, t) => {
  const count = span(t);
  const list = frames(k, t.vector);
  for (const [f, bitmap] of bitmaps(k, t.device).entries()) {
    const base = list[f]?.baseSpi ?? 0;
    const bit = takeSpis(k, bitmap, count, base);
    if (bit < 0) continue;
    for (let i = 0; i < count; i++) k.irqs.hwirq.set(t.vector + i, base + bit + i);
    t.doorbell = (list[f]?.base ?? 0) + MSI_SETSPI_NS;
    return 0;
  }
  return -ERRNO.ENOSPC;
});

const allocateParent = step('gicv2m_irq_gic_domain_alloc', (k, t) => {
  for (let v = t.vector; v < t.vector + span(t); v++) {
    k.setOwner(k.irqs.hwirq.get(v), v);
    k.irqs.mark(v, IRQ.allocated);
  }
});

const free = step('gicv2m_irq_domain_free', (k, t) => {
  const first = k.irqs.hwirq.get(t.vector);
  const frame = frameOf(k, t.vector, first);
  const count = span(t);
  for (let v = t.vector; v < t.vector + count; v++) {
    k.clearOwner(k.irqs.hwirq.get(v));
    k.irqs.forget(v);
  }
  // bitmap_release_region(get_count_order(nr_irqs)).
  const order = Math.ceil(Math.log2(count));
  bitmaps(k, t.device)[frame]?.clear(
    first - (frames(k, t.vector)[frame]?.baseSpi ?? 0),
    2 ** order,
  );
});

export const gicV2mDriver: Driver = {
  prepare: [],
  allocate: (prepareMsi) => [allocateSpis, ...prepareMsi, allocateParent],
  activate: [],
  compose: step('gicv2m_compose_msi_msg', (k, t) => {
    const address = doorbell(k, t.vector);
    t.messageHi = address / 2 ** 32;
    t.messageLo = address;
    t.messageData = k.irqs.hwirq.get(t.vector);
  }),
  unmask: step('gic_unmask_irq', (k, t) => k.hw.distributor.enable(k.irqs.hwirq.get(t.vector))),
  mask: step('gic_mask_irq', (k, t) => k.hw.distributor.disable(k.irqs.hwirq.get(t.vector))),
  setAffinity: [
    step('gic_set_affinity', (k, t) => {
      // cpumask_any_and(mask, cpu_online_mask): the first one.
      let cpu = 0;
      while (cpu < k.topology.cpus && !t.wants(cpu)) cpu++;
      if (cpu === k.topology.cpus) return -ERRNO.EINVAL;
      k.hw.distributor.route(k.irqs.hwirq.get(t.vector), cpu);
      k.irqs.cpu.set(t.vector, cpu);
      t.chipReturn = IRQ_SET_MASK_OK_DONE;
      return 0;
    }),
  ],
  settle: [],
  undoAffinity: [],
  deactivate: [],
  free: [free],
  teardown: [],
  doorbells: (k, vector) => [doorbell(k, vector)],
};
