/**
 * A CPU for each row. One that was never set is told from CPU 0 in the store (`cpuPlus1`), and read
 * as it.
 */
import type { Column } from './store.ts';

export class CpuColumn {
  private readonly plus1: Column;

  constructor(plus1: Column) {
    this.plus1 = plus1;
  }

  get(row: number): number {
    return Math.max(0, this.plus1.get(row) - 1);
  }

  set(row: number, cpu: number): void {
    this.plus1.set(row, cpu + 1);
  }

  forget(row: number): void {
    this.plus1.set(row, 0);
  }
}
