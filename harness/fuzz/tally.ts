/** What a fuzz has exercised: without it, no failure would mean little. */
import type { FuzzSpec } from './fuzz-spec.ts';
import type { FuzzMachine } from './machines.ts';

export class Tally {
  runs = 0;
  /** Cases that came to a verdict, by design; and those that the design cannot run. */
  readonly judged = new Map<string, number>();
  readonly unsupported = new Map<string, number>();
  interrupts = 0;
  states = 0;
  /** Interleavings: tried to the end, and given up at the bound. */
  interleavings = 0;
  unfinished = 0;
  readonly controllers = new Map<string, number>();
  readonly iommus = new Map<string, number>();
  readonly operations = new Map<string, number>();
  readonly errors = new Map<string, number>();

  machine({ controller, iommu }: FuzzMachine): void {
    add(this.controllers, controller);
    add(this.iommus, iommu);
  }

  spec({ operations, interrupts }: FuzzSpec): void {
    this.interrupts += interrupts;
    for (const { op, error } of operations) {
      add(this.operations, op);
      if (error !== undefined) add(this.errors, error);
    }
  }

  case(design: string, supported: boolean): void {
    add(supported ? this.judged : this.unsupported, design);
  }

  /** As plain data, for JSON. */
  data(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(this).map(([name, value]: [string, unknown]) => [
        name,
        value instanceof Map ? Object.fromEntries(value) : value,
      ]),
    );
  }

  /** Why the fuzz proves nothing for want of what it exercised. */
  vacuous(designs: readonly string[]): string | undefined {
    const idle = designs.find((design) => !this.judged.has(design));
    if (idle !== undefined) return `no machine was drawn that ${idle} can run on`;
    if (this.interrupts === 0) return 'no interrupt was ever delivered';
    return undefined;
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
