/**
 * Trees for tests, written as objects and flattened: the shape of QEMU's virt machine with what a
 * test changes.
 */
import { readFdt } from '../read-fdt.ts';
import type { DtTree } from '../tree.ts';
import { text, words, writeFdt, type SourceNode } from '../write-fdt.ts';

/** A number is a cell, a list of numbers is cells, `true` is empty, an object is a child. */
export type Value = string | readonly string[] | number | readonly number[] | true | Uint8Array;
export interface Source {
  readonly [name: string]: Value | Source | undefined;
}

const isNode = (value: Value | Source | undefined): value is Source =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);

export function sourceNode(name: string, source: Source): SourceNode {
  const properties: [string, Uint8Array][] = [];
  const children: SourceNode[] = [];
  for (const [key, value] of Object.entries(source)) {
    if (isNode(value)) children.push(sourceNode(key, value));
    else if (value !== undefined) properties.push([key, bytes(value)]);
  }
  return { name, properties, children };
}

function bytes(value: Value): Uint8Array {
  if (value === true) return new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'number') return words([value]);
  if (typeof value === 'string') return text(value);
  const list = value as readonly (string | number)[];
  return typeof list[0] === 'string'
    ? text((list as readonly string[]).join('\0'))
    : words(list as readonly number[]);
}

export const flatten = (source: Source): Uint8Array => writeFdt(sourceNode('', source));

export function treeOf(source: Source): DtTree {
  const { tree, diagnostics } = readFdt(flatten(source));
  if (tree === undefined) throw new Error(diagnostics[0]?.message);
  return tree;
}

export const ITS_PHANDLE = 0x8003;
export const SMMU_PHANDLE = 0x8004;
export const V2M_PHANDLE = 0x8005;

/** QEMU's virt machine with gic-version=3,iommu=smmuv3; `change` is laid over parts of it. */
export function virt(
  change: {
    readonly pcie?: Source;
    readonly its?: Source;
    readonly smmu?: Source;
    readonly gic?: Source;
    readonly root?: Source;
  } = {},
): Source {
  return {
    '#address-cells': 2,
    '#size-cells': 2,
    compatible: 'linux,dummy-virt',
    model: 'linux,dummy-virt',
    'smmuv3@9050000': {
      compatible: 'arm,smmu-v3',
      reg: [0, 0x9050000, 0, 0x20000],
      '#iommu-cells': 1,
      phandle: SMMU_PHANDLE,
      ...change.smmu,
    },
    'pcie@10000000': {
      compatible: 'pci-host-ecam-generic',
      device_type: 'pci',
      '#address-cells': 3,
      '#size-cells': 2,
      'bus-range': [0, 0xff],
      'iommu-map': [0, SMMU_PHANDLE, 0, 0x10000],
      'msi-map': [0, ITS_PHANDLE, 0, 0x10000],
      ...change.pcie,
    },
    'intc@8000000': {
      compatible: 'arm,gic-v3',
      'interrupt-controller': true,
      '#address-cells': 2,
      '#size-cells': 2,
      ranges: true,
      reg: [0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000],
      phandle: 0x8002,
      ...change.gic,
      'its@8080000': {
        compatible: 'arm,gic-v3-its',
        'msi-controller': true,
        '#msi-cells': 1,
        reg: [0, 0x8080000, 0, 0x20000],
        phandle: ITS_PHANDLE,
        ...change.its,
      },
    },
    ...change.root,
  };
}
