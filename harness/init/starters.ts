/**
 * The specs that `doorbell init` writes: one per kind of controller, commented, and passing as they
 * stand. The examples of `doorbell errors` are changes to the first of them (`harness/errors/`).
 */
export const STARTER_KINDS = ['its', 'gicv2m', 'percpu'] as const;
export type StarterKind = (typeof STARTER_KINDS)[number];

interface Subject {
  readonly title: string;
  readonly description: string;
  readonly source: string;
  readonly controller: string;
  readonly designs: string;
  readonly afterSetup: string;
  readonly move: string;
  readonly atEnd: string;
}

const SUBJECTS: Readonly<Record<StarterKind, Subject>> = {
  its: {
    title: 'An interrupt follows the affinity of its vector',
    description: `Behind an ITS a new affinity is a MOVI command to the ITS; the message in the device
  stays, and so does the mapping of its doorbell.`,
    source: 'IHI 0069H 5.3.13 (MOVI); its_set_affinity() in drivers/irqchip/irq-gic-v3-its.c',
    designs: 'tracked, linux-6.15',
    controller: 'its: { kind: gicv3-its, base: 0x0808_0000 }',
    afterSetup: `      # GITS_TRANSLATER is at 0x40 of the second 64K frame of the ITS. $page stands for the IOVA that
      # the design chose, the same wherever it is written.
      mappings: { vm: [ { iova: $page, pa: 0x0809_0000, size: 4K } ] }
      messages: { nic/0: { address: $page + 0x40, data: 0 } }`,
    move: `
    expect: { commands: { includes: [ { MOVI: { event-id: 0, icid: 2 } } ] } }`,
    atEnd: `  # A design of its own may have an expectation of its own.
  - design: tracked
    mappings: none
  - design: linux-6.15
    mappings: { vm: { count: 1 } }
    why: iommufd keeps the page until the domain goes`,
  },
  gicv2m: {
    title: 'An interrupt follows the affinity of its vector',
    description: `Behind a GICv2m frame an MSI becomes an SPI, and a new affinity is a write to the
  distributor: the message in the device stays, and so does the mapping of its doorbell.`,
    source:
      'gicv2m_irq_domain_alloc() and gicv2m_compose_msi_msg() in drivers/irqchip/irq-gic-v2m.c',
    designs: 'tracked, linux-6.15',
    controller: 'v2m: { kind: gicv2m, base: 0x0802_0000, base-spi: 80, count: 16 }',
    afterSetup: `      # MSI_SETSPI_NS is at 0x40 of the frame. $page stands for the IOVA that the design chose, the same
      # wherever it is written.
      mappings: { vm: [ { iova: $page, pa: 0x0802_0000, size: 4K } ] }
      messages: { nic/0: { address: $page + 0x40 } }`,
    move: '',
    atEnd: `  # A design of its own may have an expectation of its own.
  - design: tracked
    mappings: none
  - design: linux-6.15
    mappings: { vm: { count: 1 } }
    why: iommufd keeps the page until the domain goes`,
  },
  percpu: {
    title: 'An interrupt follows the affinity of its vector to another doorbell',
    description: `With a doorbell page per CPU a new affinity is a new message. The page of the new CPU must
  be mapped before the message is written, and the old one released after it.`,
    source:
      '[RFC v3 15/15] irqchip/gicv2m/v3-its-pci-msi: IOMMU map the MSI frame when needed, 2016',
    designs: 'tracked, rfc-v3',
    controller: 'doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K }',
    afterSetup: `      # The doorbell is at 0x40 of the page of its CPU. $page stands for the IOVA that the design chose,
      # the same wherever it is written.
      mappings: { vm: [ { iova: $page, pa: 0x2c00_0000, size: 4K } ] }
      messages: { nic/0: { address: $page + 0x40, data: 0 } }`,
    move: `
    expect: { mappings: { vm: { includes: [ { iova: any, pa: 0x2c00_2000 } ] } } }`,
    atEnd: `  # A design of its own may have an expectation of its own.
  - design: tracked
    mappings: none
  - design: rfc-v3
    leaks: { vm: 1 }
    why: the reference on the doorbell of CPU 0 is never dropped`,
  },
};

/** Text of a spec. `schema` is where the editor finds the JSON Schema, seen from the spec. */
export function starter(kind: StarterKind, schema: string): string {
  const { title, description, source, controller, afterSetup, move, atEnd, designs } =
    SUBJECTS[kind];
  const parent = controller.slice(0, controller.indexOf(':'));
  return `# yaml-language-server: $schema=${schema}

# What would be learned if this failed; below it, who says that it must be so.
title: ${title}
description: >
  ${description}
source: "${source}"
tags: [affinity]

# The machine. A file of its own, for several specs: topology: ./machine.yaml
topology:
  cpus: 4
  msi-controllers:
    ${controller}
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: ${parent}, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 1M } }

# Each design, a way in which a kernel maps doorbells, is a case. \`kernel: 6.12\` takes that of a release.
designs: [${designs}]

# One operation a step; what is to be seen after it. Whatever a step says, a fault, a lost or a stray
# interrupt and an error of the kernel fail the case unless they are expected.
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 1, cpu: 0 }
    expect:
${afterSetup}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: 1 } } }
  - affinity: { vector: nic/0, cpu: 2 }${move}
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 2, count: 1 } } }
  - teardown: nic
    expect: { messages: { nic/0: none } }

# At the end. References that no message accounts for are a leak, and fail the case.
expect:
${atEnd}
`;
}
