/**
 * What KVM asks of the GICv4 driver: forwarding of an interrupt to a vCPU and back, a vCPU that
 * runs elsewhere, a guest that ends. kernel/irq/manage.c:irq_set_vcpu_affinity,
 * arch/arm64/kvm/vgic/vgic-v4.c, irq-gic-v3-its.c.
 */
import { ERRNO } from '../observation.ts';
import type { Its } from '../hardware/gic/its.ts';
import type { Driver } from './controllers/driver.ts';
import { deactivateVpes } from './controllers/its-vlpi.ts';
import { IRQ } from './irqs.ts';
import type { Kernel } from './kernel.ts';
import { irqDescLock } from './locks.ts';
import { locked, type Node, step, when } from './procedure.ts';
import type { Thread } from './thread.ts';

/** An irq_chip without irq_set_vcpu_affinity, and no parent that has it. */
const unsupported: readonly Node[] = [step('irq_set_vcpu_affinity', () => -ERRNO.ENOSYS)];

/** VFIO offers KVM an interrupt after request_irq and takes it back before free_irq. */
const isThere = step('irq_set_vcpu_affinity', (k, t) =>
  k.irqs.is(t.vector, IRQ.started) ? 0 : -ERRNO.EINVAL,
);

export function forwardProcedure({ vcpuAffinity }: Driver): Node[] {
  return [
    // A guest that has ended has no vGIC to ask.
    step('kvm_vgic_v4_set_forwarding', (k, t) =>
      k.guests.ended.get(k.guests.guestOf(t.vpe)) === 0 ? 0 : -ERRNO.EINVAL,
    ),
    locked(irqDescLock, vcpuAffinity ? [isThere, ...vcpuAffinity.map] : unsupported),
  ];
}

export function unforwardProcedure({ vcpuAffinity }: Driver): Node[] {
  return [locked(irqDescLock, vcpuAffinity ? [isThere, ...vcpuAffinity.unmap] : unsupported)];
}

/** VFIO lets KVM go before it frees an interrupt: irq_bypass_unregister_producer. */
export function bypassNoMore({ vcpuAffinity }: Driver): Node[] {
  if (vcpuAffinity === undefined) return [];
  return [
    when(
      (k, t) => k.guests.isForwarded(t.vector),
      [
        locked(irqDescLock, [
          step('irq_bypass_unregister_producer', () => 0),
          ...vcpuAffinity.unmap,
        ]),
      ],
    ),
  ];
}

/** ITSs that can deliver to vCPUs. */
const virtualIts = (k: Kernel): Its[] =>
  k.hw.its.flatMap((its) => (its?.virtual === undefined ? [] : [its]));

function vmovp(k: Kernel, t: Thread): number {
  const [first, ...others] = virtualIts(k);
  if (first === undefined) return 0;
  const isEager = first.virtual?.version === 'gicv4.1';
  const isMapped = k.guests.mappedOn.get(t.vpe) > 0;
  // Up to 6.11 a vPE that was being destroyed was moved all the same; then one that was not mapped
  // yet was an error.
  if (!isMapped && k.on['v4-no-vmovp-of-dying-vpe'])
    return isEager || !k.on['v4-lazy-vpe-affinity'] ? -ERRNO.EINVAL : 0;
  if (k.guests.cpu.get(t.vpe) === t.cpu) return 0;
  k.guests.cpu.set(t.vpe, t.cpu);
  // GICv4.1's ITSs have one table; with a list of ITSs each that has the vPE is told.
  const told = isEager ? [first] : [first, ...others].filter((its) => its.residenceOf(t.vpe) >= 0);
  for (const its of told) {
    its.vmovp(t.vpe, t.cpu);
    its.vsync(t.vpe);
  }
  return 0;
}

export const moveVcpuProcedure = (): Node[] => [
  step('irq_set_affinity', (k, t) => (k.isOnline(t.cpu) ? 0 : -ERRNO.EINVAL)),
  step('its_vpe_set_affinity', vmovp),
];

/**
 * t.vpe is the guest's first. -EBUSY while interrupts are forwarded to it, which no path of KVM
 * reaches.
 */
export const endGuestProcedure = (): Node[] => [
  step('vgic_v4_teardown', (k, t) => {
    const guest = k.guests.guestOf(t.vpe);
    if (k.guests.ended.get(guest) !== 0) return -ERRNO.EINVAL;
    for (let vector = 0; vector < k.topology.vectors; vector++)
      if (k.guests.isForwarded(vector) && k.guests.guestOf(k.guests.vpeOf(vector)) === guest)
        return -ERRNO.EBUSY;
    k.guests.ended.set(guest, 1);
    return 0;
  }),
  step('its_vpe_irq_domain_deactivate', (k, t) => deactivateVpes(k, k.guests.guestOf(t.vpe))),
];
