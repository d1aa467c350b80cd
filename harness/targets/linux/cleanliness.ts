/**
 * Whether a guest is as it was before a case: asked of the kernel (`state` of the agent), not of
 * what the case believes to have closed. What is there more, or no more, is what the case left.
 */
import type { KernelEvent } from './read/trace-line.ts';

/** Lines of `state`, without the counts of interrupts. */
export type State = readonly string[];

export const stateOf = (lines: readonly string[]): State => lines.map(withoutCounts);

/** `irq  21:  5  0  ITS-MSI 32768 Edge  vfio-msix[0](0000:00:02.0)` */
const withoutCounts = (line: string): string =>
  line.replace(/^irq\s+(\d+):[\s\d]*/, (_, irq: string) => `irq ${irq}: `).replace(/\s+/g, ' ');

/** The first thing that differs, in words; undefined when nothing does. */
export function difference(before: State, after: State): string | undefined {
  const more = after.find((line) => !before.includes(line));
  if (more !== undefined) return `${nameOf(more)} is left`;
  const less = before.find((line) => !after.includes(line));
  return less === undefined ? undefined : `${nameOf(less)} is gone`;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^fd (?:.*\[eventfd\])/, 'an eventfd'],
  [/^fd /, 'a descriptor of VFIO'],
  [/^irq /, 'an interrupt'],
  [/^pci /, 'the driver or group of a device'],
  [/^group /, 'the type of a group'],
  [/^affinity /, 'the default affinity'],
  [/^online /, 'which CPUs are online'],
];

const nameOf = (line: string): string => {
  const kind = KINDS.find(([pattern]) => pattern.test(line))?.[1] ?? 'a line of the state';
  return `${kind} (${line})`;
};

/** Devices whose group has another type than before, and the type it had. */
export function changedTypes(
  before: State,
  after: State,
): readonly { readonly bdf: string; readonly type: string }[] {
  const types = typesOf(before);
  const now = typesOf(after);
  return after.flatMap((line) => {
    const [kind, bdf = '', , group = ''] = line.split(' ');
    const type = types.get(group);
    return kind === 'pci' && type !== undefined && now.get(group) !== type ? [{ bdf, type }] : [];
  });
}

const typesOf = (state: State): ReadonlyMap<string, string> =>
  new Map(
    state
      .map((line) => line.split(' '))
      .filter(([kind]) => kind === 'group')
      .map(([, group = '', type = '']) => [group, type]),
  );

/**
 * Bytes of memory that were mapped and not unmapped. A doorbell's mapping (MMIO) ends with its
 * domain, without an unmap.
 */
export function bytesLeft(events: readonly KernelEvent[]): bigint {
  const MMIO = 16;
  let called: { iova: bigint; prot: number } | undefined;
  let bytes = 0n;
  for (const event of events) {
    if (event.kind === 'iommu-map') called = event;
    else if (event.kind === 'unmap') bytes -= event.size;
    else if (event.kind === 'map') {
      const doorbell = called?.iova === event.iova && (called.prot & MMIO) !== 0;
      if (!doorbell) bytes += event.size;
    }
  }
  return bytes;
}
