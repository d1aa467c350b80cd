/** The largest ID that anybody has at each controller and IOMMU: hardware must have bits for it. */
import type { Explanation } from '../explanation.ts';

export type Ids = ReadonlyMap<string, number>;

const MAX_ID = 0xffff_ffff;

export function highestIds({ bridges, platform }: Explanation): Ids {
  const highest = new Map<string, number>();
  const see = (path: string, id: number | undefined, more: number): void => {
    if (id !== undefined)
      highest.set(path, Math.max(highest.get(path) ?? 0, Math.min(MAX_ID, id + more)));
  };
  const more = (each: { rid?: number; lastRid?: number; constant?: boolean }): number =>
    each.constant === true ? 0 : (each.lastRid ?? 0) - (each.rid ?? 0);
  for (const { msi, iommu } of [...bridges, ...platform]) {
    for (const each of msi)
      if ('controller' in each) see(each.controller, each.deviceId, more(each));
    for (const each of iommu) if ('iommu' in each) see(each.iommu, each.streamId, more(each));
  }
  return highest;
}

export const bitsFor = (id: number): number => Math.max(1, Math.ceil(Math.log2(id + 1)));
