/**
 * What the scenario's steps touch beside their own device: the bindings, one resource, for taking a
 * first reference looks for a slot among all of them.
 *
 * Reading the slot of a binding on which the thread holds a reference touches nothing: the slot
 * changes only with the first and the last reference. All three strategies hold one from `take` to
 * the data write.
 */
import type { Footprint, Footprints } from '../engine/system.ts';
import { STEP } from './moves.ts';
import type { Parameters } from './parameters.ts';
import { of, type StateFields } from './state.ts';
import { labelsPerDevice, slotLabels } from './tables.ts';

const BINDINGS = 1;

interface Shape {
  readonly p: Parameters;
  readonly f: StateFields;
}

export class ScenarioFootprints implements Footprints {
  readonly actors: number;
  /**
   * Idle again, a thread has written data or released a binding, and an operation begins visibly as
   * well.
   */
  readonly cyclesAreVisible = true;
  private readonly scenario: Shape;
  private readonly slots: number;
  private readonly labels: number;

  constructor(scenario: Shape) {
    this.scenario = scenario;
    this.actors = scenario.p.devices;
    this.slots = slotLabels(scenario.f);
    this.labels = labelsPerDevice(scenario.p);
  }

  actorOf(label: number): number {
    return Math.floor(label / this.slots / this.labels);
  }

  next(words: Int32Array, at: number, actor: number, out: Footprint): void {
    const { f } = this.scenario;
    const place = f.deviceBlocks[actor];
    const pc = place === undefined ? 0 : of(of(words[at + place.word] as number, place), f.pc);
    const early = this.scenario.p.strategy === 'early-release';
    const touches = pc === 0 || pc === 5 || pc === 6 || (pc === 3 && early);
    out.reads = out.writes = touches ? BINDINGS : 0;
  }

  /** Operations never end. */
  future(_words: Int32Array, _at: number, _actor: number, out: Footprint): void {
    out.reads = out.writes = BINDINGS;
  }

  /** Writing the address of a vector that is not active yet is all that no property sees. */
  visible(label: number): boolean {
    const { p } = this.scenario;
    const inDevice = Math.floor(label / this.slots) % this.labels;
    return Math.floor(inDevice / p.cpus / p.vectors) !== STEP.setupAddress;
  }
}
