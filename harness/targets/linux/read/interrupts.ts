/** /proc/interrupts: counts of each interrupt by CPU. fs/proc/interrupts.c, kernel/irq/proc.c. */

export interface InterruptLine {
  readonly irq: number;
  /** By CPU, of those that are online: an offline CPU has no column. */
  readonly counts: ReadonlyMap<number, number>;
  /** `ITS-PCI-MSIX-0000:00:04.0`, `MSI`, `GICv3`. */
  readonly chip: string;
  /** `vfio-msix[3](0000:00:04.0)`, `eth0-rx-0`. */
  readonly action: string;
}

const LINE = /^\s*(\d+):((?:\s+\d+)+)\s+(\S+)\s+(?:\d+\s+)?(?:Edge|Level)?\s*(.*)$/;

/**
 * Lines of numbered interrupts; IPIs, Err and the header are passed over. `online`: the CPU of each
 * column.
 */
export function parseInterrupts(
  lines: readonly string[],
  online: readonly number[],
): InterruptLine[] {
  return lines.flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, irq, numbers = '', chip = '', action = ''] = match;
    const all = numbers.trim().split(/\s+/).map(Number);
    const counts = new Map(online.map((cpu, column) => [cpu, all[column] ?? 0]));
    return [{ irq: Number(irq), counts, chip, action: action.trim() }];
  });
}

/** `vfio-msix[3](0000:00:04.0)`: which vector of which device an action is. */
export function vectorOfAction(action: string): { bdf: string; index: number } | undefined {
  const match = /vfio-msix?\[(\d+)\]\(([0-9a-f:.]+)\)/.exec(action);
  return match === null ? undefined : { index: Number(match[1]), bdf: match[2] ?? '' };
}
