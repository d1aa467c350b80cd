/**
 * Message-based interrupts of a GICv3 distributor: GICD_SETSPI_NSR raises any SPI, GICD_CLRSPI_NSR
 * ends a level. IHI 0069H 12.9.37, 12.9.5. An alias frame has the same two registers in a page of
 * its own.
 */
import type { Distributor } from './distributor.ts';

export const SETSPI_NSR = 0x040;
export const CLRSPI_NSR = 0x048;
export const GICD_FRAME_SIZE = 0x1_0000;

export class MbiFrame {
  readonly base: number;
  private readonly distributor: Distributor;

  constructor(base: number, distributor: Distributor) {
    this.base = base;
    this.distributor = distributor;
  }

  accepts(spi: number): boolean {
    return this.distributor.has(spi);
  }

  write(offset: number, spi: number): void {
    if (offset === SETSPI_NSR) this.distributor.raise(spi);
    else this.distributor.lower(spi);
  }
}
