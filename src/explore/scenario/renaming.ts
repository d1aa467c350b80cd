/**
 * The scenario's symmetry: CPUs (with their doorbell pages), devices, the vectors of each device,
 * and slots may be renamed, for no step prefers one to another (a new binding takes any free slot).
 *
 * The representative is the least of all renamings, bindings first: the CPU and slot renamings that
 * make the bindings least are few and depend on the bindings alone, so they are kept; under each, a
 * device's block has a least form over its vectors' renamings, kept as well, and devices are put in
 * order.
 */
import type { Symmetry } from '../engine/system.ts';
import type { Parameters } from './parameters.ts';
import { count, of, withField, type StateFields } from './state.ts';

interface Renaming {
  readonly cpu: readonly number[];
  /** By slot number; 0, no slot, stays. */
  readonly slot: readonly number[];
}

/** The least form of a block of bindings, and the renamings that lead to it. */
interface Least {
  readonly bindings: number;
  readonly renamings: readonly number[];
}

const UNKNOWN = -1;

export class ScenarioSymmetry implements Symmetry {
  readonly group: string;
  private readonly p: Parameters;
  private readonly f: StateFields;
  private readonly renamings: readonly Renaming[];
  private readonly vectorOrders: readonly (readonly number[])[];
  private readonly least = new Map<number, Least>();
  /** By renaming and device block: the least form of the block. */
  private readonly blocks: readonly Map<number, number>[];
  /** By device block in least form: how many different blocks its vectors' renamings are. */
  private readonly blockOrbits = new Map<number, number>();
  private readonly devices: Int32Array;
  private readonly best: Int32Array;

  constructor(p: Parameters, f: StateFields) {
    this.p = p;
    this.f = f;
    this.group = `${p.cpus} CPUs x ${p.devices} devices x ${p.vectors} vectors of each x ${p.slots} slots`;
    this.renamings = permutations(p.cpus).flatMap((cpu) =>
      permutations(p.slots).map((slots) => ({ cpu, slot: [0, ...slots.map((s) => s + 1)] })),
    );
    this.vectorOrders = permutations(p.vectors);
    this.blocks = this.renamings.map(() => new Map<number, number>());
    this.devices = new Int32Array(p.devices);
    this.best = new Int32Array(p.devices);
  }

  canonicalize(words: Int32Array, at: number): void {
    const { f, best } = this;
    const least = this.leastOf((words[at] as number) & f.bindingsBlock.mask);
    best.fill(-1);
    for (const renaming of least.renamings) this.takeIfLess(this.renamed(words, at, renaming));
    words.fill(0, at, at + f.width);
    words[at] = least.bindings;
    f.deviceBlocks.forEach(({ word, shift }, d) => {
      words[at + word] = (words[at + word] as number) | ((best[d] as number) << shift);
    });
  }

  /** Of a representative. */
  orbit(words: Int32Array, at: number): number {
    const own = this.renamed(words, at, UNKNOWN).slice();
    const bindings = (words[at] as number) & this.f.bindingsBlock.mask;
    const stabilizing = this.leastOf(bindings).renamings.filter((renaming) =>
      this.renamed(words, at, renaming).every((block, d) => block === own[d]),
    );
    return (this.renamings.length / stabilizing.length) * this.orders(own);
  }

  /** Different orders of the devices, times the forms of each. */
  private orders(sorted: Int32Array): number {
    let orders = 1;
    let run = 0;
    sorted.forEach((block, d) => {
      run = block === sorted[d - 1] ? run + 1 : 1;
      orders *= ((d + 1) / run) * this.blockOrbit(block);
    });
    return orders;
  }

