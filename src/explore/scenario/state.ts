/**
 * The bits of a state: a block for all bindings, and one for each device with its thread and
 * vectors. A block is small enough to index a table; what a block can do is worked out once
 * (moves.ts).
 */
import { bitsFor, Layout, type Field } from '../engine/layout.ts';
import type { Parameters } from './parameters.ts';

/** A table indexed by a block has 2^24 entries at most. */
const BLOCK_BITS = 24;

export interface VectorFields {
  readonly act: Field;
  readonly cpu: Field;
  readonly slot: Field;
}

export class StateFields {
  /** Within a device's block. */
  readonly pc: Field;
  readonly v: Field;
  readonly c: Field;
  readonly vectors: readonly VectorFields[];
  /** Within the block of bindings. Both 0: no binding. */
  readonly bindings: readonly { readonly slot: Field; readonly ref: Field }[];
  /** Where the blocks are in a state. */
  readonly bindingsBlock: Field;
  readonly deviceBlocks: readonly Field[];
  readonly deviceBits: number;
  readonly width: number;
  /** References that a binding can count; only a leak ever gets there. */
  readonly mostRefs: number;

  constructor(p: Parameters) {
    this.mostRefs = p.devices * p.vectors + p.devices;
    const device = new Layout();
    this.pc = device.add('pc', bitsFor(7));
    this.v = device.add('v', bitsFor(p.vectors - 1));
    this.c = device.add('c', bitsFor(p.cpus - 1));
    this.vectors = count(p.vectors, (n) => ({
      act: device.add(`act ${n}`, 1),
      cpu: device.add(`cpu ${n}`, bitsFor(p.cpus - 1)),
      slot: device.add(`slot ${n}`, bitsFor(p.slots)),
    }));
    const bindings = new Layout();
    this.bindings = count(p.pages, (q) => ({
      slot: bindings.add(`slot of page ${q}`, bitsFor(p.slots)),
      ref: bindings.add(`references of page ${q}`, bitsFor(this.mostRefs)),
    }));
    if (device.bits > BLOCK_BITS || bindings.bits > BLOCK_BITS)
      throw new Error(
        `the scenario is too large: ${device.bits} bits a device, ${bindings.bits} of bindings; at most ${BLOCK_BITS}`,
      );
    this.deviceBits = device.bits;
    const state = new Layout();
    this.bindingsBlock = state.add('bindings', bindings.bits);
    this.deviceBlocks = count(p.devices, (d) => state.add(`device ${d}`, device.bits));
    this.width = state.width;
  }
}

export const count = <T>(n: number, make: (index: number) => T): T[] =>
  Array.from({ length: n }, (_, index) => make(index));

/** A field of a block. */
export const of = (block: number, { shift, mask }: Field): number => (block >>> shift) & mask;

/** The block with a field set. */
export const withField = (block: number, { shift, mask }: Field, value: number): number =>
  (block & ~(mask << shift)) | (value << shift);
