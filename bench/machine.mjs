/** The machine that the figures are taken on: a NIC and a disk behind an ITS and an SMMUv3. */
export const topology = {
  cpus: 4,
  kernel: {
    pageSize: 4096,
    physAddrBits: 64,
    dmaAddrBits: 64,
    iommuApi: true,
    pciMsiIrqDomain: true,
  },
  msiControllers: {
    its: { kind: 'gicv3-its', base: 0x0808_0000, eventIdBits: 16, deviceIdBits: 16, lpis: 1024 },
  },
  iommus: {
    smmu: {
      kind: 'smmu-v3',
      granules: [4096],
      stage: 1,
      streamIdBits: 16,
      streamTable: 'two-level',
      iovaBits: 48,
    },
  },
  devices: {
    nic: {
      bus: 'pci',
      requesterId: 0x10,
      msix: { vectors: 16 },
      msiParent: { controller: 'its', deviceId: 0x10 },
      iommu: { iommu: 'smmu', streamIds: [0x10] },
      dmaBits: 64,
    },
  },
  domains: { vm: { kind: 'unmanaged', msiWindow: { base: 0x0800_0000, size: 0x10_0000 } } },
};

const vector = (index) => ({ device: 'nic', index });

/** Set-up, re-targets, interrupts and teardown, over and over: 12 operations a round. */
export const round = [
  { op: 'setup', device: 'nic', vectors: 4, cpus: [0] },
  { op: 'fire', vector: vector(0), times: 1 },
  { op: 'affinity', vector: vector(0), cpus: [1] },
  { op: 'fire', vector: vector(0), times: 1 },
  { op: 'affinity', vector: vector(1), cpus: [2] },
  { op: 'fire', vector: vector(1), times: 1 },
  { op: 'mask', vector: vector(2) },
  { op: 'unmask', vector: vector(2) },
  { op: 'fire', vector: vector(2), times: 1 },
  { op: 'affinity', vector: vector(3), cpus: [3] },
  { op: 'fire', vector: vector(3), times: 1 },
  { op: 'teardown', device: 'nic' },
];

export const attach = { op: 'attach', device: 'nic', domain: 'vm' };
