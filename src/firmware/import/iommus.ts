/** SMMUs of a firmware as parts of the model. */
import type { Explanation } from '../explanation.ts';
import { bitsFor, type Ids } from './ids.ts';
import type { ImportedController, ImportedSmmu, LeftOut, Names } from './parts.ts';

export function iommusOf(
  explanation: Explanation,
  controllers: readonly ImportedController[],
  names: Names,
  ids: Ids,
  leftOut: LeftOut,
): ImportedSmmu[] {
  return explanation.iommus.flatMap(({ path, kind, unused, name, streamIdBits: known }) => {
    if (unused !== undefined || kind === 'other') {
      const why =
        unused === undefined ? `the model has no ${name}` : `Linux does not use it (${unused})`;
      leftOut.add(path, why);
      return [];
    }
    const bits = bitsFor(ids.get(path) ?? 0);
    const streamIdBits = kind === 'smmu-v2' ? (bits > 15 ? 16 : 15) : (known ?? Math.max(16, bits));
    const assumes =
      kind === 'smmu-v2'
        ? 'IDR0: groups and context banks'
        : known === undefined
          ? 'SMMU_IDR1: StreamID bits'
          : undefined;
    const past = doorbellsPast(explanation, path);
    const part = {
      kind,
      name: names.for(path),
      path,
      streamIdBits,
      ...(assumes === undefined ? {} : { assumes }),
    };
    if (past === undefined) return [part];
    const its = controllers.find((each) => each.path === past[0]);
    if (past.length > 1 || its?.kind !== 'gicv3-its') {
      leftOut.add(
        path,
        'the model has no SMMU that MSIs to several ITSs pass untranslated (HW_MSI)',
      );
      return [];
    }
    // iort_iommu_msi_get_resv_regions: the translation frame of the ITS.
    const hwMsi = { base: its.base + 0x1_0000n, size: 0x1_0000n };
    return [{ ...part, hwMsi }];
  });
}

/**
 * Controllers whose doorbells requesters behind this SMMU reach untranslated; nothing when it
 * translates.
 */
function doorbellsPast({ bridges, platform }: Explanation, smmu: string): string[] | undefined {
  const found = new Set<string>();
  let past = false;
  for (const { msi, iommu } of [...bridges, ...platform]) {
    if (!iommu.some((each) => 'iommu' in each && each.iommu === smmu && each.hwMsi === true))
      continue;
    past = true;
    for (const each of msi) if ('controller' in each) found.add(each.controller);
  }
  return past ? [...found] : undefined;
}
