/**
 * Looks at a machine after each operation: what the kernel and QEMU told of it becomes an
 * observation.
 */
import {
  type Delivery,
  type ErrnoName,
  type Fault,
  type Observation,
  type Observed,
  seen,
  type TraceEvent,
  unobservable,
} from '../../../src/observation.ts';
import type { Operation } from '../../../src/operation.ts';
import type { Aim, Channel } from './agent.ts';
import { bdfOf } from './bdf.ts';
import type { DeviceDriver } from './device-driver.ts';
import type { DomainTables, MessageTable } from './known.ts';
import { LinuxObservation, type Sight } from './linux-observation.ts';
import { MOVES } from './moves.ts';
import type { InterruptLine } from './read/interrupts.ts';
import type { HardwareEvent } from './read/qemu-trace.ts';
import { faultsOf, limited } from './smmu-faults.ts';
import { traceEventOf, translationsOf } from './translations.ts';
import { pause, type Watch } from './watch.ts';

/** Nothing was to come; a stray one would have by then. */
const SILENCE_MS = 20;
const UNTOLD = unobservable('nobody tells what the hardware of a board did');

/** What an operation did that is gone when the next one is carried out. */
type Momentary = Pick<
  Sight,
  'error' | 'interrupts' | 'faults' | 'commands' | 'translations' | 'trace'
>;

export interface Answers {
  readonly now: readonly InterruptLine[];
  /** By device. */
  readonly eventfds: readonly ReadonlyMap<number, number>[];
  /** By the device's name, after operations that may move interrupts. */
  readonly aims: ReadonlyMap<string, readonly Aim[]>;
}

export interface Scene {
  readonly devices: ReadonlyMap<string, DeviceDriver>;
  readonly domains: DomainTables;
  readonly messages: MessageTable;
  readonly watch: Watch;
  /** The name of the MSI controller. */
  readonly its: string;
  readonly channel: Channel;
}

export class Looker {
  private readonly scene: Scene;
  private readonly past: TraceEvent[] = [];
  private operation = 0;
  /** What the interrupts had been counted to when the last operation was looked at. */
  private before: readonly InterruptLine[] = [];
  private asked: Promise<Answers> | undefined;
  private begun: Promise<void> = Promise.resolve();

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /**
   * Asks for what there is before the first operation, which need not wait for the answer: it is
   * awaited by what needs it.
   */
  async start(): Promise<void> {
    const { watch } = this.scene;
    await watch.hardware();
    this.begun = watch.begin().then((interrupts) => void (this.before = interrupts));
    // Told by `ready`.
    this.begun.catch(() => {});
  }

  ready(): Promise<void> {
    return this.begun;
  }

  /**
   * Asks for what `look` needs, right behind the requests of an operation. Asked again, the
   * eventfds' counts add up, and the rest is as it is now.
   */
  ask(operation: Operation): Promise<Answers> {
    this.asked = this.answers(operation, this.asked);
    return this.asked;
  }

  private async answers(
    operation: Operation,
    before: Promise<Answers> | undefined,
  ): Promise<Answers> {
    const { watch } = this.scene;
    const devices = [...this.scene.devices.values()];
    const moves = MOVES.has(operation.op);
    const [earlier, , now, eventfds, aims] = await Promise.all([
      before,
      watch.kernelLog(),
      watch.interrupts(),
      Promise.all(devices.map((device) => device.eventfds())),
      moves ? Promise.all(devices.map((device) => device.aims())) : [],
    ]);
    return {
      now,
      eventfds: eventfds.map((counts, i) => sums(counts, earlier?.eventfds[i])),
      aims: new Map(aims.map((each, i) => [devices[i]?.name ?? '', each])),
    };
  }