  /** The devices' blocks under a renaming (UNKNOWN: none), each in its least form, in order. */
  private renamed(words: Int32Array, at: number, renaming: number): Int32Array {
    const { devices, f } = this;
    for (let d = 0; d < devices.length; d++) {
      const { word, shift, mask } = f.deviceBlocks[d] as {
        word: number;
        shift: number;
        mask: number;
      };
      const block = ((words[at + word] as number) >>> shift) & mask;
      const form = renaming === UNKNOWN ? block : this.blockUnder(renaming, block);
      let place = d;
      for (; place > 0 && (devices[place - 1] as number) > form; place--)
        devices[place] = devices[place - 1] as number;
      devices[place] = form;
    }
    return devices;
  }

  private takeIfLess(devices: Int32Array): void {
    const { best } = this;
    for (let d = 0; d < best.length; d++) {
      const difference = (devices[d] as number) - (best[d] as number);
      if (difference > 0 && best[d] !== -1) return;
      if (difference !== 0) {
        best.set(devices);
        return;
      }
    }
  }

  private leastOf(bindings: number): Least {
    const known = this.least.get(bindings);
    if (known !== undefined) return known;
    const images = this.renamings.map((renaming) => this.bindingsUnder(renaming, bindings));
    const least = Math.min(...images);
    const renamings = [...images.keys()].filter((r) => images[r] === least);
    const found = { bindings: least, renamings };
    this.least.set(bindings, found);
    return found;
  }

  private bindingsUnder({ cpu, slot }: Renaming, bindings: number): number {
    const { f, p } = this;
    return f.bindings.reduce((image, from, q) => {
      const to = f.bindings[p.pages === 1 ? 0 : (cpu[q] as number)] as typeof from;
      const renamed = slot[of(bindings, from.slot)] as number;
      return withField(withField(image, to.slot, renamed), to.ref, of(bindings, from.ref));
    }, 0);
  }

  private blockUnder(renaming: number, block: number): number {
    const forms = this.blocks[renaming] as Map<number, number>;
    const known = forms.get(block);
    if (known !== undefined) return known;
    const form = Math.min(
      ...this.forms(this.renameBlock(this.renamings[renaming] as Renaming, block)),
    );
    forms.set(block, form);
    return form;
  }

  private renameBlock({ cpu, slot }: Renaming, block: number): number {
    const { f } = this;
    let renamed = block;
    // An idle thread has CPU 0, and so has a vector that is not programmed: no name, nothing to
    // rename.
    const pc = of(block, f.pc);
    if (pc !== 0 && pc !== 6) renamed = withField(renamed, f.c, cpu[of(block, f.c)] as number);
    for (const vector of f.vectors) {
      const own = of(block, vector.slot);
      if (own !== 0) renamed = withField(renamed, vector.slot, slot[own] as number);
      if (this.hasCpu(block, vector)) {
        const image = cpu[of(block, vector.cpu)] as number;
        renamed = withField(renamed, vector.cpu, image);
      }
    }
    return renamed;
  }

  /** Active, or being torn down: then its CPU says which binding is to be released. */
  private hasCpu(block: number, vector: StateFields['vectors'][number]): boolean {
    const { f } = this;
    const own = f.vectors.indexOf(vector) === of(block, f.v);
    return of(block, vector.act) === 1 || (own && of(block, f.pc) === 6);
  }

  /** The block with its vectors in every order. */
  private forms(block: number): number[] {
    const { f } = this;
    return this.vectorOrders.map((order) => {
      let form = block;
      order.forEach((to, from) => {
        const [source, target] = [f.vectors[from], f.vectors[to]];
        if (source === undefined || target === undefined) return;
        for (const field of ['act', 'cpu', 'slot'] as const)
          form = withField(form, target[field], of(block, source[field]));
      });
      return of(block, f.pc) === 0 ? form : withField(form, f.v, order[of(block, f.v)] as number);
    });
  }

  private blockOrbit(block: number): number {
    let orbit = this.blockOrbits.get(block);
    if (orbit === undefined) this.blockOrbits.set(block, (orbit = new Set(this.forms(block)).size));
    return orbit;
  }
}

export function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((shorter) =>
    count(n, (place) => [...shorter.slice(0, place), n - 1, ...shorter.slice(place)]),
  );
}
