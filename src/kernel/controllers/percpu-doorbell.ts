/**
 * The driver of a controller with one doorbell page per CPU. No Linux driver of 2016 is like it; it
 * is written after irq-riscv-imsic-platform.c: an identity on the target CPU at allocation, a new
 * one on the new CPU at a move, nothing to do when the current CPU is in the mask. Unlike the
 * IMSIC's it leaves the rewrite of the message to the MSI core by returning IRQ_SET_MASK_OK, which
 * is the case that the 2016 review warns of. IRQ_SET_MASK_OK_DONE makes it a driver that forgot the
 * message: the old identity is released although the device still writes it.
 */
import type { PercpuDoorbells } from '../../hardware/msi/percpu-doorbell.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import type { PercpuDoorbell } from '../../topology/topology.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { attempt, glue, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { type Driver, IRQ_SET_MASK_OK, IRQ_SET_MASK_OK_DONE } from './driver.ts';

const controllerOf = (k: Kernel, device: number): number => k.device(device).controller;

function block(k: Kernel, device: number): PercpuDoorbells {
  const found = k.hw.percpu[controllerOf(k, device)];
  if (found === undefined) throw new Error('IMPOSSIBLE: the controller has no per-CPU doorbells');
  return found;
}

function returnsDone(k: Kernel, device: number): boolean {
  const spec = k.topology.controllers[controllerOf(k, device)]?.spec as Partial<PercpuDoorbell>;
  return spec.affinityReturns !== 'IRQ_SET_MASK_OK';
}

/** Physical address of a CPU's doorbell. */
export const page = (k: Kernel, device: number, cpu: number): number =>
  block(k, device).base + cpu * block(k, device).stride + block(k, device).register;

/** Takes a free identity on a CPU, or -1. */
function takeIdentity(k: Kernel, device: number, cpu: number, vector: number): number {
  const map = k.controllers.identities[controllerOf(k, device)]?.[cpu];
  const bit = map?.findZeroArea(1) ?? -1;
  if (bit < 0) return -1;
  map?.set(bit);
  const identity = bit + block(k, device).first;
  k.controllers.setIdentityOwner(controllerOf(k, device), cpu, identity, vector);
  return identity;
}

function releaseIdentity(k: Kernel, device: number, cpu: number, identity: number): void {
  const bit = identity - block(k, device).first;
  k.controllers.identities[controllerOf(k, device)]?.[cpu]?.clear(bit);
  k.controllers.setIdentityOwner(controllerOf(k, device), cpu, identity, -1);
  block(k, device).setEnabled(cpu, identity, false);
  block(k, device).clearPending(cpu, identity);
}

function enable(k: Kernel, t: Thread, enabled: boolean): void {
  block(k, t.device).setEnabled(k.irqs.cpu.get(t.vector), k.irqs.hwirq.get(t.vector), enabled);
}

/** What tells one driver of identities from another. */
export interface IdentityRules {
  /**
   * The CPU that a new interrupt gets its identity on, and the one that a move goes to; -1: none.
   */
  readonly pickNew: (k: Kernel, t: Thread) => number;
  readonly pickMove: (k: Kernel, t: Thread) => number;
  /** Whether the old CPU is searched for the new identity, too. */
  readonly looksForBoth: boolean;
}

/** Identities that a CPU has left. */
export const roomOn = (k: Kernel, device: number, cpu: number): number =>
  block(k, device).identities -
  (k.controllers.identities[controllerOf(k, device)]?.[cpu]?.weight() ?? 0);

const allocate = (prefix: string, { pickNew }: IdentityRules): Node =>
  step(`${prefix}_domain_alloc`, (k, t) => {
    // A block of consecutive identities would have to move as one (as the IMSIC's).
    if (t.mode === MSI_MODE.msi && t.count > 1) return -ERRNO.EOPNOTSUPP;
    const cpu = pickNew(k, t);
    const identity = cpu < 0 ? -1 : takeIdentity(k, t.device, cpu, t.vector);
    if (identity < 0) return -ERRNO.ENOSPC;
    k.irqs.cpu.set(t.vector, cpu);
    k.irqs.hwirq.set(t.vector, identity);
    t.doorbell = page(k, t.device, cpu);
    return 0;
  });

/**
 * What came to the old identity in the meantime goes to the new one, as __imsic_local_sync has it;
 * with `looksForBoth` also what came to the new identity at the old CPU, which a message has
 * between its two updates. There it may be another vector's, whose handler then has one too many.
 */
const releaseOld = (prefix: string, looksForBoth: boolean): Node =>
  step(`${prefix}_release_old`, (k, t) => {
    const [doorbells, old] = [block(k, t.device), t.oldCpu - 1];
    const [cpu, identity] = [k.irqs.cpu.get(t.vector), k.irqs.hwirq.get(t.vector)];
    const isTemporary = looksForBoth && identity !== t.oldIdentity;
    let isMissed = doorbells.isPending(old, t.oldIdentity);
    if (isTemporary && doorbells.isPending(old, identity)) {
      doorbells.clearPending(old, identity);
      isMissed = true;
    }
    if (isMissed) doorbells.raise(cpu, identity);
    releaseIdentity(k, t.device, old, t.oldIdentity);
    t.oldCpu = 0;
  });

/** A driver of identities on CPUs, with step names that begin as its functions do. */
export const identityDriver = (prefix: string, rules: IdentityRules): Driver => ({
  startsAnywhere: false,
  prepare: [],
  allocate: (prepareMsi) => [
    allocate(prefix, rules),
    attempt(prepareMsi, [
      glue((k, t) =>
        releaseIdentity(k, t.device, k.irqs.cpu.get(t.vector), k.irqs.hwirq.get(t.vector)),
      ),
    ]),
    step(`${prefix}_parent_alloc`, (k, t) => k.irqs.mark(t.vector, IRQ.allocated)),
  ],
  activate: [],
  compose: step(`${prefix}_compose_msi_msg`, (k, t) => {
    const address = page(k, t.device, k.irqs.cpu.get(t.vector));
    t.messageHi = address / 2 ** 32;
    t.messageLo = address;
    t.messageData = k.irqs.hwirq.get(t.vector);
  }),
  unmask: step(`${prefix}_unmask`, (k, t) => enable(k, t, true)),
  mask: step(`${prefix}_mask`, (k, t) => enable(k, t, false)),
  setAffinity: [
    step(`${prefix}_set_affinity`, (k, t) => {
      const previous = k.irqs.cpu.get(t.vector);
      t.chipReturn = IRQ_SET_MASK_OK_DONE;
      if (t.wants(previous) && k.isOnline(previous)) return 0;
      const cpu = rules.pickMove(k, t);
      const identity = cpu < 0 ? -1 : takeIdentity(k, t.device, cpu, t.vector);
      if (identity < 0) return -ERRNO.ENOSPC;
      t.oldCpu = previous + 1;
      t.oldIdentity = k.irqs.hwirq.get(t.vector);
      const on = block(k, t.device).isEnabled(previous, t.oldIdentity);
      block(k, t.device).setEnabled(cpu, identity, on);
      k.irqs.cpu.set(t.vector, cpu);
      k.irqs.hwirq.set(t.vector, identity);
      t.chipReturn = returnsDone(k, t.device) ? IRQ_SET_MASK_OK_DONE : IRQ_SET_MASK_OK;
      return 0;
    }),
  ],
  settle: [when((_, t) => t.oldCpu > 0, [releaseOld(prefix, rules.looksForBoth)])],
  undoAffinity: [
    when(
      (_, t) => t.oldCpu > 0,
      [
        step(`${prefix}_undo_affinity`, (k, t) => {
          releaseIdentity(k, t.device, k.irqs.cpu.get(t.vector), k.irqs.hwirq.get(t.vector));
          k.irqs.cpu.set(t.vector, t.oldCpu - 1);
          k.irqs.hwirq.set(t.vector, t.oldIdentity);
          t.oldCpu = 0;
        }),
      ],
    ),
  ],
  deactivate: [],
  free: [
    step(`${prefix}_domain_free`, (k, t) => {
      releaseIdentity(k, t.device, k.irqs.cpu.get(t.vector), k.irqs.hwirq.get(t.vector));
      k.irqs.forget(t.vector);
    }),
  ],
  teardown: [],
  doorbells: (k, vector) => {
    const device = k.topology.deviceOfVector[vector] ?? -1;
    return Array.from({ length: k.topology.cpus }, (_, cpu) => page(k, device, cpu));
  },
});

export const percpuDoorbellDriver: Driver = identityDriver('percpu_doorbell', {
  pickNew: (k, t) => k.firstTarget(t),
  pickMove: (k, t) => k.firstTarget(t),
  looksForBoth: false,
});
