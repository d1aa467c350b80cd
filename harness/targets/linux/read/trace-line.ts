/**
 * Lines of tracefs: the kernel's own events (iommu:map, iommu:unmap) and the probes that the guest
 * sets. A line that is none of these is nothing to us and is passed over; a line of ours that does
 * not parse is an error, because an observation would be missing in silence.
 */

export type KernelEvent =
  | { readonly kind: 'map'; readonly iova: bigint; readonly pa: bigint; readonly size: bigint }
  | { readonly kind: 'unmap'; readonly iova: bigint; readonly size: bigint }
  /** iommu_map as it was called: the protection is not in the event. */
  | { readonly kind: 'iommu-map'; readonly iova: bigint; readonly prot: number }
  /** __pci_write_msi_msg. */
  | {
      readonly kind: 'message';
      readonly address: bigint;
      readonly data: number;
      readonly irq?: number;
    }
  /**
   * The SMMU's event thread asks for the next record; the last one that it got is where the next
   * will be.
   */
  | { readonly kind: 'event-asked'; readonly words: readonly bigint[] }
  /** Whether there was one: 0, or -EAGAIN. */
  | { readonly kind: 'event-got'; readonly got: boolean };

export interface TraceLine {
  readonly cpu: number;
  /** Name of the event or probe. */
  readonly name: string;
  readonly event?: KernelEvent;
}

/** `  agent-105   [000]   6.059549: name: rest`, with or without the column of flags. */
const LINE = /^\s*.{1,64}-\d+\s+\[(\d+)\]\s+(?:[^\s\d]\S*\s+)?\d+\.\d+:\s+(\S+?):\s*(.*)$/;

/** Undefined for what is no event: headers, comments, `CPU:1 [LOST 5 EVENTS]` (see `lost`). */
export function parseTraceLine(line: string): TraceLine | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, cpu, name = '', rest = ''] = match;
  const event = READERS[name]?.(rest, line);
  return { cpu: Number(cpu), name, ...(event === undefined ? {} : { event }) };
}

/** `CPU:1 [LOST 42 EVENTS]`: the ring buffer ran over, and what was to be seen is gone. */
export const lostEvents = (line: string): number =>
  Number(/\[LOST (\d+) EVENTS\]/.exec(line)?.[1] ?? 0);

type Reader = (rest: string, line: string) => KernelEvent;

const READERS: Readonly<Record<string, Reader>> = {
  map: (rest, line) => {
    const [iova, pa, size] = fields(rest, line, /iova=(\S+) - \S+ paddr=(\S+) size=(\d+)/);
    return { kind: 'map', iova: BigInt(iova), pa: BigInt(pa), size: BigInt(size) };
  },
  unmap: (rest, line) => {
    const [iova, size] = fields(rest, line, /iova=(\S+) - \S+ size=\d+ unmapped_size=(\d+)/);
    return { kind: 'unmap', iova: BigInt(iova), size: BigInt(size) };
  },
  imap: (rest, line) => {
    const [iova, prot] = fields(rest, line, /iova=(\S+) .*prot=(\S+)/);
    return { kind: 'iommu-map', iova: BigInt(iova), prot: Number(prot) };
  },
  wmsi: (rest, line) => {
    const [lo, hi, data] = fields(rest, line, /lo=(\S+) hi=(\S+) data=(\S+)/);
    const irq = /irq=(\d+|0x[0-9a-f]+)/.exec(rest)?.[1];
    const address = (BigInt(hi) << 32n) | BigInt(lo);
    const from = irq === undefined ? {} : { irq: Number(irq) };
    return { kind: 'message', address, data: Number(data), ...from };
  },
  evask: (rest, line) => {
    const [first, third] = fields(rest, line, /w0=(\S+) w2=(\S+)/);
    return { kind: 'event-asked', words: [BigInt(first), 0n, BigInt(third)] };
  },
  evgot: (rest, line) => {
    const [result] = fields(rest, line, /ret=(\S+)/);
    return { kind: 'event-got', got: Number(result) === 0 };
  },
};

/** As many strings as the pattern has groups; three at most are used. */
function fields(rest: string, line: string, pattern: RegExp): [string, string, string] {
  const match = pattern.exec(rest);
  if (match === null) throw new Error(`a trace line that does not parse: ${line.trim()}`);
  return [match[1] ?? '', match[2] ?? '', match[3] ?? ''];
}
