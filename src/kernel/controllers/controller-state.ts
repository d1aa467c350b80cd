/**
 * What the irqchip drivers allocate from: SPIs, LPIs and EventIDs, identities.
 */
import { eventCapacity, isPerCpu, lpiCapacity, spiRanges } from '../../hardware/hardware.ts';
import { Bitmap } from '../../state/bitmap.ts';
import type { Column, RowOf, Store } from '../../state/store.ts';
import type { Resolved } from '../../topology/resolve.ts';
import type { MsiController } from '../../topology/topology.ts';

/** struct its_device, one per DeviceID behind an ITS. */
export interface ItsDevices {
  /** nr_ites; 0: there is no such device. */
  readonly itesOf: Column;
  /** Found again by a later prepare: never freed then. */
  readonly shared: Column;
  readonly lpiBase: Column;
  readonly lpiCount: Column;
  /** event_map.lpi_map, by slot. */
  readonly events: readonly Bitmap[];
}

export interface ControllerState {
  /** By controller: a bitmap per GICv2m frame or MBI range. */
  readonly spis: readonly (readonly Bitmap[])[];
  readonly lpis: Bitmap;
  /** LPIs per CPU, for its_select_cpu, and after them the managed ones. */
  readonly lpiLoad: Column;
  readonly its: ItsDevices;
  /** By device: its slot in `its`, or -1. */
  readonly itsSlot: readonly number[];
  /** By controller: a bitmap per CPU; one for the messages of a bridge. */
  readonly identities: readonly (readonly Bitmap[])[];
  /** Vector that owns an identity on a CPU, or -1. */
  identityOwner(controller: number, cpu: number, identity: number): number;
  setIdentityOwner(controller: number, cpu: number, identity: number, vector: number): void;
}

/** Messages of a bridge go to one CPU. */
const ownersOf = (spec: MsiController, cpus: number): number =>
  isPerCpu(spec) ? cpus * spec.identities : spec.kind === 'in-bridge' ? spec.messages : 0;

export function controllerState(store: Store, topology: Resolved): ControllerState {
  const allocator: RowOf = { part: 'allocator' };
  const keys: string[] = [];
  /** By slot of `its`: the only device with its DeviceID, or -1. */
  const itsOwners: number[] = [];
  const itsDevice: RowOf = { part: 'its-device', device: (slot) => itsOwners[slot] ?? -1 };
  const spis = topology.controllers.map(({ spec }, controller) =>
    spiRanges(spec).map(({ count }) => new Bitmap(store, count, { ...allocator, controller })),
  );
  const identities = topology.controllers.map(({ spec }, controller) =>
    isPerCpu(spec)
      ? Array.from(
          { length: topology.cpus },
          (_, cpu) =>
            new Bitmap(store, spec.identities, { ...allocator, controller, cpu: () => cpu }),
        )
      : spec.kind === 'in-bridge'
        ? [new Bitmap(store, spec.messages, { ...allocator, controller })]
        : [],
  );
  const owners = topology.controllers.map(({ spec }, controller) =>
    store.column(ownersOf(spec, topology.cpus), {
      part: 'owner',
      holds: 'vectorPlus1',
      controller,
      ...(isPerCpu(spec) ? { cpu: (row: number) => Math.floor(row / spec.identities) } : {}),
    }),
  );
  const firsts = topology.controllers.map(({ spec }) => (spec.kind === 'riscv-imsic' ? 1 : 0));
  const row = (controller: number, cpu: number, identity: number): number =>
    cpu * (identities[controller]?.[0]?.bits ?? 0) + identity - (firsts[controller] ?? 0);

  const events: Bitmap[] = [];
  const itsSlot = topology.devices.map((device) => {
    const controller = topology.controllers[device.controller]?.spec;
    if (controller?.kind !== 'gicv3-its') return -1;
    const key = `${device.controller}/${device.deviceId}`;
    if (!keys.includes(key)) {
      const slot = keys.push(key) - 1;
      itsOwners.push(device.index);
      // What software keeps is not limited by the ITS: `its-event-bits` is a driver that forgot it.
      events.push(
        new Bitmap(store, eventCapacity(topology, device.controller, device.deviceId, 32), {
          ...itsDevice,
          device: () => itsOwners[slot] ?? -1,
        }),
      );
    } else itsOwners[keys.indexOf(key)] = -1;
    return keys.indexOf(key);
  });
  return {
    spis,
    lpis: new Bitmap(store, lpiCapacity(topology), allocator),
    lpiLoad: store.column(2 * topology.cpus, {
      ...allocator,
      cpu: (row) => row % topology.cpus,
    }),
    its: {
      itesOf: store.column(keys.length, itsDevice),
      shared: store.column(keys.length, itsDevice),
      lpiBase: store.column(keys.length, itsDevice),
      lpiCount: store.column(keys.length, itsDevice),
      events,
    },
    itsSlot,
    identities,
    identityOwner: (controller, cpu, identity) =>
      (owners[controller] as Column).get(row(controller, cpu, identity)) - 1,
    setIdentityOwner: (controller, cpu, identity, vector) =>
      (owners[controller] as Column).set(row(controller, cpu, identity), vector + 1),
  };
}
