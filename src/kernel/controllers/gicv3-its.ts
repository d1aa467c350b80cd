/**
 * irq-gic-v3-its.c: an ITT per DeviceID, an EventID and an LPI per vector, commands to the ITS.
 * 6.12's order.
 *
 * Kept as they are: an EventID is not given back when iommu_dma_prepare_msi fails, so the ITT then
 * stays mapped; a device found by a later prepare is shared and never freed. Every helper adds one
 * SYNC, except MAPD's. Not modelled: DirectLPI. GICv4 is in its-vlpi.ts.
 */
import { GITS_TRANSLATER } from '../../hardware/gic/its.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { ERRNO } from '../../observation.ts';
import { vectorsBehindBridge } from '../../topology/resolve.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { descSpan, type Driver, IRQ_SET_MASK_OK_DONE } from './driver.ts';
import { deviceTableReach, event, itsOf, lpiOf, slotOf, sync } from './its-device.ts';
import { mapVlpi, unmapVlpi, updateVirtualConfig } from './its-vlpi.ts';

/** its_irq_get_msi_base, or get_msi_base_pre_its with the quirk that knows of it. */
function doorbell(k: Kernel, device: number): number {
  const its = itsOf(k, device);
  if (its.preIts === undefined || !k.on['its-pre-its']) return its.base + GITS_TRANSLATER;
  return its.preIts + k.device(device).deviceId * 4;
}

const span = (t: Thread): number => descSpan(t.mode === MSI_MODE.msi, t.count);

/** The CPU of the mask that an LPI goes to, or -1 when it is empty. */
function pickCpu(k: Kernel, t: Thread, wanted: (cpu: number) => boolean): number {
  if (k.on['its-balance']) return leastLoaded(k, t, wanted);
  for (let cpu = 0; cpu < k.topology.cpus; cpu++) if (wanted(cpu)) return cpu;
  return -1;
}

/** cpu_lpi_count: managed LPIs and others are counted apart. */
const loadRow = (k: Kernel, t: Thread, cpu: number): number =>
  cpu + (k.irqs.is(t.vector, IRQ.managed) ? k.topology.cpus : 0);

function countLpi(k: Kernel, t: Thread, cpu: number, by: number): void {
  k.controllers.lpiLoad.add(loadRow(k, t, cpu), by);
}

/**
 * cpumask_pick_least_loaded: the first CPU of the mask with the fewest LPIs of the kind; -1 when it
 * is empty.
 */
function leastLoaded(k: Kernel, t: Thread, wanted: (cpu: number) => boolean): number {
  let [best, least] = [-1, Infinity];
  for (let cpu = 0; cpu < k.topology.cpus; cpu++) {
    const load = wanted(cpu) ? k.controllers.lpiLoad.get(loadRow(k, t, cpu)) : Infinity;
    if (load < least) [best, least] = [cpu, load];
  }
  return best;
}

/** CPUs of the ITS's node, if it has one. */
function nodeOf(k: Kernel, device: number): readonly number[] | undefined {
  const spec = k.topology.controllers[k.device(device).controller]?.spec;
  return spec?.kind === 'gicv3-its' && spec.node !== undefined
    ? k.topology.numaNodes[spec.node]
    : undefined;
}

/** ITS_FLAGS_WORKAROUND_CAVIUM_23144. */
function staysOnNode(k: Kernel, device: number): boolean {
  const spec = k.topology.controllers[k.device(device).controller]?.spec;
  return spec?.kind === 'gicv3-its' && spec.staysOnNode === true;
}

/**
 * its_select_cpu: of the ITS's node, the mask and what is online; then of the mask and what is
 * online; then, though the mask does not allow it, of all that is online. A managed interrupt knows
 * no node, and from 5.8 to 5.18 no mask but its own. -1 where the erratum leaves nothing.
 */
