/**
 * GICv4 in irq-gic-v3-its.c: an interrupt of a device becomes a virtual LPI of a guest
 * (its_vlpi_map), and the host's again (its_vlpi_unmap); vPEs are mapped on the ITS (VMAPP) and
 * follow their vCPUs (VMOVP).
 *
 * Kept as they are: DISCARD comes before VMAPTI, and MAPTI after DISCARD, so that a write in
 * between finds no translation; the host's interrupt is enabled after unmap whatever it was before;
 * a host's set_affinity is -EINVAL while the interrupt is forwarded. The device's message never
 * changes.
 *
 * Not modelled: residency and doorbells of vPEs, the guest's own commands (properties are
 * "enabled"), ITSs of both versions in one machine.
 */
import { ERRNO } from '../../observation.ts';
import type { Its } from '../../hardware/gic/its.ts';
import type { Kernel } from '../kernel.ts';
import { glue, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { event, itsOf, lpiOf, slotOf, sync } from './its-device.ts';

const isForwarded = (k: Kernel, t: Thread): boolean => k.guests.isForwarded(t.vector);
const deviceIdOf = (k: Kernel, t: Thread): number => k.device(t.device).deviceId;

/** gic_requires_eager_mapping: no list of ITSs, or GICv4.1, where vSGIs need every vPE mapped. */
const isEager = (its: Its): boolean => its.virtual?.version === 'gicv4.1';

function sendVmapp(k: Kernel, its: Its, vpe: number, valid: boolean): void {
  its.vmapp(vpe, k.guests.cpu.get(vpe), valid);
  k.guests.mappedOn.add(vpe, valid ? 1 : -1);
  // Unmapping is self-synchronizing on GICv4.1, and the vPE that VSYNC would name is gone.
  if (valid || !isEager(its) || !k.on['v4-no-vsync-of-unmapped-vpe']) its.vsync(vpe);
}

function mapVpe(k: Kernel, its: Its, vpe: number): void {
  sendVmapp(k, its, vpe, true);
  its.vinvall(vpe);
  its.vsync(vpe);
}

const firstOnline = (k: Kernel): number =>
  Array.from({ length: k.topology.cpus }, (_, cpu) => cpu).find((cpu) => k.isOnline(cpu)) ?? 0;

/**
 * its_vpe_irq_domain_activate, when a guest comes to be: a vPE is on the first CPU, and mapped
 * where it must be eagerly.
 */
export function activateVpes(k: Kernel): void {
  for (const its of k.hw.its) {
    if (its?.virtual === undefined || !isEager(its)) continue;
    for (let vpe = 0; vpe < k.topology.guestOfVpe.length; vpe++) mapVpe(k, its, vpe);
  }
}

/** its_vpe_irq_domain_deactivate. */
export function deactivateVpes(k: Kernel, guest: number): void {
  for (const its of k.hw.its) {
    if (its?.virtual === undefined || !isEager(its)) continue;
    for (const vpe of k.guests.vpesOf(guest)) sendVmapp(k, its, vpe, false);
  }
}

const setVcpuAffinity = step('its_irq_set_vcpu_affinity', (k, t) =>
  itsOf(k, t.device).virtual === undefined ? -ERRNO.EINVAL : 0,
);

/** t.vpe and t.identity: vPE and the guest's INTID. */
const vlpiMap = step('its_vlpi_map', (k, t) => {
  const { guests } = k;
  const slot = slotOf(k, t.device);
  const vm = guests.guestOf(t.vpe) + 1;
  if (guests.vm.get(slot) === 0) guests.vm.set(slot, vm);
  else if (guests.vm.get(slot) !== vm) return -ERRNO.EINVAL;
  return 0;
});

/** its_map_vm: the first vLPI of a guest on this ITS maps the guest's vPEs. */
const mapVm = step('its_map_vm', (k, t) => {
  const guest = k.guests.guestOf(t.vpe);
  if (k.guests.countVlpi(k.device(t.device).controller, guest, 1) > 1) return;
  for (const vpe of k.guests.vpesOf(guest)) {
    // Up to 6.10 each ITS put the vPE on the first CPU, wherever another one had it.
    if (!k.on['v4-vpe-affinity-at-activation']) k.guests.cpu.set(vpe, firstOnline(k));
    mapVpe(k, itsOf(k, t.device), vpe);
  }
});

const unmapVm = step('its_unmap_vm', (k, t) => {
  const guest = k.guests.vm.get(slotOf(k, t.device)) - 1;
  if (k.guests.countVlpi(k.device(t.device).controller, guest, -1) > 0) return;
  for (const vpe of k.guests.vpesOf(guest)) sendVmapp(k, itsOf(k, t.device), vpe, false);
});

const isLazy = (k: Kernel, t: Thread): boolean => !isEager(itsOf(k, t.device));

const sendDiscard = step('its_send_discard', (k, t) => {
  const its = itsOf(k, t.device);
  its.discard(deviceIdOf(k, t), event(k, t.vector));
  sync(k, its, k.irqs.cpu.get(t.vector));
});

const remember = (k: Kernel, t: Thread): void => {
  if (isForwarded(k, t)) k.guests.unforward(t.vector);
  k.guests.forward(t.vector, t.vpe, t.identity);
};

/** its_irq_set_vcpu_affinity with MAP_VLPI. */
export const mapVlpi: readonly Node[] = [
  setVcpuAffinity,
  vlpiMap,
  when(
    isForwarded,
    [
      step('its_send_vmovi', (k, t) => {
        remember(k, t);
        const its = itsOf(k, t.device);
        its.vmovi(deviceIdOf(k, t), event(k, t.vector), t.vpe);
        its.vsync(t.vpe);
      }),
    ],
    [
      when(isLazy, [mapVm]),
      glue((k, t) => {
        remember(k, t);
        k.guests.vlpisOfDevice.add(slotOf(k, t.device), 1);
        // info->map->properties, of a guest that has enabled the interrupt; nothing of it is cached
        // yet.
        k.hw.virtualLpis.configure(t.vpe, t.identity, true);
        k.hw.virtualLpis.invalidate(t.vpe, t.identity, 0);
      }),
      sendDiscard,
      step('its_send_vmapti', (k, t) => {
        const its = itsOf(k, t.device);
        its.vmapti(deviceIdOf(k, t), event(k, t.vector), t.identity, t.vpe);
        its.vsync(t.vpe);
      }),
    ],
  ),
];

/** its_irq_set_vcpu_affinity with NULL. */
export const unmapVlpi: readonly Node[] = [
  setVcpuAffinity,
  step('its_vlpi_unmap', (k, t) => (isForwarded(k, t) ? 0 : -ERRNO.EINVAL)),
  sendDiscard,
  step('its_send_mapti', (k, t) => {
    k.guests.unforward(t.vector);
    const its = itsOf(k, t.device);
    const cpu = k.irqs.cpu.get(t.vector);
    its.mapti(deviceIdOf(k, t), event(k, t.vector), lpiOf(k, t.device, t.vector), cpu);
    sync(k, its, cpu);
  }),
  step('lpi_update_config', (k, t) => {
    const its = itsOf(k, t.device);
    k.hw.redistributors.configure(lpiOf(k, t.device, t.vector), true);
    its.inv(deviceIdOf(k, t), event(k, t.vector));
    sync(k, its, k.irqs.cpu.get(t.vector));
  }),
  when(isLazy, [unmapVm]),
  glue((k, t) => {
    const slot = slotOf(k, t.device);
    k.guests.vlpisOfDevice.add(slot, -1);
    if (k.guests.vlpisOfDevice.get(slot) === 0) k.guests.vm.set(slot, 0);
  }),
];

/**
 * lpi_update_config of a forwarded interrupt: the guest's table, its_send_vinv; up to 5.4 the SYNC
 * of the host's LPI.
 */
export function updateVirtualConfig(k: Kernel, t: Thread, enabled: boolean): void {
  const vpe = k.guests.vpeOf(t.vector);
  const its = itsOf(k, t.device);
  k.hw.virtualLpis.configure(vpe, k.guests.intidOf(t.vector), enabled);
  its.inv(deviceIdOf(k, t), event(k, t.vector));
  if (k.on['v4-vinv-vsync']) its.vsync(vpe);
  else sync(k, its, k.irqs.cpu.get(t.vector));
}
