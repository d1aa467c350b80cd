/** The scenario as a transition system: tables per block, put together state by state. */
import type { Successors } from '../engine/successors.ts';
import type { System } from '../engine/system.ts';
import { Claims, PROPERTIES } from './claims.ts';
import { describeState, describeStep } from './describe.ts';
import { BINDING, MOVE_WORDS, MoveTable, PAGE_SHIFT, SLOT_SHIFT } from './moves.ts';
import { ScenarioFootprints } from './footprints.ts';
import type { Parameters } from './parameters.ts';
import { ScenarioSymmetry } from './renaming.ts';
import { count, StateFields } from './state.ts';

/** A table says nothing yet. */
const UNKNOWN = -1;
/** A device's sum: its active vectors, and BUSY for a thread that is not idle. */
const BUSY = 1 << 8;

export class Scenario implements System {
  readonly name = 'scenario';
  readonly width: number;
  readonly properties = PROPERTIES;
  readonly situations: readonly string[] = [];
  readonly p: Parameters;
  readonly f: StateFields;
  readonly symmetry: ScenarioSymmetry;
  readonly footprints: ScenarioFootprints;
  /** A label is device x labelsPerDevice + the label in the table of moves, then x (slots + 1) + slot taken. */
  readonly labelsPerDevice: number;

  private readonly table: MoveTable;
  private readonly claims: Claims;
  /** By device block: what it needs, and its sum. */
  private readonly needs: Int32Array;
  private readonly sums: Int32Array;
  /** By block of bindings: what they offer, and their references; the latter UNKNOWN if malformed. */
  private readonly offers: Int32Array;
  private readonly references: Int32Array;
  /** Where the blocks are. That of the bindings is the first: word 0, shift 0. */
  private readonly deviceWord: Int32Array;
  private readonly deviceShift: Int32Array;
  private readonly deviceMask: number;
  private readonly bindingsMask: number;
  /** Steps that a state can have at most. */
  private readonly mostSteps: number;
  /** Where a page's fields are in the block of bindings. */
  private readonly slotShift: Int32Array;
  private readonly refShift: Int32Array;
  private readonly slotMask: number;
  private readonly refMask: number;

  constructor(p: Parameters) {
    const f = new StateFields(p);
    this.p = p;
    this.f = f;
    this.width = f.width;
    this.symmetry = new ScenarioSymmetry(p, f);
    this.claims = new Claims(p, f);
    this.table = new MoveTable(p, f);
    this.labelsPerDevice = this.table.labels;
    this.footprints = new ScenarioFootprints(this);
    this.needs = new Int32Array(1 << f.deviceBits).fill(UNKNOWN);
    this.sums = new Int32Array(1 << f.deviceBits);
    this.offers = new Int32Array(1 << f.bindingsBlock.bits).fill(UNKNOWN);
    this.references = new Int32Array(1 << f.bindingsBlock.bits);
    this.deviceWord = Int32Array.from(f.deviceBlocks, ({ word }) => word);
    this.deviceShift = Int32Array.from(f.deviceBlocks, ({ shift }) => shift);
    this.deviceMask = (1 << f.deviceBits) - 1;
    this.mostSteps = p.devices * p.vectors * (p.cpus * p.slots + 1);
    this.bindingsMask = f.bindingsBlock.mask;
    this.slotShift = Int32Array.from(f.bindings, ({ slot }) => slot.shift);
    this.refShift = Int32Array.from(f.bindings, ({ ref }) => ref.shift);
    this.slotMask = f.bindings[0]?.slot.mask ?? 0;
    this.refMask = f.bindings[0]?.ref.mask ?? 0;
  }

  initial(out: Successors): void {
    out.push(0, new Int32Array(this.width));
  }