function selectCpu(
  k: Kernel,
  t: Thread,
  wanted: (cpu: number) => boolean,
  prefersNode = true,
): number {
  const node = nodeOf(k, t.device);
  const isManaged = k.irqs.is(t.vector, IRQ.managed);
  const isOwn = isManaged && k.on['its-balance'] && !k.on['its-managed-mask-of-core'];
  const isWanted = isOwn ? (cpu: number) => k.irqs.allows(t.vector, cpu) : wanted;
  const online = (cpu: number): boolean => isWanted(cpu) && k.isOnline(cpu);
  const isBound = staysOnNode(k, t.device);
  if (node !== undefined && (isBound || (prefersNode && !isManaged))) {
    const near = pickCpu(k, t, (cpu) => node.includes(cpu) && online(cpu));
    if (near >= 0 || isBound) return near;
  }
  const cpu = pickCpu(k, t, online);
  return cpu >= 0 ? cpu : pickCpu(k, t, (c) => k.isOnline(c));
}

/**
 * its_pci_msi_prepare and its_pmsi_prepare: how many events to ask for. Behind a bridge that sends
 * in the place of its functions, as many as all of these could ever use: they have one DeviceID
 * (its_pci_msi_vec_count).
 */
function eventsToPrepare(k: Kernel, t: Thread): number {
  const atLeast = !k.isPci(t.device) || k.device(t.device).deviceId === 0 ? 32 : 1;
  const { spec } = k.device(t.device);
  const whole = k.on['its-itt-for-whole-table'] && spec.bus === 'pci' && t.mode === MSI_MODE.msix;
  const wanted = Math.max(
    t.count,
    whole ? (spec.msix?.vectors ?? 0) : 0,
    vectorsBehindBridge(k.topology.devices, k.device(t.device)),
  );
  return Math.max(atLeast, 2 ** Math.ceil(Math.log2(wanted)));
}

const isProxied = (k: Kernel, device: number): boolean =>
  vectorsBehindBridge(k.topology.devices, k.device(device)) > 0;

/** IRQS_PER_CHUNK, up to 4.18. */
const LPI_CHUNK = 32;

const createDevice = step('its_create_device', (k, t) => {
  const { its, lpis } = k.controllers;
  const slot = slotOf(k, t.device);
  if (its.itesOf.get(slot) !== 0) {
    its.shared.set(slot, k.on['its-shared-device-id'] ? 1 : 0);
    t.size = 0;
    return 0;
  }
  const { pageSize } = k.topology.kernel;
  if (k.device(t.device).deviceId >= deviceTableReach(itsOf(k, t.device), pageSize))
    return -ERRNO.ENOMEM;
  const limit = k.on['its-event-bits'] ? 2 ** itsOf(k, t.device).eventIdBits : Infinity;
  const events = Math.min(eventsToPrepare(k, t), limit);
  const isChunked = !k.on['its-lpi-ranges'];
  let count = isChunked ? Math.ceil(events / LPI_CHUNK) * LPI_CHUNK : events;
  let base = -1;
  // its_lpi_alloc halves the request until it fits; its_lpi_alloc_chunks took one chunk less.
  while (count > 0 && (base = lpis.findZeroArea(count, isChunked ? LPI_CHUNK - 1 : 0)) < 0) {
    count = isChunked ? count - LPI_CHUNK : count >> 1;
  }
  if (base < 0) return -ERRNO.ENOMEM;
  lpis.set(base, count);
  const isWide = isChunked && k.on['its-ites-for-all-lpis'];
  t.size = Math.max(isWide ? LPI_CHUNK : 2, events);
  its.itesOf.set(slot, t.size);
  // MSI_ALLOC_FLAGS_PROXY_DEVICE: a bridge speaks for the function, and for others that may come.
  its.shared.set(slot, isProxied(k, t.device) && k.on['its-proxied-is-shared'] ? 1 : 0);
  its.lpiBase.set(slot, base);
  its.lpiCount.set(slot, count);
  return 0;
});

