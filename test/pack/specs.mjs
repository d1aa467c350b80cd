/** The specs of the user's project. Line numbers that the tests name are those of these texts. */
export const topology = `cpus: 4
msi-controllers:
  its: { kind: gicv3-its, base: 0x0808_0000, event-id-bits: 16, device-id-bits: 16, lpis: 1024 }
iommus:
  smmu: { kind: smmu-v3, granule: [4K], stream-id-bits: 16, stream-table: two-level }
devices:
  nic: { bus: pci, address: "00:02.0", msix: 16, msi-parent: its, iommus: smmu }
domains:
  vm: { kind: unmanaged, msi-window: sw-msi }
`;

export const passing = `title: An interrupt goes where the vector's affinity says
topology: ./topology.yaml
designs: [tracked, linux-6.15]
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 2, cpu: 3 }
    expect:
      messages: { nic/0: { address: $page + 0x40 } }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 3, count: 1 } } }
  - teardown: nic
`;

/** Line 10 is wrong: the vector is at CPU 3. */
export const failing = passing
  .replace("An interrupt goes where the vector's affinity says", 'A wrong CPU is a failure')
  .replace('interrupts: { nic/0: { cpu: 3', 'interrupts: { nic/0: { cpu: 1');
export const FAILING_LINE = 10;

/** Line 3 names a design that there is none of. */
export const invalid = passing.replace('linux-6.15', 'linux-6.51');
export const INVALID_LINE = 3;

export const skipped = `${passing}skip: { reason: the reason is shown }\n`;
export const expectedToFail = `${failing}xfail: { reason: CPU 1 is wrong }\n`;
export const unexpectedPass = `${passing}xfail: { reason: it does not fail }\n`;
export const UNEXPECTED_LINE = passing.split('\n').length;
