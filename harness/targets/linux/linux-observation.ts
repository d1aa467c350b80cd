/**
 * What was seen of a real kernel after one operation. Plain data behind the methods of Observation.
 */
import {
  type Command,
  type Delivery,
  type ErrnoName,
  type Fault,
  type Loss,
  type Mapping,
  type Message,
  type Observation,
  type Observed,
  seen,
  type TraceEvent,
  type Translation,
  unobservable,
  type WindowUse,
} from '../../../src/observation.ts';
import { NO_COUNT } from './known.ts';

export interface Sight {
  readonly error: ErrnoName | undefined;
  readonly interrupts: readonly Delivery[];
  readonly faults: Observed<readonly Fault[]>;
  readonly commands: Observed<readonly Command[]>;
  readonly translations: Observed<readonly Translation[]>;
  readonly trace: readonly TraceEvent[];
  readonly history: readonly TraceEvent[];
  readonly mappings: ReadonlyMap<string, readonly Mapping[]>;
  readonly messages: (device: string, index: number) => Message;
  readonly affinity: (device: string, index: number) => readonly number[];
  readonly target: (device: string, index: number) => number | undefined;
}

export class LinuxObservation implements Observation {
  /** QEMU's trace does not say which commands its ITS refused. */
  readonly refusals = undefined;
  readonly error: ErrnoName | undefined;
  private readonly sight: Sight;

  constructor(sight: Sight) {
    this.sight = sight;
    this.error = sight.error;
  }

  interrupts(): Observed<readonly Delivery[]> {
    return seen(this.sight.interrupts);
  }

  faults(): Observed<readonly Fault[]> {
    return this.sight.faults;
  }

  commands(): Observed<readonly Command[]> {
    return this.sight.commands;
  }

  invalidations(): Observed<readonly Command[]> {
    return unobservable("QEMU's trace of SMMU commands is not read: some of them it does not name");
  }

  losses(): Observed<readonly Loss[]> {
    return unobservable('neither QEMU nor the kernel tells of an MSI that nobody took');
  }

  translations(): Observed<readonly Translation[]> {
    return this.sight.translations;
  }

  trace(): readonly TraceEvent[] {
    return this.sight.trace;
  }

  history(): readonly TraceEvent[] {
    return this.sight.history;
  }

  mappings(domain: string): Observed<readonly Mapping[]> {
    return seen(this.sight.mappings.get(domain) ?? []);
  }

  message(device: string, index: number): Observed<Message> {
    return seen(this.sight.messages(device, index));
  }

  leaks(): Observed<number> {
    return NO_COUNT;
  }

  window(): Observed<WindowUse | undefined> {
    return unobservable('the kernel tells no one how much of the window is in use');
  }

  affinity(device: string, index: number): readonly number[] {
    return this.sight.affinity(device, index);
  }

  target(device: string, index: number): number | undefined {
    return this.sight.target(device, index);
  }

  /** What QEMU told of the last writes: the way of the MSI as far as it went. */
  explainPath(device: string, index: number): readonly string[] {
    const { address, data } = this.sight.messages(device, index);
    const message = `message 0x${address.toString(16)} / 0x${data.toString(16)}`;
    const writes = this.sight.history.filter(({ kind }) => kind === 'write' || kind === 'fault');
    return [message, ...writes.slice(-4).map(({ text }) => text)];
  }
}