const allocateEvent = step('its_alloc_device_irq', (k, t) => {
  const slot = slotOf(k, t.device);
  const order = 2 ** Math.ceil(Math.log2(span(t)));
  const map = k.controllers.its.events[slot];
  t.doorbell = doorbell(k, t.device);
  if (!k.on['its-multi-msi-aligned']) return allocateOneByOne(k, t);
  const bit = map?.findZeroArea(order, order - 1, 0, k.controllers.its.lpiCount.get(slot)) ?? -1;
  if (bit < 0) return -ERRNO.ENOSPC;
  map?.set(bit, order);
  for (let i = 0; i < span(t); i++) k.irqs.hwirq.set(t.vector + i, bit + i);
  return 0;
});

/** Up to 4.20 each vector of a block took the first EventID that was free, wherever that was. */
function allocateOneByOne(k: Kernel, t: Thread): number {
  const slot = slotOf(k, t.device);
  const map = k.controllers.its.events[slot];
  for (let v = t.vector; v < t.vector + span(t); v++) {
    const bit = map?.findZeroArea(1, 0, 0, k.controllers.its.lpiCount.get(slot)) ?? -1;
    // What was taken so far is not given back.
    if (bit < 0) return -ERRNO.ENOSPC;
    map?.set(bit, 1);
    k.irqs.hwirq.set(v, bit);
  }
  return 0;
}

const allocateParent = step('its_irq_gic_domain_alloc', (k, t) => {
  for (let v = t.vector; v < t.vector + span(t); v++) {
    k.setOwner(lpiOf(k, t.device, v), v);
    k.irqs.mark(v, IRQ.allocated);
  }
});

const freeEvent = step('its_irq_domain_free', (k, t) => {
  const slot = slotOf(k, t.device);
  const first = event(k, t.vector);
  const map = k.controllers.its.events[slot];
  // Up to 5.3 one by one, though a power of two was taken.
  const isWhole = k.on['its-multi-msi-aligned'] && k.on['its-multi-msi-released'];
  for (let v = t.vector; v < t.vector + span(t) && !isWhole; v++) map?.clear(event(k, v), 1);
  for (let v = t.vector; v < t.vector + span(t); v++) {
    k.clearOwner(lpiOf(k, t.device, v));
    k.irqs.forget(v);
  }
  if (isWhole) map?.clear(first, 2 ** Math.ceil(Math.log2(span(t))));
});

/** The ITT goes with the last event of a device that is not shared. */
const lastEvent = (k: Kernel, t: Thread): boolean => {
  const slot = slotOf(k, t.device);
  const { its } = k.controllers;
  return its.shared.get(slot) === 0 && (its.events[slot]?.isEmpty() ?? false);
};

const unmapDevice = step('its_free_device', (k, t) => {
  const { its, lpis } = k.controllers;
  const slot = slotOf(k, t.device);
  lpis.clear(its.lpiBase.get(slot), its.lpiCount.get(slot));
  const size = Math.log2(its.itesOf.get(slot));
  its.itesOf.set(slot, 0);
  its.lpiBase.set(slot, 0);
  its.lpiCount.set(slot, 0);
  itsOf(k, t.device).mapd(k.device(t.device).deviceId, size, false);
});

/** lpi_update_config: the enable bit in memory, then INV and SYNC. */
function updateConfig(name: string, enabled: boolean): Driver['mask'] {
  return step(name, (k, t) => {
    if (k.guests.isForwarded(t.vector)) {
      updateVirtualConfig(k, t, enabled);
      return;
    }
    const its = itsOf(k, t.device);
    k.hw.redistributors.configure(lpiOf(k, t.device, t.vector), enabled);
    if (!k.on['its-inv']) return;
    its.inv(k.device(t.device).deviceId, event(k, t.vector));
    sync(k, its, k.irqs.cpu.get(t.vector));
  });
}

