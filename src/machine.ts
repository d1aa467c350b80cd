/**
 * A machine: a topology and a design, wired. perform() carries out an operation from beginning to
 * end and returns what can be seen then.
 */
import { DESIGNS } from './designs/designs.ts';
import type { DesignChoice } from './designs/design.ts';
import { EventLog } from './events/event-log.ts';
import { activateVpes } from './kernel/controllers/its-vlpi.ts';
import { WINDOW } from './kernel/domains.ts';
import { deviceNamed, errnoName, prepareCall } from './kernel/call.ts';
import { offlineCpu, onlineCpu } from './kernel/cpu-hotplug.ts';
import { run } from './kernel/executor.ts';
import { behaviourOf, type KernelChoice, UNNAMED_KERNEL } from './kernel/changes/changes.ts';
import { Kernel } from './kernel/kernel.ts';
import { Thread } from './kernel/thread.ts';
import type { Observation } from './observation.ts';
import { ModelObservation } from './observe/model-observation.ts';
import type { Operation } from './operation.ts';
import { Store } from './state/store.ts';
import { resolve } from './topology/resolve.ts';
import type { Topology } from './topology/topology.ts';

export interface MachineRequest {
  readonly topology: Topology;
  readonly design: DesignChoice;
  /** How many mappings of user space a domain can hold at once. */
  readonly userMappings: number;
  /** The kernel's version and switched changes; left out: no kernel in particular. */
  readonly kernel?: KernelChoice;
}

/** Why the design cannot run on the topology, if it cannot. */
export const whyUnsupported = ({
  design,
  topology,
}: Pick<MachineRequest, 'design' | 'topology'>): string | undefined =>
  DESIGNS[design.name].unsupported?.(topology);

/** A machine of the model, or why the design cannot run on the topology. */
export function openModel(
  request: MachineRequest,
): ModelMachine | { readonly unsupported: string } {
  const unsupported = whyUnsupported(request);
  return unsupported === undefined ? new ModelMachine(request) : { unsupported };
}

export class ModelMachine {
  readonly store = new Store();
  readonly log = new EventLog();
  readonly kernel: Kernel;
  private readonly thread: Thread;
  private booted: Int32Array;

  constructor({ topology, design, userMappings, kernel }: MachineRequest) {
    const resolved = resolve(topology, userMappings);
    const behaviour = behaviourOf(kernel ?? UNNAMED_KERNEL);
    this.kernel = new Kernel(
      this.store,
      this.log,
      resolved,
      DESIGNS[design.name],
      design,
      behaviour,
    );
    this.thread = new Thread(this.store, 0, topology.cpus);
    this.store.seal();
    this.booted = this.boot();
  }

  /** As after boot. What was observed before no longer holds. */
  reset(): void {
    this.store.restore(this.booted);
    this.log.clear();
  }

  /**
   * As if it had been made for another design or kernel, which must be able to run on its topology.
   * False: it would be another machine, and is left as it is.
   */
  become({ design, kernel }: Pick<MachineRequest, 'design' | 'kernel'>): boolean {
    const behaviour = behaviourOf(kernel ?? UNNAMED_KERNEL);
    if (!this.kernel.become(DESIGNS[design.name], design.initialCount, behaviour)) return false;
    this.store.zero(0, this.store.words.length);
    this.log.clear();
    this.booted = this.boot();
    return true;
  }

  private boot(): Int32Array {
    bootMachine(this.kernel);
    return this.store.snapshot();
  }

  perform(operation: Operation): Observation {
    this.log.beginOperation();
    return new ModelObservation(
      this.kernel,
      errnoName(carryOut(this.kernel, this.thread, operation)),
    );
  }

  observe(): Observation {
    return new ModelObservation(this.kernel, undefined);
  }

  close(): void {
    // Nothing outside the process is held.
  }
}

/** One operation from beginning to end. Returns 0 or minus errno. */
export function carryOut(k: Kernel, t: Thread, operation: Operation): number {
  const { fabric } = k.hw;
  switch (operation.op) {
    case 'fire': {
      const device = deviceNamed(k, operation.vector.device);
      const vector = device.firstVector + operation.vector.index;
      for (let n = 0; n < operation.times; n++) fabric.fire(device.index, vector);
      return 0;
    }
    case 'release': {
      const device = deviceNamed(k, operation.vector.device);
      fabric.release(device.index, device.firstVector + operation.vector.index);
      return 0;
    }
    case 'reset': {
      const device = deviceNamed(k, operation.device).index;
      k.hw.functions.reset(device);
      k.hw.functions.setDecode(device, operation.memory);
      return 0;
    }
    case 'write-message': {
      const { vector, address, data } = operation;
      const { index: device, firstVector } = deviceNamed(k, vector.device);
      const { functions } = k.hw;
      const row = functions.rowOf(device, firstVector + vector.index);
      if (address !== undefined) {
        functions.writeAddressLo(device, row, Number(address & 0xffff_ffffn) | 0);
        functions.writeAddressHi(device, row, Number(address >> 32n) | 0);
      }
      if (data !== undefined) functions.writeData(device, row, data | 0);
      return 0;
    }
    case 'cpu-offline':
      return offlineCpu(k, t, operation.cpu);
    case 'cpu-online':
      return onlineCpu(k, t, operation.cpu);
    case 'dma-write': {
      const device = deviceNamed(k, operation.device);
      const { address, data } = operation;
      fabric.write(device.index, -1, Number(address >> 32n), Number(address & 0xffff_ffffn), data);
      return 0;
    }
    default: {
      const entry = prepareCall(k, t, operation);
      const error = entry < 0 ? entry : run(k, t, entry);
      t.reset();
      return error;
    }
  }
}

/** What is done before the first step: collections mapped, windows that the topology gives. */
export function bootMachine(kernel: Kernel): void {
  const { hw, topology, domains } = kernel;
  for (const its of hw.its) {
    for (let cpu = 0; its && cpu < topology.cpus; cpu++) {
      its.mapc(cpu, cpu);
      its.sync(cpu);
    }
  }
  for (const { index, spec } of topology.devices)
    if (spec.bus === 'platform' && spec.via?.kind === 'wired') hw.functions.reset(index);
  activateVpes(kernel);
  for (const { index, spec } of topology.domains) {
    if (spec.kind !== 'unmanaged' || spec.msiWindow === undefined) continue;
    domains.window.set(index, WINDOW.valid);
    domains.windowBase.set(index, spec.msiWindow.base);
    domains.windowSize.set(index, spec.msiWindow.size);
  }
}
