/**
 * irq-gic-v2m.c: SPIs from the first frame with room, the frame's page as the doorbell, the SPI
 * number as data. Three chips do it in their own way: see V2mVariant.
 *
 * Kept as they are: the SPIs are not given back when iommu_dma_prepare_msi fails, and
 * release clears a power of two of bits whatever was allocated.
 */
import type { Bitmap } from '../../state/bitmap.ts';
import { FIRST_SPI } from '../../hardware/gic/distributor.ts';
import { type GicV2mFrameBlock, gravitonOffset, MSI_SETSPI_NS } from '../../hardware/gic/gicv2m.ts';
import { ERRNO } from '../../observation.ts';
import type { V2mVariant } from '../../topology/topology.ts';
import type { ChangeId } from '../changes/changes.ts';
import type { Kernel } from '../kernel.ts';
import { step } from '../procedure.ts';
import type { Driver } from './driver.ts';
import { allocateGicParent, maskSpi, routeSpi, spiSpan, unmaskSpi } from './gic-parent.ts';

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

function variantOf(k: Kernel, device: number): V2mVariant | undefined {
  const spec = k.topology.controllers[k.device(device).controller]?.spec;
  if (spec?.kind !== 'gicv2m' || spec.variant === undefined) return undefined;
  return k.on[DRIVEN[spec.variant]] ? spec.variant : undefined;
}

/** The change that taught the driver a variant; before it, it is taken for a plain frame. */
const DRIVEN = {
  'x-gene': 'v2m-x-gene',
  ns2: 'v2m-ns2',
  graviton: 'v2m-graviton',
} as const satisfies Record<V2mVariant, ChangeId>;

/** gicv2m_get_msi_addr: the frame's register; Graviton's address carries the SPI. */
function doorbellOf(variant: V2mVariant | undefined, base: number, spi: number): number {
  return variant === 'graviton' ? base + gravitonOffset(spi) : base + MSI_SETSPI_NS;
}

function doorbell(k: Kernel, vector: number): number {
  const list = frames(k, vector);
  const spi = k.irqs.hwirq.get(vector);
  const base = list[frameOf(k, vector, spi)]?.base ?? 0;
  return doorbellOf(variantOf(k, k.topology.deviceOfVector[vector] ?? -1), base, spi);
}

/** The data of a message: the SPI, or what a variant takes in its place. */
function dataOf(k: Kernel, device: number, vector: number): number {
  const spi = k.irqs.hwirq.get(vector);
  switch (variantOf(k, device)) {
    case 'x-gene':
      return spi - (frames(k, vector)[frameOf(k, vector, spi)]?.baseSpi ?? 0);
    case 'ns2':
      return spi - FIRST_SPI;
    case 'graviton':
      return 0;
    case undefined:
      return spi;
  }
}

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
  const count = spiSpan(t);
  // The address carries the SPI, so a block cannot: MULTI_PCI_MSI is taken away.
  if (count > 1 && variantOf(k, t.device) === 'graviton') return -ERRNO.ENOSPC;
  const list = frames(k, t.vector);
  for (const [f, bitmap] of bitmaps(k, t.device).entries()) {
    const base = list[f]?.baseSpi ?? 0;
    const bit = takeSpis(k, bitmap, count, base);
    if (bit < 0) continue;
    for (let i = 0; i < count; i++) k.irqs.hwirq.set(t.vector + i, base + bit + i);
    t.doorbell = doorbellOf(variantOf(k, t.device), list[f]?.base ?? 0, base + bit);
    return 0;
  }
  return -ERRNO.ENOSPC;
});

const free = step('gicv2m_irq_domain_free', (k, t) => {
  const first = k.irqs.hwirq.get(t.vector);
  const frame = frameOf(k, t.vector, first);
  const count = spiSpan(t);
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
  startsAnywhere: false,
  prepare: [],
  allocate: (prepareMsi) => [
    allocateSpis,
    ...prepareMsi,
    allocateGicParent('gicv2m_irq_gic_domain_alloc'),
  ],
  activate: [],
  compose: step('gicv2m_compose_msi_msg', (k, t) => {
    const address = doorbell(k, t.vector);
    t.messageHi = address / 2 ** 32;
    t.messageLo = address;
    t.messageData = dataOf(k, t.device, t.vector);
  }),
  unmask: unmaskSpi,
  mask: maskSpi,
  setAffinity: routeSpi,
  settle: [],
  undoAffinity: [],
  deactivate: [],
  free: [free],
  teardown: [],
  doorbells: (k, vector) => [doorbell(k, vector)],
};
