/**
 * Which QEMU device has to stand for each device of a case, by what is asked of it, and what none
 * of them can be at once.
 */
import type { Device } from '../../../src/topology/topology.ts';

export type Recipe = 'rocker' | 'e1000e' | 'edu' | 'xhci';

export const E1000E_VECTORS = 3;
/**
 * Transmit. The driver's watchdog raises the receive vector every two seconds
 * (e1000_watchdog_task).
 */
export const E1000E_QUIET = 1;
const E1000E_VFIO_VECTORS = 5;

export class QemuNeeds {
  private readonly driver = new Set<string>();
  private readonly dma = new Set<string>();
  /**
   * Taken out of the slot of a root port: QEMU 7.2 aborts in rocker's exit (msix_vector_unuse after
   * msix_uninit).
   */
  private readonly takenOut = new Set<string>();
  private readonly mostVfioVectors = new Map<string, number>();

  /**
   * The kernel's own driver sets up its vectors. Here and below: why it cannot be, or undefined.
   */
  addDriver(name: string): string | undefined {
    this.driver.add(name);
    return this.conflict(name);
  }

  addDma(name: string): string | undefined {
    this.dma.add(name);
    return this.conflict(name);
  }

  addVfioVectors(name: string, vectors: number): string | undefined {
    this.mostVfioVectors.set(name, Math.max(vectors, this.mostVfioVectors.get(name) ?? 0));
    return this.conflict(name);
  }

  /** A device on bus 0 is only forgotten by the kernel. */
  takeOut(name: string, spec: Device): string | undefined {
    if (spec.bus === 'pci' && spec.requesterId >= 0x100) this.takenOut.add(name);
    return this.conflict(name);
  }

  isTakenOut(name: string): boolean {
    return this.takenOut.has(name);
  }

  hasDriver(name: string): boolean {
    return this.driver.has(name);
  }

  recipe(name: string, spec: Device): Recipe {
    if (this.driver.has(name)) return 'e1000e';
    if (spec.bus === 'pci' && spec.msi !== undefined) return spec.msi.vectors > 1 ? 'xhci' : 'edu';
    return this.takenOut.has(name) ? 'e1000e' : 'rocker';
  }

  private conflict(name: string): string | undefined {
    const why = this.driver.has(name)
      ? "e1000e's driver"
      : this.takenOut.has(name)
        ? 'to be taken out of its slot (so it is an e1000e; QEMU cannot take a rocker out)'
        : undefined;
    if (why === undefined) return undefined;
    if (this.dma.has(name)) return `${name} needs ${why} and rocker's DMA engine`;
    if ((this.mostVfioVectors.get(name) ?? 0) > E1000E_VFIO_VECTORS)
      return `${name} needs ${why} and more than an e1000e's ${E1000E_VFIO_VECTORS} vectors`;
    return undefined;
  }
}
