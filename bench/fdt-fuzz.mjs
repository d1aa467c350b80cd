/**
 * Mutants of device trees, from a seed: each must be read or refused with one error, explained and
 * checked without an exception, with answers that cover the buses of each bridge and bounded
 * findings.
 */
import { loadSource } from '../scripts/load-source.mjs';
import { eachRequesterHasAnswers } from './answers.mjs';
import { ownTime, seeded } from './seeded.mjs';

const MUTANTS = 200_000;
const SEED = 0x5eed_0fd7;
/** A mutant may become a larger problem than its parent, but not by much. */
const MAX_MS = 1000;

const fdt = await loadSource('src/firmware/fdt/index.ts');
const { flatten, virt, ITS_PHANDLE, SMMU_PHANDLE } = await loadSource(
  'src/firmware/fdt/testing/trees.ts',
);

/** A machine with every kind of thing that the reader knows. */
const honest = () => [
  flatten(virt()),
  flatten(
    virt({
      pcie: {
        'msi-map': [0, ITS_PHANDLE, 0, 0x100, 0x100, ITS_PHANDLE, 0x4000, 0xff00],
        'msi-map-mask': 0xfff8,
        'iommu-map': [0, SMMU_PHANDLE, 0x40, 0x20, 0x100, SMMU_PHANDLE, 0x60, 0x20],
        'iommu-map-mask': 0x31f,
        'msi-parent': [ITS_PHANDLE, 7],
        'nic@1,0': { reg: [0x800, 0, 0, 0, 0] },
      },
      gic: {
        'msi-controller': true,
        'mbi-ranges': [64, 32, 128, 16],
        'v2m@8020000': {
          compatible: 'arm,gic-v2m-frame',
          'msi-controller': true,
          reg: [0, 0x8020000, 0, 0x1000],
          'arm,msi-base-spi': 80,
          'arm,msi-num-spis': 64,
          phandle: 9,
        },
      },
      smmu: { compatible: 'arm,mmu-500', 'stream-match-mask': 0x7f },
      root: {
        'mbigen@1': {
          compatible: 'hisilicon,mbigen-v2',
          'pins@2': { 'interrupt-controller': true, 'msi-parent': [ITS_PHANDLE, 0x40_0000] },
        },
        'dma@2': { iommus: [SMMU_PHANDLE, 1, SMMU_PHANDLE, 2], status: 'okay' },
        'mc@3': { compatible: 'fsl,qoriq-mc', 'msi-map': [0, ITS_PHANDLE, 0, 0] },
        'soc@4': {
          '#address-cells': 1,
          '#size-cells': 1,
          ranges: [0, 0x10, 0, 0x1000_0000],
          'iommu@0': { compatible: 'rockchip,iommu', '#iommu-cells': 0, reg: [0, 0x100] },
        },
      },
    }),
  ),
];

const NASTY = [0, 1, 2, 3, 4, 9, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** One to four changes; words at their places, since a tree is made of words. */
function mutate(bytes, next) {
  let mutant = Uint8Array.from(bytes);
  for (let changes = 1 + next(4); changes > 0; changes--) {
    const at = next(mutant.length);
    const word = at & ~3;
    const view = new DataView(mutant.buffer, mutant.byteOffset, mutant.length);
    switch (next(6)) {
      case 0:
        mutant[at] ^= 1 << next(8);
        break;
      case 1:
        if (word + 4 <= mutant.length) view.setUint32(word, NASTY[next(NASTY.length)]);
        break;
      case 2:
        if (word + 4 <= mutant.length) view.setUint32(word, next(mutant.length));
        break;
      case 3:
        // A word of elsewhere: tokens, phandles and offsets in wrong places.
        if (word + 4 <= mutant.length) {
          const from = next(mutant.length) & ~3;
          mutant.copyWithin(word, from, from + 4);
        }
        break;
      case 4: {
        const from = next(mutant.length) & ~3;
        mutant.copyWithin(word, from, from + 4 * next(16));
        break;
      }
      case 5:
        // Cut off, and half of the time the header says so.
        mutant = mutant.slice(0, Math.max(40, at));
        if (next(2) === 0) new DataView(mutant.buffer).setUint32(4, mutant.length);
        break;
    }
  }
  return mutant;
}

function examine(bytes, era) {
  const { tree, diagnostics } = fdt.readFdt(bytes);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (tree === undefined) {
    if (errors.length !== 1) throw new Error(`${errors.length} errors for one refusal`);
    return false;
  }
  if (errors.length > 0) throw new Error('an error and a tree');
  const explanation = fdt.explainTree(tree, { era }, diagnostics);
  JSON.stringify(fdt.explanationJson(explanation));
  fdt.importTopology(explanation, explanation.bridges);
  if (fdt.treeFindings(tree, era).length > 1000) throw new Error('too many findings');
  if (fdt.sizeReview(explanation, fdt.NO_SIZES).findings.length > 256)
    throw new Error('too many findings of sizes');
  eachRequesterHasAnswers(explanation);
  return true;
}

export async function run() {
  const { next, seed, trials } = seeded({ seed: SEED, trials: MUTANTS });
  const bases = honest();
  for (const base of bases)
    if (!examine(base, '6.12')) throw new Error('an honest tree is refused');
  let [read, slowest] = [0, 0];
  for (let n = 0; n < trials; n++) {
    const mutant = mutate(bases[next(bases.length)], next);
    const took = ownTime(() => {
      try {
        if (examine(mutant, fdt.ERAS[next(fdt.ERAS.length)])) read++;
      } catch (error) {
        throw new Error(`mutant ${n} of seed ${seed}: ${error.message}`, { cause: error });
      }
    });
    slowest = Math.max(slowest, took);
  }
  return [
    {
      name: `${trials} mutants of device trees, ${read} of them read`,
      figure: `slowest ${slowest.toFixed(0)} ms`,
      target: `<= ${MAX_MS} ms, no exception`,
      ok: slowest <= MAX_MS && read > trials / 10,
    },
  ];
}
