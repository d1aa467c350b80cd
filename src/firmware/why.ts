/**
 * Why a requester gets no MSI controller, or no IOMMU: the closed list of `doorbell explain`.
 *
 * A word that firmware of both kinds can earn means the same in both. Words may be added, never
 * renamed: they are in the JSON.
 */
export const WHY = {
  'no-map': 'nothing says where this goes: no map property, no mapping',
  'no-match': 'there is a map, and no entry of it takes this ID',
  'bad-length': 'a map whose length is no multiple of its entries: Linux refuses all of it',
  'base-outside-mask': 'an entry whose base has bits that the mask clears: Linux stops there',
  'bad-phandle': 'a phandle that names no node',
  'too-few-cells': 'a reference with fewer cells than its target asks for',
  'bad-cells': "a number of cells that the target's driver does not take",
  disabled: 'the target, or a node above it, has a status other than okay or ok',
  'not-a-controller': 'the target is a node that is no MSI controller or no IOMMU',
  'no-msi-controller': 'the target lacks the property msi-controller, so Linux passes over it',
  'beside-its': 'a GICv2m frame beside a GICv3 with LPIs: Linux uses the ITSs alone',
  'not-first-frame': 'Linux makes one MSI domain of all GICv2m frames, at the first of them',
  'not-for-pci': 'an MSI controller whose domain takes no PCI devices',
  'no-driver': 'no driver of Linux takes the target',
  'wrong-place': 'the target is at a place in the tree where its driver does not look',
  'bad-registers': "the target's registers cannot be made out",
  'no-iort': 'there is no IORT',
  'no-root-complex': 'the IORT has no root complex of this segment',
  'no-smmu': 'the way through the IORT meets no SMMU',
  'smmu-not-listed': 'the SMMU is at a place in the table that the scan does not meet',
  'empty-its-group': 'an ITS group without an ITS',
  'its-not-in-madt': 'the MADT has no ITS with the ID that the group names',
  'null-reference': 'an ID mapping whose output reference is 0',
  'bad-reference': 'a reference to a place that holds no node',
  'wrong-path': 'the path is not as the namespace writes it: Linux finds no device by it',
  'not-single': 'an ID mapping that serves a device without an ID, and is a range',
  loop: 'nodes that lead to each other',
  'too-complex': 'more steps than an honest table needs',
} as const satisfies Record<string, string>;

export type Why = keyof typeof WHY;
