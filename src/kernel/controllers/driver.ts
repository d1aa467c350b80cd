/**
 * What an irqchip driver does at each call of the irq domain and irq_chip operations, as step
 * lists. The MSI core's procedures put them together with a design's hooks.
 */
import type { Design } from '../../designs/design.ts';
import type { Kernel } from '../kernel.ts';
import type { Node } from '../procedure.ts';

export interface Driver {
  /** msi_domain_ops.msi_prepare, once per device. */
  readonly prepare: readonly Node[];
  /**
   * irq_domain_ops.alloc for one msi_desc: t.vector is its first vector. `prepareMsi` is the
   * design's part (iommu_dma_prepare_msi and the like), which finds the doorbell in t.doorbell.
   */
  allocate(prepareMsi: readonly Node[]): readonly Node[];
  /** irq_domain_ops.activate, before the child's message is written. */
  readonly activate: readonly Node[];
  /** irq_compose_msi_msg: the message with the doorbell's physical address. */
  readonly compose: Node;
  /** irq_startup's unmask at the controller, and its irq_mask. */
  readonly unmask: Node;
  readonly mask: Node;
  /** irq_set_affinity to t's mask: sets t.chipReturn. */
  readonly setAffinity: readonly Node[];
  /** What a driver that writes messages itself does before it returns from irq_set_affinity. */
  update?(design: Design): readonly Node[];
  /**
   * irq_set_vcpu_affinity with a mapping and without one; a controller that has it can deliver to
   * vCPUs.
   */
  readonly vcpuAffinity?: { readonly map: readonly Node[]; readonly unmap: readonly Node[] };
  /**
   * False: it never asks the IOMMU code for a mapping, though there is something to map. `none`:
   * its doorbell is in front of every IOMMU.
   */
  readonly mapsDoorbell?: false | 'none';
  /**
   * It allocates or activates an interrupt on whichever CPU is online, whatever its affinity: then
   * CPUs are not alike.
   */
  readonly startsAnywhere: boolean;
  /** MSI_FLAG_NO_AFFINITY: there is no irq_set_affinity, and irq_can_set_affinity says no. */
  hasNoAffinity?(k: Kernel): boolean;
  /**
   * After the new message is in the device, or the move failed: what a move leaves to be released.
   */
  readonly settle: readonly Node[];
  readonly undoAffinity: readonly Node[];
  readonly deactivate: readonly Node[];
  /** irq_domain_ops.free for one msi_desc. */
  readonly free: readonly Node[];
  /** msi_domain_ops.msi_teardown: the device has no interrupts any more. */
  readonly teardown: readonly Node[];
  /** Physical addresses of all doorbells that a message of this vector may ever carry. */
  doorbells(k: Kernel, vector: number): readonly number[];
}

/** Return values of irq_set_affinity. include/linux/irq.h. */
export const IRQ_SET_MASK_OK = 0;
export const IRQ_SET_MASK_OK_DONE = 2;

/** Vectors that one msi_desc stands for: all of a multi-vector MSI, one otherwise. */
export const descSpan = (isMsi: boolean, count: number): number => (isMsi ? count : 1);