export const gicV3ItsDriver: Driver = {
  startsAnywhere: true,
  prepare: [
    createDevice,
    when(
      (_, t) => t.size > 0,
      [
        step('its_send_mapd', (k, t) =>
          itsOf(k, t.device).mapd(k.device(t.device).deviceId, Math.log2(t.size), true),
        ),
      ],
    ),
  ],
  allocate: (prepareMsi) => [allocateEvent, ...prepareMsi, allocateParent],
  activate: [
    step('its_irq_domain_activate', (k, t) => {
      // cpu_online_mask, not the interrupt's affinity.
      const cpu = selectCpu(k, t, () => true);
      if (cpu < 0) return -ERRNO.EINVAL;
      // A second activation (`activate-once`) maps again and counts once.
      if (k.irqs.is(t.vector, IRQ.activated)) countLpi(k, t, k.irqs.cpu.get(t.vector), -1);
      countLpi(k, t, cpu, 1);
      k.irqs.cpu.set(t.vector, cpu);
      const its = itsOf(k, t.device);
      its.mapti(k.device(t.device).deviceId, event(k, t.vector), lpiOf(k, t.device, t.vector), cpu);
      sync(k, its, cpu);
      return 0;
    }),
  ],
  compose: step('its_irq_compose_msi_msg', (k, t) => {
    const address = doorbell(k, t.device);
    t.messageHi = address / 2 ** 32;
    t.messageLo = address;
    t.messageData = event(k, t.vector);
  }),
  unmask: updateConfig('its_unmask_irq', true),
  mask: updateConfig('its_mask_irq', false),
  setAffinity: [
    step('its_set_affinity', (k, t) => {
      // "A forwarded interrupt should use irq_set_vcpu_affinity".
      if (k.guests.isForwarded(t.vector)) return -ERRNO.EINVAL;
      const previous = k.irqs.cpu.get(t.vector);
      // Only an interrupt that is activated counts (`affinity-on-activate` keeps others from coming
      // here).
      const load = k.irqs.is(t.vector, IRQ.activated) ? 1 : 0;
      countLpi(k, t, previous, -load);
      // Up to 5.7 the node counted at activation alone, and for the erratum.
      const cpu = selectCpu(k, t, (c) => t.wants(c), k.on['its-balance']);
      if (cpu < 0) {
        countLpi(k, t, previous, load);
        return -ERRNO.EINVAL;
      }
      countLpi(k, t, cpu, load);
      if (cpu !== previous || !k.on['its-move-only-elsewhere']) {
        const its = itsOf(k, t.device);
        its.movi(k.device(t.device).deviceId, event(k, t.vector), cpu);
        // The SYNC goes to the redistributor of the old collection.
        sync(k, its, previous);
        k.irqs.cpu.set(t.vector, cpu);
      }
      t.chipReturn = IRQ_SET_MASK_OK_DONE;
      return 0;
    }),
  ],
  vcpuAffinity: { map: mapVlpi, unmap: unmapVlpi },
  settle: [],
  undoAffinity: [],
  deactivate: [
    step('its_irq_domain_deactivate', (k, t) => {
      countLpi(k, t, k.irqs.cpu.get(t.vector), -1);
      const its = itsOf(k, t.device);
      its.discard(k.device(t.device).deviceId, event(k, t.vector));
      sync(k, its, k.irqs.cpu.get(t.vector));
    }),
  ],
  free: [
    freeEvent,
    when((k, t) => !k.on['its-teardown-with-domain'] && lastEvent(k, t), [unmapDevice]),
  ],
  // its_msi_teardown: a shared device is never freed, nor one with events that nobody gave back.
  teardown: [
    when(
      (k, t) =>
        k.on['its-teardown-with-domain'] &&
        k.controllers.its.itesOf.get(slotOf(k, t.device)) !== 0 &&
        lastEvent(k, t),
      [unmapDevice],
    ),
  ],
  doorbells: (k, vector) => [doorbell(k, k.topology.deviceOfVector[vector] ?? -1)],
};
