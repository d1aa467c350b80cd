/** The IOMMUs of a tree, and which of them Linux puts in front of devices. */
import type { Era, IommuKind } from '../explanation.ts';
import type { Why } from '../why.ts';
import { regionOf, type Region } from './address.ts';
import { disabledBy } from './status.ts';
import type { DtNode, DtTree } from './tree.ts';
import { isOtherIommu, isSmmuV2, isVirtual, SMMU_V3, VIRTUAL_ID_BITS } from './vendors.ts';

export interface IommuOfTree {
  readonly node: DtNode;
  readonly kind: IommuKind;
  readonly name: string;
  readonly unused?: { readonly why: Why; readonly at: DtNode; readonly property?: string };
  readonly region?: Region;
  readonly streamIdBits?: number;
}

export class Iommus {
  readonly all: readonly IommuOfTree[];
  readonly #byNode = new Map<DtNode, IommuOfTree>();

  constructor(tree: DtTree, era: Era) {
    const named = tree.having('compatible').filter((node) => node.mentions('compatible', 'mmu'));
    this.all = [...new Set([...tree.having('#iommu-cells'), ...named])]
      .sort((a, b) => a.index - b.index)
      .map((node) => iommuAt(node, era))
      .filter((iommu): iommu is IommuOfTree => iommu !== undefined);
    for (const iommu of this.all) this.#byNode.set(iommu.node, iommu);
  }

  at(node: DtNode): IommuOfTree | undefined {
    return this.#byNode.get(node);
  }
}

function iommuAt(node: DtNode, era: Era): IommuOfTree | undefined {
  if (!node.has('compatible') && !node.has('#iommu-cells')) return undefined;
  const names = node.compatible;
  const known = names.find((name) => name === SMMU_V3 || isSmmuV2(name) || isOtherIommu(name));
  if (!node.has('#iommu-cells') && (known === undefined || known.endsWith('-mc'))) return undefined;
  const kind: IommuKind = names.includes(SMMU_V3)
    ? 'smmu-v3'
    : names.some(isSmmuV2)
      ? 'smmu-v2'
      : 'other';
  const disabled = disabledBy(node);
  const region = regionOf(node);
  // arm_smmu_device_dt_probe: any other number fails the probe from 6.12 on; 6.1 says so and goes
  // on.
  const badCells = kind === 'smmu-v3' && era !== '6.1' && node.u32('#iommu-cells') !== 1;
  const unused =
    disabled !== undefined
      ? ({ why: 'disabled', at: disabled, property: 'status' } as const)
      : badCells
        ? ({ why: 'bad-cells', at: node, property: '#iommu-cells' } as const)
        : undefined;
  return {
    node,
    kind,
    name: known ?? names[0] ?? '',
    ...(unused === undefined ? {} : { unused }),
    ...(region === undefined ? {} : { region }),
    ...(kind === 'smmu-v3' && isVirtual(node.tree) ? { streamIdBits: VIRTUAL_ID_BITS } : {}),
  };
}
