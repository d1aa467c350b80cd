/**
 * What a spec can ask a machine to do. The same union drives the model, a booted kernel and the
 * explorer. Plain data; names are those of the topology.
 */

export interface VectorName {
  readonly device: string;
  /** Index within the device: MSI-X entry, MSI number, platform MSI index. */
  readonly index: number;
}

export interface VcpuName {
  readonly guest: string;
  readonly index: number;
}

/** IOMMU_READ and IOMMU_WRITE. */
export interface Protection {
  readonly read: boolean;
  readonly write: boolean;
}

export type Operation =
  /** iommu_attach_device(domain, device). */
  | { readonly op: 'attach'; readonly device: string; readonly domain: string }
  /**
   * Back to the group's default DMA domain, as when VFIO lets go of a device. `only`: one of the
   * two descriptors by which a device of a container is held is closed, before the other, which a
   * later detach closes.
   */
  | { readonly op: 'detach'; readonly device: string; readonly only?: 'device' | 'group' }
  /**
   * pci_alloc_irq_vectors (or platform_device_msi_init_and_alloc_irqs) and request_irq on each.
   * `cpus` is the default affinity of the new interrupts: all CPUs when left out. `capability` is
   * compulsory only in effect: a device with both MSI and MSI-X uses MSI-X unless told.
   */
  | {
      readonly op: 'setup';
      readonly device: string;
      readonly vectors: number;
      /**
       * The first that is requested (0 if left out): those before it are allocated all the same.
       * VFIO_DEVICE_SET_IRQS has it.
       */
      readonly start?: number;
      readonly cpus?: readonly number[];
      readonly capability?: 'msi' | 'msi-x';
      /**
       * PCI_IRQ_AFFINITY: the kernel spreads the vectors over CPUs and keeps user space from moving
       * them.
       */
      readonly managed?: boolean;
    }
  /** irq_set_affinity. */
  | { readonly op: 'affinity'; readonly vector: VectorName; readonly cpus: readonly number[] }
  /** irq_chip.irq_mask / irq_unmask down the hierarchy. */
  | { readonly op: 'mask'; readonly vector: VectorName }
  | { readonly op: 'unmask'; readonly vector: VectorName }
  /** The device raises the vector's condition, `times` times. */
  | { readonly op: 'fire'; readonly vector: VectorName; readonly times: number }
  /** The condition of a level-triggered MSI ends: the device writes the second message. */
  | { readonly op: 'release'; readonly vector: VectorName }
  /**
   * Function-level reset that the kernel's MSI code is not told of: message registers, masks and
   * enable bits are as after power-on. `memory`: whether memory decoding is on when the state is
   * restored.
   */
  | { readonly op: 'reset'; readonly device: string; readonly memory: boolean }
  /**
   * Somebody writes the device's message registers past the kernel: a VMM or a guest that reaches
   * the MSI-X table or configuration space, a broken driver. What is left out stays.
   */
  | {
      readonly op: 'write-message';
      readonly vector: VectorName;
      readonly address?: bigint;
      readonly data?: number;
    }
  /** To D3: the device loses its registers, and messages are not written, only remembered. */
  | { readonly op: 'suspend'; readonly device: string }
  /** pci_restore_msi_state, after a reset or a suspend. */
  | { readonly op: 'restore'; readonly device: string }
  /**
   * The driver is unbound and the device removed; a device that is plugged in again is new to the
   * kernel.
   */
  | { readonly op: 'unplug'; readonly device: string }
  | { readonly op: 'plug'; readonly device: string }
  /** A write to /sys/devices/system/cpu/cpuN/online. */
  | { readonly op: 'cpu-offline'; readonly cpu: number }
  | { readonly op: 'cpu-online'; readonly cpu: number }
  /**
   * irq_set_vcpu_affinity(MAP_VLPI), as kvm_vgic_v4_set_forwarding: the interrupt becomes the
   * guest's LPI `intid`, at the vCPU. Where it is forwarded already, it moves to the vCPU.
   */
  | {
      readonly op: 'forward';
      readonly vector: VectorName;
      readonly vcpu: VcpuName;
      readonly intid: number;
    }
  /** irq_set_vcpu_affinity(NULL): the interrupt is the host's again. */
  | { readonly op: 'unforward'; readonly vector: VectorName }
  /**
   * The vCPU's thread runs on another CPU: its_make_vpe_resident's irq_set_affinity of the vPE's
   * doorbell.
   */
  | { readonly op: 'move-vcpu'; readonly vcpu: VcpuName; readonly cpu: number }
  /** vgic_v4_teardown: the guest's vPEs are no more. */
  | { readonly op: 'end-guest'; readonly guest: string }
  /** free_irq and pci_free_irq_vectors; with `vector`, free_irq of that one alone. */
  | { readonly op: 'teardown'; readonly device: string; readonly index?: number }
  /**
   * iommu_map / iommu_unmap by user space (VFIO_IOMMU_MAP_DMA). 64-bit values are bigint, exact.
   */
  | {
      readonly op: 'map';
      readonly domain: string;
      readonly iova: bigint;
      readonly pa: bigint;
      readonly size: bigint;
      readonly prot: Protection;
    }
  | { readonly op: 'unmap'; readonly domain: string; readonly iova: bigint; readonly size: bigint }
  /** iommu_alloc_reserved_iova_domain / iommu_free_reserved_iova_domain. */
  | {
      readonly op: 'register-window';
      readonly domain: string;
      readonly base: bigint;
      readonly size: bigint;
    }
  | { readonly op: 'free-window'; readonly domain: string }
  /**
   * The flush queue of a lazy domain of the DMA API is emptied: its timer ran out, or it was full.
   */
  | { readonly op: 'flush'; readonly domain: string }
  /** iommu_domain_free. */
  | { readonly op: 'free-domain'; readonly domain: string }
  /**
   * A 32-bit write by the device that is not an MSI of its own: the control for faults of plain
   * mappings, and what a device may send to a doorbell that is another's.
   */
  | {
      readonly op: 'dma-write';
      readonly device: string;
      readonly address: bigint;
      readonly data: number;
    };

export type OperationName = Operation['op'];
