/**
 * A kernel thread: the registers that the steps of a procedure share. They live in the store, so
 * that an interrupted procedure is part of the state. A step that needs to remember something keeps
 * it here.
 */
import type { Column, Held, RowOf, Store, WideColumn } from '../state/store.ts';

const REGISTERS = [
  'pc',
  'device',
  'vector',
  'count',
  'mode',
  'domain',
  'cpu',
  'identity',
  'oldCpu',
  'oldIdentity',
  'chipReturn',
  'messageHi',
  'messageLo',
  'messageData',
  'taken',
  'error',
  'managed',
  'vpe',
] as const;

/**
 * Of registers that name something. `cpu` is an operand of move-vcpu only, and set-up has `first`
 * in its place.
 */
const HOLDS: Partial<Record<(typeof REGISTERS)[number], Held>> = {
  device: 'device',
  vector: 'vector',
  oldCpu: 'cpuPlus1',
  messageLo: 'address',
};

export class Thread {
  readonly index: number;
  private readonly registers: Column;
  private readonly wide: WideColumn;
  /** CPUs asked for: bit per CPU, 32 to a word. */
  private readonly mask: Column;

  constructor(store: Store, index: number, cpus: number) {
    this.index = index;
    const own: RowOf = { part: 'registers', thread: () => index };
    const named: RowOf = { ...own, holds: (row) => HOLDS[REGISTERS[row] ?? 'pc'] };
    this.registers = store.column(REGISTERS.length, named);
    // The doorbell; the others are operands of map and unmap.
    this.wide = store.wideColumn(3, {
      ...own,
      holds: (row) => (row === 0 ? 'address' : undefined),
    });
    this.mask = store.column(Math.ceil(cpus / 32), { ...own, holds: 'cpuMask' });
  }

  /** Instruction that is to run next. */
  get pc(): number {
    return this.registers.get(0);
  }
  set pc(v: number) {
    this.registers.set(0, v);
  }
  get device(): number {
    return this.registers.get(1);
  }
  set device(v: number) {
    this.registers.set(1, v);
  }
  get vector(): number {
    return this.registers.get(2);
  }
  set vector(v: number) {
    this.registers.set(2, v);
  }
  /** Vectors that the operation is about. */
  get count(): number {
    return this.registers.get(3);
  }
  set count(v: number) {
    this.registers.set(3, v);
  }
  get mode(): number {
    return this.registers.get(4);
  }
  set mode(v: number) {
    this.registers.set(4, v);
  }
  get domain(): number {
    return this.registers.get(5);
  }
  set domain(v: number) {
    this.registers.set(5, v);
  }
  get cpu(): number {
    return this.registers.get(6);
  }
  set cpu(v: number) {
    this.registers.set(6, v);
  }
  /** Of set-up: the first vector that is requested, counted from the device's own first. */
  get first(): number {
    return this.registers.get(6);
  }
  set first(v: number) {
    this.registers.set(6, v);
  }
  get identity(): number {
    return this.registers.get(7);
  }
  set identity(v: number) {
    this.registers.set(7, v);
  }
  get oldCpu(): number {
    return this.registers.get(8);
  }
  set oldCpu(v: number) {
    this.registers.set(8, v);
  }
  get oldIdentity(): number {
    return this.registers.get(9);
  }
  set oldIdentity(v: number) {
    this.registers.set(9, v);
  }
  /** What irq_chip.irq_set_affinity returned. */
  get chipReturn(): number {
    return this.registers.get(10);
  }
  set chipReturn(v: number) {
    this.registers.set(10, v);
  }
  /** The struct msi_msg on its way from compose to the device. */
  get messageHi(): number {
    return this.registers.get(11) >>> 0;
  }
  set messageHi(v: number) {
    this.registers.set(11, v | 0);
  }
  get messageLo(): number {
    return this.registers.get(12) >>> 0;
  }
  set messageLo(v: number) {
    this.registers.set(12, v | 0);
  }
  get messageData(): number {
    return this.registers.get(13) >>> 0;
  }
  set messageData(v: number) {
    this.registers.set(13, v | 0);
  }
  /** Binding + 1 on which the design has taken a reference for the message to come. */
  get taken(): number {
    return this.registers.get(14);
  }
  set taken(v: number) {
    this.registers.set(14, v);
  }
  /** Minus errno of the step that failed. */
  get error(): number {
    return this.registers.get(15);
  }
  set error(v: number) {
    this.registers.set(15, v);
  }

  /** 1 in a set-up with PCI_IRQ_AFFINITY. */
  get managed(): number {
    return this.registers.get(16);
  }
  set managed(v: number) {
    this.registers.set(16, v);
  }

  /** vPE that the operation is about. */
  get vpe(): number {
    return this.registers.get(17);
  }
  set vpe(v: number) {
    this.registers.set(17, v);
  }

  /** Physical address of the doorbell that prepare is told of. */
  get doorbell(): number {
    return this.wide.get(0);
  }
  set doorbell(v: number) {
    this.wide.set(0, v);
  }
  /** Operands of map, unmap and register-window. */
  get address(): number {
    return this.wide.get(1);
  }
  set address(v: number) {
    this.wide.set(1, v);
  }
  get size(): number {
    return this.wide.get(2);
  }
  set size(v: number) {
    this.wide.set(2, v);
  }

  wants(cpu: number): boolean {
    return (this.mask.get(cpu >>> 5) & (1 << (cpu & 31))) !== 0;
  }

  setMask(cpus: readonly number[]): void {
    this.mask.clear();
    for (const cpu of cpus) this.mask.set(cpu >>> 5, this.mask.get(cpu >>> 5) | (1 << (cpu & 31)));
  }

  /** The mask, word by word. */
  loadMask(word: (w: number) => number): void {
    for (let w = 0; w < this.mask.length; w++) this.mask.set(w, word(w));
  }

  maskWord(w: number): number {
    return this.mask.get(w);
  }

  reset(): void {
    this.registers.clear();
    this.wide.clear();
    this.mask.clear();
  }
}
