/**
 * iommu_groups, and which devices an SMMUv2's driver refuses at probe. Devices are probed in the
 * order in which they are written.
 */
import type { Topology } from './topology.ts';

interface SmrEntry {
  readonly id: number;
  readonly mask: number;
}

export interface Grouping {
  /** The devices of each device's group, itself among them, by index. */
  readonly groups: readonly (readonly number[])[];
  /**
   * Whether an entry of the device overlaps that of one probed before it without lying in it:
   * arm_smmu_find_sme is EINVAL, and the device has no group. The one before it, whose entry may
   * lie in this one's, keeps working.
   */
  readonly refused: readonly boolean[];
}

export function groupsOf({ devices, iommus }: Topology): Grouping {
  const list = Object.values(devices);
  const leader = list.map((_, n) => n);
  const refused = list.map(() => false);
  const hasSmrs = list.map(
    ({ iommu }) => iommu !== undefined && iommus[iommu.iommu]?.kind === 'smmu-v2',
  );
  const entries = (n: number): SmrEntry[] =>
    (list[n]?.iommu?.streamIds ?? []).map((id) => ({ id, mask: list[n]?.iommu?.streamMask ?? 0 }));
  const isBehindOne = (a: number, b: number): boolean =>
    list[a]?.iommu !== undefined && list[a]?.iommu?.iommu === list[b]?.iommu?.iommu;
  const some = (a: number, b: number, test: (x: SmrEntry, y: SmrEntry) => boolean): boolean =>
    hasSmrs[a] === true && entries(a).some((x) => entries(b).some((y) => test(x, y)));
  const join = (a: number, b: number): void => {
    const [kept, joined] = [leader[a] as number, leader[b] as number];
    const first = Math.min(kept, joined);
    leader.forEach((old, n) => {
      if (old === joined || old === kept) leader[n] = first;
    });
  };
  list.forEach((device, b) => {
    const before = [...Array(b).keys()].filter((a) => isBehindOne(a, b) && refused[a] !== true);
    refused[b] = before.some((a) => some(a, b, (x, y) => overlaps(x, y) && !contains(x, y)));
    if (refused[b]) return;
    for (const a of before) {
      const isNamed = device.group !== undefined && list[a]?.group === device.group;
      if (isNamed || some(a, b, contains)) join(a, b);
    }
  });
  const groups = leader.map((mine) => leader.flatMap((other, n) => (other === mine ? [n] : [])));
  return { groups, refused };
}

/** SMR a matches whatever b matches. */
const contains = (a: SmrEntry, b: SmrEntry): boolean =>
  (b.mask & a.mask) === b.mask && ((a.id ^ b.id) & ~a.mask) === 0;

/** Some StreamID matches both. */
const overlaps = (a: SmrEntry, b: SmrEntry): boolean => ((a.id ^ b.id) & ~(a.mask | b.mask)) === 0;
