/**
 * A GICv2m MSI frame: a 4K page whose MSI_SETSPI_NS register raises an SPI. Arm BSA appendix
 * "GICv2m architecture", irq-gic-v2m.c. An SPI outside the frame's range is ignored.
 */
import type { Distributor } from './distributor.ts';

export const MSI_SETSPI_NS = 0x040;
export const V2M_FRAME_SIZE = 0x1000;

export class GicV2mFrameBlock {
  readonly base: number;
  readonly baseSpi: number;
  readonly count: number;
  private readonly distributor: Distributor;

  constructor(frame: { base: number; baseSpi: number; count: number }, distributor: Distributor) {
    this.base = frame.base;
    this.baseSpi = frame.baseSpi;
    this.count = frame.count;
    this.distributor = distributor;
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
