/**
 * What there is to know of every operation beside what it does. The compiler wants a row for each.
 */
import type { Operation, OperationName } from './operation.ts';

interface OperationKind {
  /**
   * Whose doing it is: a procedure of the kernel, the device's own, or that of somebody past both
   * (power, a reset, a VMM).
   */
  readonly by: 'kernel' | 'device' | 'others';
  /** What it names first. */
  readonly of: 'vector' | 'device' | 'domain' | 'guest' | 'vcpu' | 'cpu' | 'address';
}

export const OPERATION_KINDS = {
  attach: { by: 'kernel', of: 'device' },
  detach: { by: 'kernel', of: 'device' },
  setup: { by: 'kernel', of: 'device' },
  affinity: { by: 'kernel', of: 'vector' },
  mask: { by: 'kernel', of: 'vector' },
  unmask: { by: 'kernel', of: 'vector' },
  suspend: { by: 'kernel', of: 'device' },
  restore: { by: 'kernel', of: 'device' },
  unplug: { by: 'kernel', of: 'device' },
  plug: { by: 'kernel', of: 'device' },
  teardown: { by: 'kernel', of: 'device' },
  forward: { by: 'kernel', of: 'vector' },
  unforward: { by: 'kernel', of: 'vector' },
  'move-vcpu': { by: 'kernel', of: 'vcpu' },
  'end-guest': { by: 'kernel', of: 'guest' },
  map: { by: 'kernel', of: 'domain' },
  unmap: { by: 'kernel', of: 'domain' },
  'register-window': { by: 'kernel', of: 'domain' },
  'free-window': { by: 'kernel', of: 'domain' },
  flush: { by: 'kernel', of: 'domain' },
  'free-domain': { by: 'kernel', of: 'domain' },
  fire: { by: 'device', of: 'vector' },
  release: { by: 'others', of: 'vector' },
  'dma-write': { by: 'device', of: 'address' },
  'write-message': { by: 'others', of: 'vector' },
  reset: { by: 'others', of: 'device' },
  'cpu-offline': { by: 'others', of: 'cpu' },
  'cpu-online': { by: 'others', of: 'cpu' },
} as const satisfies Readonly<Record<OperationName, OperationKind>>;

type By<K extends OperationKind['by']> = {
  [N in OperationName]: (typeof OPERATION_KINDS)[N]['by'] extends K ? N : never;
}[OperationName];

/** Operations that the kernel carries out, step by step. */
export type KernelOperation = Extract<Operation, { op: By<'kernel'> }>;

export const isKernelOperation = (operation: Operation): operation is KernelOperation =>
  OPERATION_KINDS[operation.op].by === 'kernel';
