import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../finding.ts';
import { treeFindings } from './findings.ts';
import { FAULTS, twoFrames } from './testing/faults.ts';
import { SMMU_PHANDLE, treeOf, virt, type Source } from './testing/trees.ts';

const findings = (source: Source): Finding[] => treeFindings(treeOf(source), '6.12');
const rules = (source: Source): string[] =>
  findings(source).map(({ severity, rule }) => `${severity} ${rule}`);
const pcie = (change: Source): Source => virt({ pcie: change });

test('a good tree has none', () => {
  expect(findings(virt())).toEqual([]);
});

describe('each rule', () => {
  test.each(FAULTS)('%s', (_, source, expected) => {
    expect(rules(source)).toEqual(expected);
  });

  test('a second GICv2m frame: which one was meant', () => {
    expect(findings(twoFrames(96, 32))[0]?.meant).toContain('/v2m@8020000');
  });

  test('what Linux does is said of the IOMMU that is there', () => {
    const partial = { 'iommu-map': [0, SMMU_PHANDLE, 0, 1] };
    const linux = (source: Source): string | undefined => findings(source)[0]?.linux;
    const mmu500 = { compatible: 'arm,mmu-500' };
    expect(linux(pcie(partial))).toMatch(/aborts streams .*, MSIs included/);
    expect(linux(virt({ pcie: partial, smmu: mmu500 }))).toMatch(/disable_bypass.*MSIs included/);
    const inside = { ...partial, compatible: 'qcom,pcie-sdm845', 'msi-map': undefined };
    expect(linux(virt({ pcie: inside, smmu: mmu500 }))).toMatch(/MSIs end in the bridge/);
    const masked = { 'iommu-map-mask': 0 };
    expect(linux(pcie(masked))).toMatch(/SMMUv3 driver refuses/);
    expect(linux(virt({ pcie: masked, smmu: mmu500 }))).toMatch(/one VFIO user/);
  });

  test('what is switched off is not reviewed', () => {
    expect(rules(pcie({ status: 'disabled', 'msi-map': [0, 0x7777, 0] }))).toEqual([]);
  });
});
