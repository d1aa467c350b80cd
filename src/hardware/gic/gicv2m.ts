/**
 * A GICv2m MSI frame: a 4K page whose MSI_SETSPI_NS register raises an SPI. Arm BSA appendix
 * "GICv2m architecture", irq-gic-v2m.c. An SPI outside the frame's range is ignored.
 */
import type { V2mVariant } from '../../topology/topology.ts';
import { type Distributor, FIRST_SPI } from './distributor.ts';

export const MSI_SETSPI_NS = 0x040;
const V2M_FRAME_SIZE = 0x1000;
/** Graviton's frame: a doorbell of eight bytes for each SPI from INTID 32 on. */
const GRAVITON_FRAME_SIZE = 0x2000;
export const gravitonOffset = (spi: number): number => (spi - FIRST_SPI) << 3;

export class GicV2mFrameBlock {
  readonly base: number;
  readonly baseSpi: number;
  readonly count: number;
  readonly variant: V2mVariant | undefined;
  private readonly distributor: Distributor;

  constructor(
    frame: { base: number; baseSpi: number; count: number },
    distributor: Distributor,
    variant?: V2mVariant,
  ) {
    this.base = frame.base;
    this.baseSpi = frame.baseSpi;
    this.count = frame.count;
    this.distributor = distributor;
    this.variant = variant;
  }

  get size(): number {
    return this.variant === 'graviton' ? GRAVITON_FRAME_SIZE : V2M_FRAME_SIZE;
  }

  /** The SPI that a write of `data` at an offset means, or -1 where there is no doorbell. */
  spiOf(offset: number, data: number): number {
    if (this.variant === 'graviton') return offset % 8 === 0 ? FIRST_SPI + offset / 8 : -1;
    if (offset !== MSI_SETSPI_NS) return -1;
    if (this.variant === 'x-gene') return this.baseSpi + data;
    return this.variant === 'ns2' ? FIRST_SPI + data : data;
  }

  /** Whether the frame raises this SPI. */
  accepts(spi: number): boolean {
    return spi >= this.baseSpi && spi < this.baseSpi + this.count;
  }

  write(spi: number): boolean {
    if (!this.accepts(spi)) return false;
    this.distributor.raise(spi);
    return true;
  }
}
