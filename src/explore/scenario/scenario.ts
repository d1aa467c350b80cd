/** The scenario as a transition system: tables per block, put together state by state. */
import type { Successors } from '../engine/successors.ts';
import type { System } from '../engine/system.ts';
import { Claims, PROPERTIES } from './claims.ts';
import type { Compiled } from './compiled.ts';
import { describeState, describeStep } from './describe.ts';
import { ScenarioFootprints } from './footprints.ts';
import type { Parameters } from './parameters.ts';
import { ScenarioSymmetry } from './renaming.ts';
import { count, StateFields } from './state.ts';
import {
  BINDINGS,
  bindingsTable,
  BUSY,
  CHOICE,
  DEVICE,
  deviceTable,
  labelsPerDevice,
  MALFORMED,
  MOVE_WORDS,
  NO_MORE,
  SLOT_SHIFT,
  slotLabels,
  USE_MASK,
} from './tables.ts';

export class Scenario implements System {
  readonly name = 'scenario';
  readonly width: number;
  readonly properties = PROPERTIES;
  readonly situations: readonly string[] = [];
  readonly p: Parameters;
  readonly f: StateFields;
  readonly symmetry: ScenarioSymmetry;
  readonly footprints: ScenarioFootprints;

  private readonly claims: Claims;
  private readonly devices: Compiled;
  private readonly bindings: Compiled;
  /** Where the blocks are. That of the bindings is the first: word 0, shift 0. */
  private readonly deviceWord: Int32Array;
  private readonly deviceShift: Int32Array;
  private readonly deviceMask: number;
  private readonly bindingsMask: number;
  /** Labels of all steps of a device. */
  private readonly deviceLabels: number;
  /** Steps that a state can have at most. */
  private readonly mostSteps: number;

  constructor(p: Parameters) {
    const f = new StateFields(p);
    this.p = p;
    this.f = f;
    this.width = f.width;
    this.symmetry = new ScenarioSymmetry(p, f);
    this.claims = new Claims(p, f);
    this.devices = deviceTable(p, f, this.claims);
    this.bindings = bindingsTable(p, f, this.claims);
    this.deviceLabels = labelsPerDevice(p) * slotLabels(f);
    this.footprints = new ScenarioFootprints(this);
    this.deviceWord = Int32Array.from(f.deviceBlocks, ({ word }) => word);
    this.deviceShift = Int32Array.from(f.deviceBlocks, ({ shift }) => shift);
    this.deviceMask = (1 << f.deviceBits) - 1;
    this.mostSteps = p.devices * p.vectors * (p.cpus * p.slots + 1);
    this.bindingsMask = f.bindingsBlock.mask;
  }

  initial(out: Successors): void {
    out.push(0, new Int32Array(this.width));
  }

  expand(words: Int32Array, at: number, out: Successors): void {
    const { devices, deviceWord, deviceShift, deviceMask, deviceLabels } = this;
    const bindings = this.bindings.of((words[at] as number) & this.bindingsMask);
    const uses = this.bindings.words;
    out.room(this.mostSteps);
    for (let d = 0; d < deviceWord.length; d++) {
      const word = deviceWord[d] as number;
      const shift = deviceShift[d] as number;
      const device = devices.of(((words[at + word] as number) >>> shift) & deviceMask);
      const list = devices.words;
      out.loops += (list[device + DEVICE.sum] as number) & (BUSY - 1);
      const first = device + DEVICE.moves;
      const end = first + (list[device + DEVICE.size] as number);
      for (let m = first; m < end; m += MOVE_WORDS) {
        const head = list[m] as number;
        const use = bindings + (head & USE_MASK);
        const label = d * deviceLabels + (list[m + 2] as number);
        const change = list[m + 1] as number;
        const bound = uses[use] as number;
        if (bound === CHOICE) {
          let c = bindings + (uses[use + 1] as number);
          for (; uses[c] !== NO_MORE; c += 2)
            this.emit(
              words,
              at,
              out,
              word,
              change << shift,
              uses[c] as number,
              label + (uses[c + 1] as number),
            );
        } else {
          const slot = (uses[use + 1] as number) << (head >>> SLOT_SHIFT);
          this.emit(words, at, out, word, (change ^ slot) << shift, bound, label);
        }
      }
    }
  }

  check(words: Int32Array, at: number): number {
    const { devices, deviceWord, deviceShift, deviceMask } = this;
    let needs = 0;
    let sum = 0;
    for (let d = 0; d < deviceWord.length; d++) {
      const word = words[at + (deviceWord[d] as number)] as number;
      const device = devices.of((word >>> (deviceShift[d] as number)) & deviceMask);
      needs |= devices.words[device + DEVICE.needs] as number;
      sum += devices.words[device + DEVICE.sum] as number;
    }
    const bindings = this.bindings.of((words[at] as number) & this.bindingsMask);
    const missing = needs & ~(this.bindings.words[bindings + BINDINGS.offers] as number);
    if (missing !== 0) return this.claims.isUnmapped(missing) ? 1 : 2;
    const references = this.bindings.words[bindings + BINDINGS.references] as number;
    if (sum < BUSY && references !== sum && references !== MALFORMED) return 3;
    return references === MALFORMED ? 4 : 0;
  }

  quiescent(words: Int32Array, at: number): boolean {
    return this.blocks(words, at).every((block) => this.claims.isIdle(block));
  }

  describeStep(label: number): string {
    return describeStep(this, label);
  }

  describeState(words: Int32Array, at: number): Record<string, string> {
    return describeState(this, (words[at] as number) & this.bindingsMask, this.blocks(words, at));
  }

  blocks(words: Int32Array, at: number): number[] {
    return count(this.p.devices, (d) => {
      const word = words[at + (this.deviceWord[d] as number)] as number;
      return (word >>> (this.deviceShift[d] as number)) & this.deviceMask;
    });
  }

  private emit(
    words: Int32Array,
    at: number,
    out: Successors,
    word: number,
    change: number,
    changedBindings: number,
    label: number,
  ): void {
    const { width } = this;
    const to = out.words;
    const base = out.count * width;
    const first = (words[at] as number) ^ changedBindings;
    if (width === 2) {
      // Without a branch, and without reading again what was written just now.
      to[base] = first ^ (change & (word - 1));
      to[base + 1] = (words[at + 1] as number) ^ (change & -word);
    } else {
      to[base] = first;
      for (let w = 1; w < width; w++) to[base + w] = words[at + w] as number;
      to[base + word] = (to[base + word] as number) ^ change;
    }
    out.labels[out.count++] = label;
  }
}
