/**
 * The locks that are held over several steps, each by its kernel name. A lock that covers a single
 * step is not here: the step is atomic.
 */
import type { Column, Store } from '../state/store.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';

/** Which lock a procedure takes, from its thread's device or vector. */
export type LockOf = (k: Kernel, t: Thread) => number;

export class Locks {
  /** Thread + 1 that holds the lock; 0: free. */
  private readonly owner: Column;
  private readonly vectors: number;
  private readonly devices: number;

  constructor(
    store: Store,
    vectors: number,
    devices: number,
    deviceOf: (vector: number) => number,
  ) {
    this.vectors = vectors;
    this.devices = devices;
    this.owner = store.column(vectors + 2 * devices, {
      part: 'lock',
      holds: 'threadPlus1',
      device: (lock) => (lock < vectors ? deviceOf(lock) : (lock - vectors) % devices),
      vector: (lock) => (lock < vectors ? lock : undefined),
    });
  }

  /**
   * irq_desc.lock of a vector: irq_set_affinity, irq_startup, irq_shutdown, mask and unmask
   * (kernel/irq/manage.c, chip.c).
   */
  irqDesc(vector: number): number {
    return vector;
  }

  /**
   * Set-up and teardown of one device's MSIs exclude each other: msi_device_data.mutex inside the
   * PCI core, and device_lock around probe and remove (VFIO: vdev->igate).
   */
  device(device: number): number {
    return this.vectors + device;
  }

  /** iommu_group.mutex: attach and detach (iommu_attach_device, __iommu_group_set_domain). */
  group(device: number): number {
    return this.vectors + this.devices + device;
  }

  /** What kind of lock it is, and of which vector or device. */
  nameOf(lock: number): {
    readonly kind: string;
    readonly vector?: number;
    readonly device?: number;
  } {
    if (lock < this.vectors) return { kind: 'irq_desc.lock', vector: lock };
    const device = (lock - this.vectors) % this.devices;
    return lock < this.vectors + this.devices
      ? { kind: 'device_lock', device }
      : { kind: 'iommu_group.mutex', device };
  }

  /** Thread that holds the lock, or -1. */
  holder(lock: number): number {
    return this.owner.get(lock) - 1;
  }

  isFree(lock: number): boolean {
    return this.owner.get(lock) === 0;
  }

  take(lock: number, thread: number): void {
    if (!this.isFree(lock)) throw new Error(`IMPOSSIBLE: lock ${lock} is held`);
    this.owner.set(lock, thread + 1);
  }

  release(lock: number): void {
    this.owner.set(lock, 0);
  }
}

export const irqDescLock: LockOf = (k, t) => k.locks.irqDesc(t.vector);
export const deviceLock: LockOf = (k, t) => k.locks.device(t.device);
/** By the first device of the group. */
export const groupMutex: LockOf = (k, t) => k.locks.group(k.device(t.device).group[0] ?? t.device);
