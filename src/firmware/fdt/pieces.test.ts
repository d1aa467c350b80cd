/** What holds for the first ID of a piece holds for all: asked for one by one they say the same. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { explainTree } from './explain.ts';
import { ITS_PHANDLE, SMMU_PHANDLE, treeOf, virt } from './testing/trees.ts';

const LAST = 0x3ff;
const MASKS = [0xffff, 0xffff_ffff, 0x31f, 0xff00, 0xfff8, 0xf8, 0x3f0, 0xf, 0x30f, 0];
const entry = fc
  .record({
    base: fc.integer({ min: 0, max: LAST }),
    output: fc.integer({ min: 0, max: 0xffff }),
    length: fc.integer({ min: 0, max: 0x180 }),
  })
  .map(({ base, output, length }) => [base, output, length] as const);
const map = fc.record({
  mask: fc.constantFrom(...MASKS),
  entries: fc.array(entry, { minLength: 1, maxLength: 4 }),
});

test('ranges of a bridge and single RIDs agree, whatever the masks', () => {
  fc.assert(
    fc.property(map, map, (msi, iommu) => {
      const cells = ({ mask, entries }: typeof msi, phandle: number): number[] =>
        entries.flatMap(([base, output, length]) => [(base & mask) >>> 0, phandle, output, length]);
      const tree = treeOf(
        virt({
          pcie: {
            'bus-range': [0, LAST >> 8],
            'msi-map': cells(msi, ITS_PHANDLE),
            'msi-map-mask': msi.mask,
            'iommu-map': cells(iommu, SMMU_PHANDLE),
            'iommu-map-mask': iommu.mask,
          },
        }),
      );
      const bridgeOf = (rids?: readonly number[]) =>
        explainTree(tree, { era: '6.12', ...(rids === undefined ? {} : { rids }) }).bridges[0];
      const [whole, single] = [
        bridgeOf(),
        bridgeOf(Array.from({ length: LAST + 1 }, (_, rid) => rid)),
      ];
      for (const list of ['msi', 'iommu'] as const) {
        const spread = (whole?.[list] ?? []).flatMap((range) =>
          Array.from({ length: range.lastRid - range.rid + 1 }, (_, n) => wayAt(range, n)),
        );
        const alone = (single?.[list] ?? []).map((range) => wayAt(range, 0));
        if (whole?.truncated === true) expect(spread.length).toBeGreaterThan(0);
        else expect(spread).toHaveLength(alone.length);
        expect(spread).toEqual(alone.slice(0, spread.length));
      }
    }),
    { seed: 20_261_128, numRuns: 60 },
  );
});

/** Target and ID, or the reason, of one RID of a range. */
function wayAt(range: object, n: number): string {
  const { controller, iommu, none, bypass, deviceId, streamId, constant } = range as Record<
    string,
    number | undefined
  >;
  // The ID beside a bypass is told for single RIDs alone.
  const id = deviceId ?? streamId;
  const reason = none ?? bypass;
  return reason === undefined
    ? `${controller ?? iommu ?? ''} ${id === undefined ? '' : id + (constant ? 0 : n)}`
    : String(reason);
}