  async look(operation: Operation, error: ErrnoName | undefined): Promise<Observation> {
    this.operation++;
    await this.begun;
    if (operation.op === 'dma-write') await pause(SILENCE_MS);
    const { watch, its, messages, channel } = this.scene;
    const { now, eventfds, aims } = await (this.asked ?? this.answers(operation, undefined));
    this.asked = undefined;
    for (const [device, each] of aims) this.scene.devices.get(device)?.vectors.aim(each);
    const { events: hardware, lines } = await watch.hardware();
    const { faults, note } = await this.faults(hardware);
    const interrupts = await this.counted(now, eventfds);
    const trace = [...lines.map((line) => traceEventOf(line, this.operation)), ...note];
    this.past.push(...trace);
    const commands = hardware.flatMap((event) =>
      event.kind === 'command' ? [{ unit: its, ...event.command }] : [],
    );
    const translations =
      operation.op === 'fire'
        ? translationsOf(
            hardware,
            (stream) => this.scene.devices.get(this.deviceOfStream(stream)),
            messages,
          )
        : [];
    return this.observation({
      error,
      interrupts,
      faults,
      commands: channel.seesHardware ? seen(commands) : UNTOLD,
      translations: channel.seesHardware ? seen(translations) : UNTOLD,
      trace,
    });
  }

  /** Without an operation. */
  now(): Observation {
    const nothing = seen([]);
    return this.observation({
      error: undefined,
      interrupts: [],
      faults: nothing,
      commands: nothing,
      translations: nothing,
      trace: [],
    });
  }

  private async faults(hardware: readonly HardwareEvent[]): Promise<{
    readonly faults: Observed<readonly Fault[]>;
    readonly note: readonly TraceEvent[];
  }> {
    const recorded = hardware.flatMap((event) => (event.kind === 'fault' ? [event] : []));
    const { taken, logged } = await this.scene.watch.faults(recorded.length);
    const isSeen = this.scene.channel.seesHardware;
    const faults = faultsOf(isSeen ? recorded : undefined, taken, logged, (stream) =>
      this.deviceOfStream(stream),
    );
    const text = isSeen ? limited(recorded, logged) : undefined;
    const note: TraceEvent[] =
      text === undefined
        ? []
        : [{ kind: 'fault', who: "the kernel's log", text, operation: this.operation }];
    return { faults, note };
  }

  private async counted(
    now: readonly InterruptLine[],
    eventfds: readonly ReadonlyMap<number, number>[],
  ): Promise<Delivery[]> {
    const all: Delivery[] = [];
    for (const [i, device] of [...this.scene.devices.values()].entries()) {
      const deliveries = device.deliveries(this.before, now);
      await device.checkEventfds(deliveries, eventfds[i] ?? new Map());
      all.push(...deliveries);
    }
    this.before = now;
    return all;
  }

  private observation(momentary: Momentary): LinuxObservation {
    const messages = this.scene.messages.copy();
    return new LinuxObservation({
      ...momentary,
      history: [...this.past],
      mappings: this.scene.domains.mappings(),
      messages: (device, index) => messages.read(`${device}/${index}`),
      ...whereTo([...this.scene.devices.values()]),
    });
  }

  private deviceOfStream(streamId: number): string {
    const bdf = bdfOf(streamId);
    const devices = [...this.scene.devices.values()];
    const found =
      devices.find((device) => device.bdf === bdf) ??
      devices.find(({ streams }) => streams.includes(streamId));
    return found?.name ?? `stream ${streamId}`;
  }
}

function sums(
  counts: ReadonlyMap<number, number>,
  more: ReadonlyMap<number, number> | undefined,
): ReadonlyMap<number, number> {
  return new Map([...counts].map(([index, count]) => [index, count + (more?.get(index) ?? 0)]));
}

/** Of each vector now, whatever it becomes. */
function whereTo(devices: readonly DeviceDriver[]): Pick<Sight, 'affinity' | 'target'> {
  const affinities = new Map<string, readonly number[]>();
  const targets = new Map<string, number | undefined>();
  for (const device of devices) {
    for (const [index, cpus] of device.vectors.affinities())
      affinities.set(`${device.name}/${index}`, cpus);
    for (const [index, cpu] of device.vectors.targets())
      targets.set(`${device.name}/${index}`, cpu);
  }
  return {
    affinity: (device, index) => affinities.get(`${device}/${index}`) ?? [],
    target: (device, index) => targets.get(`${device}/${index}`),
  };
}