  expand(words: Int32Array, at: number, out: Successors): void {
    const { table, deviceWord, deviceShift, deviceMask, slotShift, slotMask } = this;
    const bindings = (words[at] as number) & this.bindingsMask;
    out.room(this.mostSteps);
    for (let d = 0; d < deviceWord.length; d++) {
      const word = deviceWord[d] as number;
      const shift = deviceShift[d] as number;
      const block = ((words[at + word] as number) >>> shift) & deviceMask;
      out.loops += this.sumOf(block) & (BUSY - 1);
      const first = table.of(block);
      const { moves } = table;
      const base = d * this.labelsPerDevice;
      for (let m = first; moves[m] !== 0; m += MOVE_WORDS) {
        const head = moves[m] as number;
        const label = (base + (moves[m + 2] as number)) * (slotMask + 1);
        const page = (head >>> PAGE_SHIFT) & 0xf;
        const binding = head & 0xf;
        let next = moves[m + 1] as number;
        if (binding === BINDING.get) {
          this.get(words, at, out, word, (block ^ next) << shift, bindings, page, label);
          continue;
        }
        let changed = 0;
        if (binding === BINDING.read)
          next |= ((bindings >>> (slotShift[page] as number)) & slotMask) << (head >>> SLOT_SHIFT);
        else if (binding === BINDING.put) changed = this.putChange(bindings, page);
        this.emit(words, at, out, word, (block ^ next) << shift, changed, label);
      }
    }
  }

  check(words: Int32Array, at: number): number {
    const { deviceWord, deviceShift, deviceMask } = this;
    const bindings = (words[at] as number) & this.bindingsMask;
    let needs = 0;
    let sum = 0;
    for (let d = 0; d < deviceWord.length; d++) {
      const word = words[at + (deviceWord[d] as number)] as number;
      const block = (word >>> (deviceShift[d] as number)) & deviceMask;
      sum += this.sumOf(block);
      needs |= this.needs[block] as number;
    }
    const missing = needs & ~this.offersOf(bindings);
    if (missing !== 0) return this.claims.isUnmapped(missing) ? 1 : 2;
    const references = this.references[bindings] as number;
    if (sum < BUSY && references !== sum && references !== UNKNOWN) return 3;
    return references === UNKNOWN ? 4 : 0;
  }

  quiescent(words: Int32Array, at: number): boolean {
    return this.blocks(words, at).every((block) => this.sumOf(block) < BUSY);
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

  /** One more reference; or the first, and then a free slot, whichever. */
  private get(
    words: Int32Array,
    at: number,
    out: Successors,
    word: number,
    change: number,
    bindings: number,
    page: number,
    label: number,
  ): void {
    const refShift = this.refShift[page] as number;
    const refs = (bindings >>> refShift) & this.refMask;
    if (refs > 0) {
      const more = refs ^ (refs + 1);
      if (refs < this.f.mostRefs) this.emit(words, at, out, word, change, more << refShift, label);
      return;
    }
    const taken = this.offersOf(bindings);
    for (let slot = 1; slot <= this.p.slots; slot++) {
      if ((taken & (1 << (slot - 1))) !== 0) continue;
      const bound = (1 << refShift) | (slot << (this.slotShift[page] as number));
      this.emit(words, at, out, word, change, bound, label + slot);
    }
  }

  /** What changes in the bindings when a reference is dropped: the last one frees the slot. */
  private putChange(bindings: number, page: number): number {
    const refShift = this.refShift[page] as number;
    const slotShift = this.slotShift[page] as number;
    const refs = (bindings >>> refShift) & this.refMask;
    if (refs === 1) return (1 << refShift) | (bindings & (this.slotMask << slotShift));
    return (refs ^ (refs - 1)) << refShift;
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
    to[base] = words[at] as number;
    if (width === 2) to[base + 1] = words[at + 1] as number;
    else for (let w = 1; w < width; w++) to[base + w] = words[at + w] as number;
    to[base] = to[base] ^ changedBindings;
    to[base + word] = (to[base + word] as number) ^ change;
    out.labels[out.count++] = label;
  }

  private sumOf(block: number): number {
    if (this.needs[block] === UNKNOWN) {
      this.needs[block] = this.claims.needs(block);
      this.sums[block] = this.claims.active(block) + (this.claims.isIdle(block) ? 0 : BUSY);
    }
    return this.sums[block] as number;
  }

  private offersOf(bindings: number): number {
    if (this.offers[bindings] === UNKNOWN) {
      this.offers[bindings] = this.claims.offers(bindings);
      this.references[bindings] = this.claims.isWellFormed(bindings)
        ? this.claims.references(bindings)
        : UNKNOWN;
    }
    return this.offers[bindings] as number;
  }
}
