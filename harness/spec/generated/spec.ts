// Generated from schemas/ by `npm run generate`. Do not edit.

/**
 * A number: 42, 0x2c00_0000, 1_000, or a size such as 4K, 64K, 1M, 2G. Exact to 64 bits. ${name} stands for a parameter.
 */
export type Quantity = number | string;
/**
 * An expected number: a number, a range, a capture, or any. Both ends of a range 0x1000..0x2000 belong to it; a capture $page, or $page + 0x40, takes the value it first meets and must equal it from then on.
 */
export type Expected = number | string;
/**
 * true or false. ${name} stands for a parameter.
 */
export type Flag = boolean | string;
/**
 * A name: a letter, then letters, digits and hyphens. ${name} stands for a parameter.
 */
export type Name = string;
/**
 * A vector, device/index, such as nic/0. ${name} stands for a parameter.
 */
export type Vector = string;
/**
 * Why, in words. Compulsory: a skip or an expected failure without a reason is forgotten.
 * Example: reason: RFC v3 takes a reference too many
 */
export type Reason = string;
/**
 * ${name} stands for a matrix value or a parameter of named steps.
 */
export type Parameter = string;
/**
 * Files of named steps, relative to this file.
 * Example: include: [bring-up.yaml]
 *
 * @maxItems 32
 */
export type Include = string[];
/**
 * Steps, in order.
 * Example: steps: [ { attach: { device: nic, domain: vm } }, { setup: { device: nic, vectors: 1 } } ]
 *
 * @minItems 1
 * @maxItems 100000
 */
export type Steps = [Step, ...Step[]];
/**
 * What must be seen: one block, or a list of blocks.
 * Example: expect: { interrupts: { nic/0: { cpu: 2 } } }
 */
export type Expect = Block | [Block, ...Block[]];
/**
 * What the domains' tables hold: none (every domain), or by domain none, an exact list in any order, or includes and count.
 * Example: mappings: { vm: [ { iova: $page, pa: 0x0809_0000, size: 4K, refs: 1 } ] }
 */
export type Mappings =
  | 'none'
  | {
      /**
       * none, a list, or a mapping with includes and count.
       */
      [k: string]:
        | 'none'
        | [Mapping, ...Mapping[]]
        | {
            /**
             * These mappings, among others.
             * Example: includes: [ { pa: 0x0809_0000, refs: 1 } ]
             *
             * @minItems 1
             * @maxItems 4096
             */
            includes?: [Mapping, ...Mapping[]];
            /**
             * How many mappings there are in all.
             * Example: count: 1
             */
            count?: Expected;
          }
        | undefined;
    };
/**
 * Interrupts that arrived in this step, at the end in the whole case: none, or by vector none, or cpu and count, or a list of those.
 * Example: interrupts: { nic/0: { cpu: 2, count: 1 } }
 */
export type Interrupts =
  | 'none'
  | {
      /**
       * none, cpu and count, or a list of those.
       */
      [k: string]: 'none' | Delivery | [Delivery, ...Delivery[]] | undefined;
    };
/**
 * Faults that were recorded in this step, at the end in the whole case: none, an exact list, or includes.
 * Example: faults: [ { device: nic, name: F_TRANSLATION } ]
 */
export type Faults =
  | 'none'
  | [Fault, ...Fault[]]
  | {
      /**
       * These faults, among others.
       * Example: includes: [ { name: F_TRANSLATION } ]
       *
       * @minItems 1
       * @maxItems 1024
       */
      includes: [Fault, ...Fault[]];
    };
/**
 * ITS commands of this step, at the end of the whole case: none, an exact list in order with the SYNCs, or includes (in this order, others between).
 * Example: commands: [ { MOVI: { event-id: 0, icid: 2 } }, SYNC ]
 */
export type Commands =
  | 'none'
  | [Command, ...Command[]]
  | {
      /**
       * These commands, in this order, others between.
       * Example: includes: [ { MOVI: { icid: 2 } }, SYNC ]
       *
       * @minItems 1
       * @maxItems 65536
       */
      includes: [Command, ...Command[]];
    };
/**
 * A command by its name, or a mapping from the name to fields.
 */
export type Command =
  | (
      | 'MAPD'
      | 'MAPC'
      | 'MAPTI'
      | 'MOVI'
      | 'DISCARD'
      | 'INV'
      | 'INVALL'
      | 'SYNC'
      | 'VMAPP'
      | 'VMAPTI'
      | 'VMOVI'
      | 'VMOVP'
      | 'VINVALL'
      | 'VSYNC'
    )
  | {
      /**
       * MAPD, with those of its fields that are compared.
       * Example: MAPD: { valid: false }
       */
      MAPD?: CommandFields;
      /**
       * MAPC, with those of its fields that are compared.
       * Example: MAPC: { icid: 1, rd: 1 }
       */
      MAPC?: CommandFields;
      /**
       * MAPTI, with those of its fields that are compared.
       * Example: MAPTI: { event-id: 2 }
       */
      MAPTI?: CommandFields;
      /**
       * MOVI, with those of its fields that are compared.
       * Example: MOVI: { icid: 0 }
       */
      MOVI?: CommandFields;
      /**
       * DISCARD, with those of its fields that are compared.
       * Example: DISCARD: { event-id: 0 }
       */
      DISCARD?: CommandFields;
      /**
       * INV, with those of its fields that are compared.
       * Example: INV: { event-id: 0 }
       */
      INV?: CommandFields;
      /**
       * INVALL, with those of its fields that are compared.
       * Example: INVALL: { icid: 1 }
       */
      INVALL?: CommandFields;
      /**
       * SYNC, with those of its fields that are compared.
       * Example: SYNC: { rd: 3 }
       */
      SYNC?: CommandFields;
      /**
       * VMAPP, with those of its fields that are compared.
       * Example: VMAPP: { vpe-id: 0, valid: false }
       */
      VMAPP?: CommandFields;
      /**
       * VMAPTI, with those of its fields that are compared.
       * Example: VMAPTI: { its: its, vpe-id: 1 }
       */
      VMAPTI?: CommandFields;
      /**
       * VMOVI, with those of its fields that are compared.
       * Example: VMOVI: { vpe-id: 1 }
       */
      VMOVI?: CommandFields;
      /**
       * VMOVP, with those of its fields that are compared.
       * Example: VMOVP: { vpe-id: 0, rd: 1 }
       */
      VMOVP?: CommandFields;
      /**
       * VINVALL, with those of its fields that are compared.
       * Example: VINVALL: { vpe-id: 0 }
       */
      VINVALL?: CommandFields;
      /**
       * VSYNC, with those of its fields that are compared.
       * Example: VSYNC: { vpe-id: 1 }
       */
      VSYNC?: CommandFields;
    };
/**
 * What the SMMUs' drivers told them to forget in this step, at the end in the whole case, as they sent it: none, an exact list in order with the SYNCs, or includes (in this order, others between).
 * Example: invalidations: [ { CFGI_STE: { stream-id: 0x10 } }, CMD_SYNC ]
 */
export type Invalidations =
  | 'none'
  | [Invalidation, ...Invalidation[]]
  | {
      /**
       * These, in this order, others between.
       * Example: includes: [ { TLBI_NH_VA: { size: 4K } }, CMD_SYNC ]
       *
       * @minItems 1
       * @maxItems 65536
       */
      includes: [Invalidation, ...Invalidation[]];
    };
/**
 * An SMMU command by its name, or a mapping from the name to fields.
 */
export type Invalidation =
  | (
      | 'CFGI_STE'
      | 'CMD_SYNC'
      | 'TLBI_NH_VA'
      | 'TLBI_NH_ASID'
      | 'TLBI_S2_IPA'
      | 'TLBI_S12_VMALL'
      | 'TLBSYNC'
      | 'TLBIVA'
      | 'TLBIASID'
      | 'TLBIIPAS2'
      | 'TLBIVMID'
    )
  | {
      /**
       * CFGI_STE, with those of its fields that are compared.
       * Example: CFGI_STE: { stream-id: 0x10 }
       */
      CFGI_STE?: InvalidationFields;
      /**
       * CMD_SYNC, with those of its fields that are compared.
       * Example: CMD_SYNC: { smmu: smmu }
       */
      CMD_SYNC?: InvalidationFields;
      /**
       * TLBI_NH_VA, with those of its fields that are compared.
       * Example: TLBI_NH_VA: { address: 0x4000_0000, size: 4K }
       */
      TLBI_NH_VA?: InvalidationFields;
      /**
       * TLBI_NH_ASID, with those of its fields that are compared.
       * Example: TLBI_NH_ASID: { asid: 1 }
       */
      TLBI_NH_ASID?: InvalidationFields;
      /**
       * TLBI_S2_IPA, with those of its fields that are compared.
       * Example: TLBI_S2_IPA: { vmid: 1, size: 4K }
       */
      TLBI_S2_IPA?: InvalidationFields;
      /**
       * TLBI_S12_VMALL, with those of its fields that are compared.
       * Example: TLBI_S12_VMALL: { vmid: 1 }
       */
      TLBI_S12_VMALL?: InvalidationFields;
      /**
       * TLBSYNC, with those of its fields that are compared.
       * Example: TLBSYNC: { smmu: smmu }
       */
      TLBSYNC?: InvalidationFields;
      /**
       * TLBIVA, with those of its fields that are compared.
       * Example: TLBIVA: { address: 0x4000_0000, size: 4K }
       */
      TLBIVA?: InvalidationFields;
      /**
       * TLBIASID, with those of its fields that are compared.
       * Example: TLBIASID: { asid: 1 }
       */
      TLBIASID?: InvalidationFields;
      /**
       * TLBIIPAS2, with those of its fields that are compared.
       * Example: TLBIIPAS2: { vmid: 1, size: 4K }
       */
      TLBIIPAS2?: InvalidationFields;
      /**
       * TLBIVMID, with those of its fields that are compared.
       * Example: TLBIVMID: { vmid: 1 }
       */
      TLBIVMID?: InvalidationFields;
    };
/**
 * References that no programmed message accounts for: none, or by domain how many.
 * Example: leaks: { vm: 2 }
 */
export type Leaks =
  | 'none'
  | {
      [k: string]: Expected | undefined;
    };
/**
 * An MSI controller: kind is gicv2m, gicv3-its, gicv3-mbi, in-bridge, percpu-doorbell or riscv-imsic.
 */
export type MsiController = Gicv2M | Gicv3Its | Gicv3Mbi | InBridge | PercpuDoorbell | RiscvImsic;
/**
 * An IOMMU: kind is smmu-v2 or smmu-v3.
 */
export type Iommu = SmmuV2 | SmmuV3;
/**
 * Translation granule: 4K, 16K or 64K, or a list of those that the IOMMU supports. Default [4K, 16K, 64K].
 * Example: granule: [4K, 64K]
 */
export type Granule = Quantity | [Quantity] | [Quantity, Quantity] | [Quantity, Quantity, Quantity];
/**
 * A device that sends MSIs: bus is pci, platform, wired or fsl-mc.
 */
export type Device = PciDevice | PlatformDevice | WiredBridge | FslMcDevice;
/**
 * The MSI capability: how many vectors (1, 2, 4, 8, 16 or 32), or a mapping with vectors, address-bits and maskable.
 * Example: msi: 4
 */
export type MsiCapability =
  | Quantity
  | {
      /**
       * Multiple Message Capable: 1, 2, 4, 8, 16 or 32.
       * Example: vectors: 1
       */
      vectors: Quantity;
      /**
       * 64, 32 for a capability without an upper address register, or a number between for a device that drops upper bits. Default 64.
       * Example: address-bits: 32
       */
      'address-bits'?: Quantity;
      /**
       * Per-vector masking. Default true.
       * Example: maskable: false
       */
      maskable?: Flag;
      /**
       * The device copies its message when MSI is enabled and keeps the copy until it is disabled. Default false.
       * Example: latches: true
       */
      latches?: Flag;
    };
/**
 * The MSI controller: its name, or a mapping with controller and device-id. A PCI device's DeviceID is its requester ID unless given.
 * Example: msi-parent: its
 */
export type MsiParent =
  | Name
  | {
      /**
       * Name of an MSI controller.
       * Example: controller: its
       */
      controller: Name;
      /**
       * DeviceID that the ITS sees.
       * Example: device-id: 0x100
       */
      'device-id'?: Quantity;
    };
/**
 * The IOMMU in front of the device: its name, or a mapping with iommu and stream-id. A PCI device's StreamID is its requester ID unless given.
 * Example: iommus: smmu
 */
export type IommusOfDevice =
  | Name
  | {
      /**
       * Name of an IOMMU.
       * Example: iommu: smmu
       */
      iommu: Name;
      /**
       * The StreamID.
       * Example: stream-id: 0x300
       */
      'stream-id'?: Quantity;
      /**
       * Several StreamIDs, the one of its own writes first.
       * Example: stream-ids: [0x200, 0x201]
       *
       * @minItems 1
       * @maxItems 16
       */
      'stream-ids'?:
        | [Quantity]
        | [Quantity, Quantity]
        | [Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity]
        | [Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity, Quantity]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ]
        | [
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity,
            Quantity
          ];
      /**
       * Bits of the StreamID that the SMMUv2 does not compare (SMMU_SMRn.MASK). A device whose entry lies within another's shares its stream mapping group and its iommu_group. Default 0.
       * Example: stream-mask: 0x3f
       */
      'stream-mask'?: Quantity;
    };
/**
 * An IOMMU domain: kind is dma, identity, blocked, unmanaged or nested.
 */
export type Domain = DmaDomain | IdentityDomain | BlockedDomain | UnmanagedDomain | NestedDomain;
/**
 * Designs to run the steps under. A mapping gives parameters: { rfc-v3: { initial-count: 2 } }.
 * Example: designs: [tracked, linux-6.15]
 *
 * @minItems 1
 * @maxItems 32
 */
export type Designs = [
  (
    | string
    | {
        /**
         * Parameters of a design.
         */
        [k: string]:
          | {
              /**
               * rfc-v3 and compose: the count after the first get, 1 (default) or 2 as in the stored code.
               * Example: initial-count: 2
               */
              'initial-count'?: Quantity;
            }
          | undefined;
      }
  ),
  ...(
    | string
    | {
        /**
         * Parameters of a design.
         */
        [k: string]:
          | {
              /**
               * rfc-v3 and compose: the count after the first get, 1 (default) or 2 as in the stored code.
               * Example: initial-count: 2
               */
              'initial-count'?: Quantity;
            }
          | undefined;
      }
  )[]
];
/**
 * What one thread does: steps in order, once; or any-of, whichever of them whenever it is idle.
 */
export type Thread =
  | [Step, ...Step[]]
  | {
      /**
       * Steps of which the idle thread takes any, any number of times.
       * Example: any-of: [ { setup: { device: nic, vectors: 1 } }, { teardown: nic } ]
       *
       * @minItems 1
       * @maxItems 64
       */
      'any-of': [Step, ...Step[]];
      /**
       * How many steps it takes in all. Default: any number.
       * Example: at-most: 4
       */
      'at-most'?: number;
    };
/**
 * One order of the steps of interleave:, which doorbell run follows instead of trying every order. doorbell explore --spec writes it.
 * Example: schedule: [ { driver: { teardown: nic } }, { raise: nic/0 }, { arrive: nic } ]
 *
 * @minItems 1
 * @maxItems 10000
 */
export type Schedule = [Scheduled, ...Scheduled[]];

/**
 * A file of named steps that specs include.
 */
export interface Library {
  include?: Include;
  define?: Define;
}
/**
 * Named steps, by name.
 * Example: define: { bring-up: { params: [cpu], steps: [ { setup: { device: nic, vectors: 1, cpu: "${cpu}" } } ] } }
 */
export interface Define {
  /**
   * Steps with parameters.
   */
  [k: string]:
    | {
        /**
         * Names of the parameters; ${name} stands for one in the steps.
         * Example: params: [cpu]
         *
         * @maxItems 32
         */
        params?: Name[];
        steps: Steps;
      }
    | undefined;
}
/**
 * One step: a mapping with exactly one operation and, beside it, expect.
 */
export interface Step {
  /**
   * iommu_attach_device: the device's stream is given the domain's tables.
   * Example: attach: { device: nic, domain: vm }
   */
  attach?: {
    /**
     * Name of a device behind an IOMMU.
     * Example: device: nic
     */
    device: Name;
    /**
     * Name of a domain.
     * Example: domain: vm
     */
    domain: Name;
  };
  /**
   * The device goes back to its group's default DMA domain, default/<device>.
   * Example: detach: nic
   */
  detach?:
    | Name
    | {
        /**
         * Name of a device in a domain with vfio: true.
         * Example: device: nic
         */
        device: Name;
        /**
         * What is closed. The device: its vectors are freed, and its group stays. The group: nothing happens while its device is open.
         * Example: only: group
         */
        only: ('device' | 'group') | Parameter;
      };
  /**
   * Sets up vectors: allocates, activates and requests them.
   * Example: setup: { device: nic, vectors: 4, cpu: 0 }
   */
  setup?: {
    /**
     * Name of a device.
     * Example: device: nic
     */
    device: Name;
    /**
     * How many vectors: 1 to 2048. More than the device has is ENOSPC.
     * Example: vectors: 4
     */
    vectors: Quantity;
    /**
     * The first vector that is requested: vectors counts from it, and those before it are allocated and left alone, or as they were (VFIO_DEVICE_SET_IRQS). Default 0.
     * Example: start: 2
     */
    start?: Quantity;
    /**
     * CPU that the new interrupts' default affinity names. Without cpu and cpus: all CPUs.
     * Example: cpu: 0
     */
    cpu?: Quantity;
    /**
     * Several CPUs, as a mask would name them.
     * Example: cpus: [0, 1]
     *
     * @minItems 1
     * @maxItems 256
     */
    cpus?: [Quantity, ...Quantity[]];
    /**
     * PCI_IRQ_AFFINITY: the kernel spreads the vectors over the CPUs and user space cannot move them. Default false.
     * Example: managed: true
     */
    managed?: Flag;
    /**
     * msi or msi-x, for a device that has both. Default msi-x where it has it.
     * Example: use: msi
     */
    use?: ('msi' | 'msi-x') | Parameter;
  };
  /**
   * irq_set_affinity, as a write to /proc/irq/N/smp_affinity.
   * Example: affinity: { vector: nic/0, cpu: 1 }
   */
  affinity?: {
    /**
     * The vector that moves, device/index.
     * Example: vector: nic/0
     */
    vector: Vector;
    /**
     * The CPU that it may go to from now on.
     * Example: cpu: 1
     */
    cpu?: Quantity;
    /**
     * Several CPUs, as a mask would name them.
     * Example: cpus: [0, 1]
     *
     * @minItems 1
     * @maxItems 256
     */
    cpus?: [Quantity, ...Quantity[]];
  };
  /**
   * irq_mask at the device and the controller.
   * Example: mask: nic/0
   */
  mask?: Vector;
  /**
   * irq_unmask at the controller and the device.
   * Example: unmask: nic/0
   */
  unmask?: Vector;
  /**
   * The device raises a vector's condition.
   * Example: fire: nic/0
   */
  fire?:
    | Vector
    | {
        /**
         * The vector, device/index.
         * Example: vector: nic/0
         */
        vector: Vector;
        /**
         * How often it is raised, 1 to 4096. Default 1.
         * Example: times: 2
         */
        times?: Quantity;
      };
  /**
   * Function-level reset: the device's message registers, masks and enable bits are as after power-on.
   * Example: reset: nic
   */
  reset?:
    | Name
    | {
        /**
         * Name of a device.
         * Example: device: nic
         */
        device: Name;
        /**
         * Memory decoding on when the state is restored. Default true.
         * Example: memory: false
         */
        memory?: Flag;
      };
  /**
   * The device goes to D3 and loses its registers.
   * Example: suspend: nic
   */
  suspend?: Name;
  /**
   * pci_restore_msi_state after a reset or suspend: messages and masks as the kernel remembers them.
   * Example: restore: nic
   */
  restore?: Name;
  /**
   * The device is unbound and removed.
   * Example: unplug: nic
   */
  unplug?: Name;
  /**
   * A device is plugged in, new to the kernel.
   * Example: plug: nic
   */
  plug?: Name;
  /**
   * A CPU goes offline; its interrupts are moved or, if managed, shut down.
   * Example: cpu-offline: 1
   */
  'cpu-offline'?: Quantity;
  /**
   * A CPU comes back; managed interrupts that wait for it start again.
   * Example: cpu-online: 1
   */
  'cpu-online'?: Quantity;
  /**
   * The condition of a level-triggered MSI ends.
   * Example: release: engine/0
   */
  release?: Vector;
  /**
   * GICv4: the interrupt is delivered to a guest's vCPU from now on, as its LPI (irq_set_vcpu_affinity with MAP_VLPI, as KVM does when the guest maps the event). Forwarded already: it moves to the vCPU.
   * Example: forward: { vector: nic/0, vcpu: guest/1, intid: 8192 }
   */
  forward?: {
    /**
     * The vector, device/index.
     * Example: vector: nic/0
     */
    vector: Vector;
    /**
     * The vCPU, guest/index.
     * Example: vcpu: guest/0
     */
    vcpu: Vector;
    /**
     * The guest's LPI, from 8192 on.
     * Example: intid: 8192
     */
    intid: Quantity;
  };
  /**
   * GICv4: the interrupt is the host's again (irq_set_vcpu_affinity with NULL).
   * Example: unforward: nic/0
   */
  unforward?: Vector;
  /**
   * A vCPU runs on another CPU: its vPE is moved (its_vpe_set_affinity, VMOVP).
   * Example: move-vcpu: { vcpu: guest/0, cpu: 2 }
   */
  'move-vcpu'?: {
    /**
     * The vCPU, guest/index.
     * Example: vcpu: guest/0
     */
    vcpu: Vector;
    /**
     * The CPU.
     * Example: cpu: 2
     */
    cpu: Quantity;
  };
  /**
   * A guest ends: its vPEs are unmapped (vgic_v4_teardown). EBUSY while interrupts are forwarded to it.
   * Example: end-guest: guest
   */
  'end-guest'?: Name;
  /**
   * free_irq and pci_free_irq_vectors.
   * Example: teardown: nic
   */
  teardown?: string;
  /**
   * User space maps memory: VFIO_IOMMU_MAP_DMA.
   * Example: map: { domain: vm, iova: 0x1000, pa: 0x8000_0000, size: 4K, prot: RW }
   */
  map?: {
    /**
     * Name of a domain.
     * Example: domain: vm
     */
    domain: Name;
    /**
     * First IOVA, page-aligned.
     * Example: iova: 0x4000_0000
     */
    iova: Quantity;
    /**
     * First physical address, page-aligned.
     * Example: pa: 0x8000_0000
     */
    pa: Quantity;
    /**
     * Bytes, a multiple of the page.
     * Example: size: 4K
     */
    size: Quantity;
    /**
     * What the device may do with it: R, W or RW.
     * Example: prot: RW
     */
    prot: ('R' | 'W' | 'RW') | Parameter;
  };
  /**
   * User space unmaps memory: VFIO_IOMMU_UNMAP_DMA.
   * Example: unmap: { domain: vm, iova: 0x1000, size: 4K }
   */
  unmap?: {
    /**
     * Name of a domain.
     * Example: domain: vm
     */
    domain: Name;
    /**
     * First IOVA.
     * Example: iova: 0x4000_0000
     */
    iova: Quantity;
    /**
     * Bytes, a multiple of the page.
     * Example: size: 4K
     */
    size: Quantity;
  };
  /**
   * User space registers a doorbell window (the RFCs only).
   * Example: register-window: { domain: vm, base: 0x0800_0000, size: 1M }
   */
  'register-window'?: {
    /**
     * Name of a domain.
     * Example: domain: vm
     */
    domain: Name;
    /**
     * First IOVA, page-aligned.
     * Example: base: 0x0800_0000
     */
    base: Quantity;
    /**
     * Bytes, a multiple of the page.
     * Example: size: 1M
     */
    size: Quantity;
  };
  /**
   * The domain's doorbell window is freed (the RFCs only).
   * Example: free-window: vm
   */
  'free-window'?: Name;
  /**
   * The flush queue of a lazy DMA domain is emptied: the TLB forgets what was unmapped, and the IOVAs are free.
   * Example: flush: host
   */
  flush?: Name;
  /**
   * iommu_domain_free: the tables go with all they mapped.
   * Example: free-domain: vm
   */
  'free-domain'?: Name;
  /**
   * A 32-bit DMA write that is no MSI of the device: a control for faults, or a write to a doorbell that is another's.
   * Example: dma-write: { device: nic, address: 0x1000 }
   */
  'dma-write'?: {
    /**
     * Name of a device.
     * Example: device: nic
     */
    device: Name;
    /**
     * The address, as the device issues it.
     * Example: address: 0x4000_0100
     */
    address: Quantity;
    /**
     * What it writes, 32 bits; a doorbell takes it as it would an MSI's. Default 0.
     * Example: data: 0x20
     */
    data?: Quantity;
  };
  /**
   * Somebody writes a device's message registers past the kernel: a VMM or a guest that reaches the MSI-X table or configuration space. What is left out stays.
   * Example: write-message: { vector: nic/0, address: 0x0809_0040, data: 3 }
   */
  'write-message'?: {
    /**
     * The vector, set up or not.
     * Example: vector: nic/0
     */
    vector: Vector;
    /**
     * What the address registers are written: 64 bits, of which a 32-bit capability takes the lower.
     * Example: address: 0x0809_0040
     */
    address?: Quantity;
    /**
     * What the data register is written.
     * Example: data: 3
     */
    data?: Quantity;
  };
  /**
   * Named steps of define: or of an included file, in place.
   * Example: use: bring-up
   */
  use?: Name;
  /**
   * Values of their parameters, by name.
   * Example: with: { cpu: 2 }
   */
  with?: {
    /**
     * A number, text or boolean.
     */
    [k: string]: number | string | boolean | undefined;
  };
  expect?: Expect;
}
/**
 * What must be seen. design and when say for which cases.
 * Example: expect: { interrupts: { nic/0: { cpu: 2 } } }
 */
export interface Block {
  /**
   * Designs for which this counts: one of the spec's designs, or a list of them; with a parameter as rfc-v3(initial-count=2).
   * Example: design: [tracked, linux-6.15]
   */
  design?: string | [string, ...string[]];
  when?: When;
  /**
   * Why it is expected; shown when it fails.
   * Example: why: mainline never unmaps a doorbell
   */
  why?: string;
  mappings?: Mappings;
  messages?: Messages;
  affinity?: AffinityExpectation;
  interrupts?: Interrupts;
  faults?: Faults;
  commands?: Commands;
  invalidations?: Invalidations;
  leaks?: Leaks;
  windows?: Windows;
  /**
   * Error that the step returns, by its Linux name; none if it must succeed (which is also the default).
   * Example: error: ENOSPC
   */
  error?:
    | (
        | 'none'
        | 'EPERM'
        | 'ENOENT'
        | 'EIO'
        | 'ENXIO'
        | 'ENOMEM'
        | 'EBUSY'
        | 'EEXIST'
        | 'ENODEV'
        | 'EINVAL'
        | 'ENOSPC'
        | 'ERANGE'
        | 'ENOSYS'
        | 'EOVERFLOW'
        | 'EOPNOTSUPP'
      )
    | Parameter;
}
/**
 * Matrix values for which this counts, by name: a value or a list of values.
 * Example: when: { kernel: "4.15" }
 */
export interface When {
  /**
   * A value, or a list of values.
   */
  [k: string]:
    | number
    | string
    | boolean
    | [number | string | boolean, ...(number | string | boolean)[]]
    | undefined;
}
/**
 * One mapping; what is left out is not compared.
 */
export interface Mapping {
  /**
   * First IOVA, as an expected number: a capture such as $page takes the value it first meets.
   * Example: iova: $page
   */
  iova?: Expected;
  /**
   * First physical address: of a doorbell, its page.
   * Example: pa: 0x0809_0000
   */
  pa?: Expected;
  /**
   * Bytes.
   * Example: size: 4K
   */
  size?: Expected;
  /**
   * References that the design holds on it. Designs that do not count have none: then it cannot be observed.
   * Example: refs: 1
   */
  refs?: Expected;
  /**
   * What iommu_map was asked for: READ, WRITE, CACHE, NOEXEC, MMIO joined by |.
   * Example: prot: WRITE|NOEXEC|MMIO
   */
  prot?: string;
  /**
   * What the table can express of it: R, W or RW.
   * Example: pte: RW
   */
  pte?: ('R' | 'W' | 'RW') | Parameter;
}
/**
 * What the devices' message registers hold, by vector: address and data, or none (all zero).
 * Example: messages: { nic/0: { address: $page + 0x40, data: 0 } }
 */
export interface Messages {
  /**
   * none, or address and data.
   */
  [k: string]:
    | 'none'
    | {
        /**
         * The address that the message is written to: behind an IOMMU an IOVA.
         * Example: address: "$page + 0x40"
         */
        address?: Expected;
        /**
         * The data of the message: the EventID for an ITS, the INTID for a GICv2m.
         * Example: data: 0
         */
        data?: Expected;
      }
    | undefined;
}
/**
 * Where the kernel sends an interrupt, by vector: cpus (smp_affinity) and effective (effective_affinity), or none (no interrupt is allocated).
 * Example: affinity: { nic/0: { cpus: [1, 2], effective: 1 } }
 */
export interface AffinityExpectation {
  /**
   * none, or cpus and effective.
   */
  [k: string]:
    | 'none'
    | {
        /**
         * All CPUs that it may go to, online or not, in any order.
         * Example: cpus: [0, 1]
         *
         * @minItems 1
         * @maxItems 256
         *
         * Items: A CPU, counted from 0.
         */
        cpus?: [Quantity, ...Quantity[]];
        /**
         * The CPU that the controller sends it to now; none where it is not started, as a managed interrupt without an online CPU.
         * Example: effective: 1
         */
        effective?: 'none' | Expected;
      }
    | undefined;
}
/**
 * Interrupts of one vector at one CPU.
 */
export interface Delivery {
  /**
   * The CPU that it arrived at; any if left out.
   * Example: cpu: 0
   */
  cpu?: Expected;
  /**
   * The vCPU that took it past the host (GICv4); left out, the host took it.
   * Example: { vcpu: guest/1 }
   */
  vcpu?: Vector;
  /**
   * How often it arrived there. Default 1.
   * Example: count: 1
   */
  count?: Expected;
}
/**
 * One fault; what is left out is not compared.
 */
export interface Fault {
  /**
   * The device that wrote.
   * Example: device: nic
   */
  device?: Name;
  /**
   * The StreamID of the record.
   * Example: stream-id: 0x10
   */
  'stream-id'?: Expected;
  /**
   * The address that the device wrote to; C_BAD_STREAMID and C_BAD_STE have none.
   * Example: address: 0x4000_0100
   */
  address?: Expected;
  /**
   * The architecture's name of it. One of F_TRANSLATION, F_PERMISSION, F_ADDR_SIZE, C_BAD_STREAMID, C_BAD_STE, CB_FSR.TF, CB_FSR.PF, sGFSR.USF, sGFSR.ICF; or use-after-free, the kernel's own.
   * Example: name: F_TRANSLATION
   */
  name?: string;
  /**
   * How many alike. Default 1.
   * Example: count: 2
   */
  count?: Expected;
}
/**
 * Fields of an ITS command to compare; what is left out is not. A field that the command does not have never fits.
 * Example: MOVI: { event-id: 0, icid: 2 }
 */
export interface CommandFields {
  /**
   * Name of the ITS.
   * Example: its: its
   */
  its?: Name;
  /**
   * DeviceID of the command.
   * Example: device-id: 0x10
   */
  'device-id'?: Expected;
  /**
   * EventID of the command.
   * Example: event-id: 0
   */
  'event-id'?: Expected;
  /**
   * INTID of the LPI; of a VMAPTI the guest's.
   * Example: intid: 8192
   */
  intid?: Expected;
  /**
   * ICID: the collection, which Linux numbers as the CPUs.
   * Example: icid: 2
   */
  icid?: Expected;
  /**
   * Redistributor, as its CPU's number.
   * Example: rd: 3
   */
  rd?: Expected;
  /**
   * MAPD.Size: EventID bits minus one.
   * Example: size: 4
   */
  size?: Expected;
  /**
   * The V bit of MAPD and VMAPP.
   * Example: valid: false
   */
  valid?: Flag;
  /**
   * vPEID of a GICv4 command: vCPUs of all guests, numbered in the order of the topology.
   * Example: vpe-id: 1
   */
  'vpe-id'?: Expected;
  /**
   * true for a command that the ITS refused. Without it: one that it carried out.
   * Example: error: true
   */
  error?: Flag;
}
/**
 * Fields of an SMMU command to compare; what is left out is not. A field that the command does not have never fits.
 * Example: TLBI_NH_VA: { address: 0x0800_0000, size: 4K }
 */
export interface InvalidationFields {
  /**
   * Name of the SMMU.
   * Example: smmu: smmu
   */
  smmu?: Name;
  /**
   * StreamID of CFGI_STE.
   * Example: stream-id: 0x10
   */
  'stream-id'?: Expected;
  /**
   * ASID, at stage 1.
   * Example: asid: 1
   */
  asid?: Expected;
  /**
   * VMID, at stage 2.
   * Example: vmid: 1
   */
  vmid?: Expected;
  /**
   * First IOVA (IPA at stage 2).
   * Example: address: 0x4000_0000
   */
  address?: Expected;
  /**
   * Bytes of the range.
   * Example: size: 8K
   */
  size?: Expected;
}
/**
 * Doorbell windows by domain: none, or pages and free.
 * Example: windows: { vm: { pages: 256, free: 255 } }
 */
export interface Windows {
  /**
   * none, or pages and free.
   */
  [k: string]:
    | 'none'
    | {
        /**
         * Pages of the whole window.
         * Example: pages: 256
         */
        pages?: Expected;
        /**
         * Pages that nothing is bound to.
         * Example: free: 255
         */
        free?: Expected;
      }
    | undefined;
}
/**
 * A spec: a machine, steps, and what must be seen, for one or more designs.
 */
export interface Spec {
  /**
   * What would be learned if it failed, in one line.
   * Example: title: A vector that moves keeps the mapping of its doorbell
   */
  title: string;
  /**
   * More, for the reader: what the spec is about and what one has to know to read it.
   * Example: description: The error was EIO on booted 6.1 and EPERM on 6.12.
   */
  description?: string;
  /**
   * Where the expectation comes from: a kernel file and version, a manual and section, a mail, a run.
   * Example: source: drivers/iommu/dma-iommu.c of Linux 6.12, iommu_dma_get_msi_page
   */
  source?: string;
  /**
   * Words to select by, with --tag and --not-tag.
   * Example: tags: [vfio, slow]
   *
   * @maxItems 32
   */
  tags?: string[];
  /**
   * The machine: a mapping, or the path of a topology file relative to this one.
   * Example: topology: ../topologies/virt-its.yaml
   */
  topology: string | Topology;
  include?: Include;
  define?: Define;
  /**
   * Parameters and the values each takes; a case for each combination, 256 at most.
   * Example: matrix: { granule: [4K, 64K] }
   */
  matrix?: {
    /**
     * The values.
     *
     * @minItems 1
     * @maxItems 64
     */
    [k: string]: [number | string | boolean, ...(number | string | boolean)[]] | undefined;
  };
  /**
   * Linux versions whose behaviour the machine has, such as 6.12 or [4.8, 6.12.78]: an axis of the matrix, called kernel. The version implies the design where designs is left out.
   * Example: kernel: [5.1, 6.12]
   */
  kernel?: string | [string, ...string[]];
  /**
   * Single changes of Linux, on or off whatever the version: see docs/kernel-changes.md.
   * Example: changes: { v2m-multi-msi-alignment: off }
   */
  changes?: {
    /**
     * on or off.
     */
    [k: string]: 'on' | 'off' | Parameter | undefined;
  };
  designs?: Designs;
  steps?: Steps;
  /**
   * Threads of the kernel whose steps run in every order after steps:, by name. Explored, with devices that raise their vectors at any moment.
   * Example: interleave: { driver: [ { teardown: nic } ], irqbalance: [ { affinity: { vector: nic/0, cpu: 1 } } ] }
   */
  interleave?: {
    [k: string]: Thread | undefined;
  };
  explore?: Explore;
  schedule?: Schedule;
  /**
   * What must be seen after the last step; interrupts, faults, commands and invalidations then speak of the whole case.
   * Example: expect: { leaks: none }
   */
  expect?: Expect;
  /**
   * Cases that are not run: the reason and, with design or when, which ones. A mapping, or a list of them.
   * Example: skip: { reason: the model has no such bridge }
   */
  skip?: Skip | [Skip, ...Skip[]];
  /**
   * Cases that are known to fail: the reason and, with design or when, which ones. One that passes is a failure of the run.
   * Example: xfail: { reason: RFC v3 leaks the page, design: rfc-v3 }
   */
  xfail?: Xfail | [Xfail, ...Xfail[]];
}
/**
 * A machine: CPUs, MSI controllers, IOMMUs, devices and IOMMU domains, and what is wired to what.
 */
export interface Topology {
  /**
   * Path of a topology file, relative to this file, to which the sections here add. A name in both is an error; kernel and cpus here replace those of the file key by key.
   * Example: include: ../topologies/virt-its.yaml
   */
  include?: string;
  /**
   * Path of a firmware file (a .dtb, ACPI tables), relative to this file, of which the machine is made. Controllers, IOMMUs and platform devices get the names that `doorbell import` gives them. PCI devices without msi-parent take their wiring from it, by their address.
   * Example: firmware: boards/laptop.dtb
   */
  firmware?: string;
  /**
   * How many CPUs the machine has, 1 to 256; all are online. Default 1.
   * Example: cpus: 4
   */
  cpus?: Quantity;
  /**
   * CPUs of each NUMA node. Default: no nodes.
   * Example: numa-nodes: [ [0, 1], [2, 3] ]
   *
   * @minItems 1
   * @maxItems 256
   */
  'numa-nodes'?: [[Quantity, ...Quantity[]], ...[Quantity, ...Quantity[]][]];
  kernel?: Kernel;
  /**
   * Interrupt controllers that take MSIs, by name.
   * Example: msi-controllers: { its: { kind: gicv3-its, base: 0x0808_0000 } }
   */
  'msi-controllers'?: {
    [k: string]: MsiController | undefined;
  };
  /**
   * IOMMUs, by name.
   * Example: iommus: { smmu: { kind: smmu-v3, granule: 4K } }
   */
  iommus?: {
    [k: string]: Iommu | undefined;
  };
  /**
   * PCI host bridges, by name, with what firmware says of each requester. Devices on PCI without msi-parent take their wiring from the bridge that holds their address. `doorbell import` writes them.
   * Example: host-bridges: { pcie0: { segment: 0, msi-map: [ { rid: 0, length: 0x1_0000, controller: its } ], iommu-map: [ { rid: 0, length: 0x1_0000, iommu: smmu } ] } }
   */
  'host-bridges'?: {
    [k: string]: HostBridge | undefined;
  };
  origin?: Origin;
  /**
   * Devices that send MSIs, by name.
   * Example: devices: { nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: its, iommus: smmu } }
   */
  devices?: {
    [k: string]: Device | undefined;
  };
  /**
   * IOMMU domains that devices can be attached to, by name. Each device behind an IOMMU also has its group's default DMA domain, default/<device>.
   * Example: domains: { vm: { kind: unmanaged, msi-window: sw-msi } }
   */
  domains?: {
    [k: string]: Domain | undefined;
  };
  /**
   * Guests whose vCPUs a GICv4 ITS can deliver to, by name.
   * Example: guests: { guest: { vcpus: 2 } }
   */
  guests?: {
    [k: string]: Guest | undefined;
  };
}
/**
 * Kernel configuration, as far as it changes how an MSI is set up.
 * Example: kernel: { page-size: 64K }
 */
export interface Kernel {
  /**
   * PAGE_SIZE: 4K, 16K or 64K. Default 4K.
   * Example: page-size: 64K
   */
  'page-size'?: Quantity;
  /**
   * Width of phys_addr_t: 32, or 64 with CONFIG_PHYS_ADDR_T_64BIT. Default 64.
   * Example: phys-addr-bits: 32
   */
  'phys-addr-bits'?: Quantity;
  /**
   * Width of dma_addr_t: 32, or 64 with CONFIG_ARCH_DMA_ADDR_T_64BIT. Default 64.
   * Example: dma-addr-bits: 32
   */
  'dma-addr-bits'?: Quantity;
  /**
   * CONFIG_IOMMU_API. Without it no IOMMU driver runs and the SMMU stays in bypass. Default true.
   * Example: iommu-api: false
   */
  'iommu-api'?: Flag;
  /**
   * CONFIG_PCI_MSI_IRQ_DOMAIN. Without it PCI devices get no MSIs. Default true.
   * Example: pci-msi-irq-domain: false
   */
  'pci-msi-irq-domain'?: Flag;
  /**
   * The firmware is ACPI, not a device tree. Default false.
   * Example: acpi: true
   */
  acpi?: Flag;
  /**
   * CONFIG_PREEMPT_RT: spinlocks sleep, which shows where one is taken in atomic context. Default false.
   * Example: preempt-rt: true
   */
  'preempt-rt'?: Flag;
}
/**
 * GICv2m: MSI frames in front of SPIs. Either one frame (base, base-spi, count) or a list of frames.
 */
export interface Gicv2M {
  /**
   * gicv2m
   * Example: kind: gicv2m
   */
  kind: 'gicv2m';
  /**
   * Physical address of the only frame, 4K-aligned. The doorbell is MSI_SETSPI_NS at +0x40.
   * Example: base: 0x0802_0000
   */
  base?: Quantity;
  /**
   * First INTID of the only frame, 32 to 1019.
   * Example: base-spi: 80
   */
  'base-spi'?: Quantity;
  /**
   * How many SPIs the only frame has.
   * Example: count: 64
   */
  count?: Quantity;
  /**
   * A chip that takes another message: x-gene (the SPI less the frame's first), ns2 (the SPI less 32) or graviton (the address carries the SPI).
   * Example: variant: graviton
   */
  variant?: ('x-gene' | 'ns2' | 'graviton') | Parameter;
  /**
   * Several frames, in the order in which the driver registers them and the allocator tries them.
   * Example: frames: [ { base: 0x0802_0000, base-spi: 80, count: 32 }, { base: 0x0803_0000, base-spi: 112, count: 32 } ]
   *
   * @minItems 1
   * @maxItems 16
   */
  frames?:
    | [Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame, Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame]
    | [Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame, Gicv2MFrame]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ]
    | [
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame,
        Gicv2MFrame
      ];
}
/**
 * One GICv2m frame.
 */
export interface Gicv2MFrame {
  /**
   * Physical address of the frame, 4K-aligned.
   * Example: base: 0x0803_0000
   */
  base: Quantity;
  /**
   * First INTID, 32 to 1019.
   * Example: base-spi: 80
   */
  'base-spi': Quantity;
  /**
   * How many SPIs.
   * Example: count: 32
   */
  count: Quantity;
}
/**
 * A GICv3 Interrupt Translation Service.
 */
export interface Gicv3Its {
  /**
   * gicv3-its
   * Example: kind: gicv3-its
   */
  kind: 'gicv3-its';
  /**
   * GITS_BASE, 64K-aligned. The doorbell is GITS_TRANSLATER at +0x10040.
   * Example: base: 0x0808_0000
   */
  base: Quantity;
  /**
   * Bits of EventID, GITS_TYPER.ID_bits + 1: 1 to 16. Default 16.
   * Example: event-id-bits: 16
   */
  'event-id-bits'?: Quantity;
  /**
   * Bits of DeviceID, GITS_TYPER.Devbits + 1: 1 to 32. Default 16.
   * Example: device-id-bits: 16
   */
  'device-id-bits'?: Quantity;
  /**
   * The device table that Linux makes: flat or indirect (GITS_BASER.Indirect; a table of at most 128K is flat all the same). With it a DeviceID may have more bits than the ITS, and Linux finds that or not by the size of the table. Default: such a DeviceID is an error of the spec.
   * Example: device-table: indirect
   */
  'device-table'?: ('flat' | 'indirect') | Parameter;
  /**
   * Base of a Synquacer pre-ITS, 64K-aligned: a device's doorbell is base + 4 * DeviceID. Without it the DeviceID is out of band.
   * Example: pre-its: 0x5800_0000
   */
  'pre-its'?: Quantity;
  /**
   * LPIs of the machine, from INTID 8192 on: 1 to 57344. Shared by all ITSs; the largest value counts. Default 8192.
   * Example: lpis: 8192
   */
  lpis?: Quantity;
  /**
   * gicv4 or gicv4.1: the ITS can deliver interrupts to vCPUs. With gicv4 Linux maps the vPEs of a guest with its first forwarded interrupt; with gicv4.1 from the start. Default: it cannot.
   * Example: virtual: gicv4.1
   */
  virtual?: ('gicv4' | 'gicv4.1') | Parameter;
  /**
   * NUMA node that it is on, counted from 0 in numa-nodes: its LPIs go to CPUs of that node first. Default: none.
   * Example: node: 1
   */
  node?: Quantity;
  /**
   * Cavium ThunderX erratum 23144: its LPIs cannot go to CPUs of another node, and an affinity without one of its own is EINVAL. Default false.
   * Example: stays-on-node: true
   */
  'stays-on-node'?: Flag;
}
/**
 * Message-based interrupts of a GICv3 distributor: SPIs of mbi-ranges.
 */
export interface Gicv3Mbi {
  /**
   * gicv3-mbi
   * Example: kind: gicv3-mbi
   */
  kind: 'gicv3-mbi';
  /**
   * GICD_BASE, 64K-aligned. The doorbell is GICD_SETSPI_NSR at +0x40.
   * Example: base: 0x2f00_0000
   */
  base: Quantity;
  /**
   * mbi-alias: an alias frame with the same registers, whose address devices are given instead, 4K-aligned.
   * Example: alias: 0x3000_0000
   */
  alias?: Quantity;
  /**
   * mbi-ranges, in the order in which they are tried.
   * Example: ranges: [{ base-spi: 64, count: 8 }]
   *
   * @minItems 1
   * @maxItems 16
   *
   * Items: SPIs.
   */
  ranges:
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ]
    | [
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        },
        {
          /**
           * First INTID, 32 to 1019.
           * Example: base-spi: 160
           */
          'base-spi': Quantity;
          /**
           * How many SPIs.
           * Example: count: 8
           */
          count: Quantity;
        }
      ];
}
/**
 * The MSI controller inside a PCI host bridge (DesignWare and its likes). It takes the writes of the devices below before an IOMMU sees them, and has one interrupt for all, so that no affinity can be set.
 */
export interface InBridge {
  /**
   * in-bridge
   * Example: kind: in-bridge
   */
  kind: 'in-bridge';
  /**
   * The address that the bridge compares writes with, a multiple of 4. Its driver chooses it.
   * Example: base: 0x0900_0000
   */
  base: Quantity;
  /**
   * Messages that it tells apart, from 0 on: 1 to 256. Default 32.
   * Example: messages: 64
   */
  messages?: Quantity;
}
/**
 * A controller with a doorbell page for each CPU. Not a chip of 2016; its rules are those of the RISC-V IMSIC driver where that has one.
 */
export interface PercpuDoorbell {
  /**
   * percpu-doorbell
   * Example: kind: percpu-doorbell
   */
  kind: 'percpu-doorbell';
  /**
   * Physical address of CPU 0's page; the doorbell is at +0x40.
   * Example: base: 0x2c00_0000
   */
  base: Quantity;
  /**
   * Distance between the pages of two CPUs, a multiple of 4K. Default 4K.
   * Example: stride: 4K
   */
  stride?: Quantity;
  /**
   * Interrupt identities of each CPU: 1 to 2047. Default 63.
   * Example: identities: 8
   */
  identities?: Quantity;
  /**
   * What irq_set_affinity returns after a move: IRQ_SET_MASK_OK (the MSI core composes and writes the message again) or IRQ_SET_MASK_OK_DONE (it does not). Default IRQ_SET_MASK_OK.
   * Example: affinity-returns: IRQ_SET_MASK_OK_DONE
   */
  'affinity-returns'?: ('IRQ_SET_MASK_OK' | 'IRQ_SET_MASK_OK_DONE') | Parameter;
}
/**
 * A RISC-V IMSIC: a page for each hart, to which a device writes the identity. Its Linux driver asks for no IOMMU mapping.
 */
export interface RiscvImsic {
  /**
   * riscv-imsic
   * Example: kind: riscv-imsic
   */
  kind: 'riscv-imsic';
  /**
   * Physical address of hart 0's page; the doorbell is its first word.
   * Example: base: 0x2800_0000
   */
  base: Quantity;
  /**
   * Distance between the pages of two harts, a multiple of 4K. Default 4K.
   * Example: stride: 4K
   */
  stride?: Quantity;
  /**
   * Identities of each hart, from 1 on: 1 to 2047. Default 63.
   * Example: identities: 8
   */
  identities?: Quantity;
}
/**
 * SMMUv1 or v2: stream matching and context banks.
 */
export interface SmmuV2 {
  /**
   * smmu-v2
   * Example: kind: smmu-v2
   */
  kind: 'smmu-v2';
  granule?: Granule;
  /**
   * Stage that domains get: 1 or 2. Default 1.
   * Example: stage: 2
   */
  stage?: Quantity;
  /**
   * Bits of StreamID: 15 or 16. Default 15.
   * Example: stream-id-bits: 15
   */
  'stream-id-bits'?: Quantity;
  /**
   * SMR and S2CR pairs: 1 to 128. Default 32.
   * Example: stream-mapping-groups: 2
   */
  'stream-mapping-groups'?: Quantity;
  /**
   * Translation contexts: 1 to 128. Default 8.
   * Example: context-banks: 4
   */
  'context-banks'?: Quantity;
  /**
   * What a stream gets that no SMR matches: fault (arm-smmu.disable_bypass=1), bypass, or kernel-default (bypass up to 5.1, fault since). Default kernel-default.
   * Example: unmatched-streams: fault
   */
  'unmatched-streams'?: ('fault' | 'bypass' | 'kernel-default') | Parameter;
  /**
   * MSIs bypass this IOMMU (HiSilicon 161010801); the region of their doorbells, which ACPI reports as a hardware MSI region. Default none.
   * Example: hw-msi: { base: 0xc601_0000, size: 64K }
   */
  'hw-msi'?: {
    /**
     * First physical address.
     * Example: base: 0xc601_0000
     */
    base: Quantity;
    /**
     * Bytes.
     * Example: size: 64K
     */
    size: Quantity;
  };
  /**
   * Input address bits of a translation table: 32 to 52. Default 48.
   * Example: iova-bits: 39
   */
  'iova-bits'?: Quantity;
}
/**
 * SMMUv3: a stream table.
 */
export interface SmmuV3 {
  /**
   * smmu-v3
   * Example: kind: smmu-v3
   */
  kind: 'smmu-v3';
  granule?: Granule;
  /**
   * Stage that domains get: 1 or 2. Default 1.
   * Example: stage: 2
   */
  stage?: Quantity;
  /**
   * Bits of StreamID, SMMU_IDR1.SIDSIZE: 1 to 32. Default 16.
   * Example: stream-id-bits: 16
   */
  'stream-id-bits'?: Quantity;
  /**
   * two-level: a stream is C_BAD_STREAMID until a driver has probed it, or one of the 256 around it; linear: its entry is abort, which is silent, as it is with StreamIDs of 8 bits or fewer. Default two-level.
   * Example: stream-table: two-level
   */
  'stream-table'?: ('two-level' | 'linear') | Parameter;
  /**
   * MSIs bypass this IOMMU (HiSilicon 161010801); the region of their doorbells, which ACPI reports as a hardware MSI region. Default none.
   * Example: hw-msi: { base: 0xc601_0000, size: 64K }
   */
  'hw-msi'?: {
    /**
     * First physical address.
     * Example: base: 0xc601_0000
     */
    base: Quantity;
    /**
     * Bytes.
     * Example: size: 64K
     */
    size: Quantity;
  };
  /**
   * Input address bits of a translation table: 32 to 52. Default 48.
   * Example: iova-bits: 39
   */
  'iova-bits'?: Quantity;
}
/**
 * A PCI host bridge: which requester has which MSI controller and IOMMU, under which IDs.
 */
export interface HostBridge {
  /**
   * fsl-mc: not PCI, but a bus whose devices have IDs that maps translate in the same way.
   * Example: bus: fsl-mc
   */
  bus?: 'fsl-mc';
  /**
   * The driver's name for it.
   * Example: compatible: "marvell,armada8k-pcie"
   */
  compatible?: string;
  /**
   * Whether Linux looks behind it. Default true.
   * Example: available: false
   */
  available?: boolean;
  /**
   * PCI segment (domain), where firmware says one.
   * Example: segment: 0
   */
  segment?: Quantity;
  /**
   * First and last bus. Default all.
   * Example: bus-range: [0, 255]
   *
   * @minItems 2
   * @maxItems 2
   */
  'bus-range'?: [Quantity, Quantity];
  /**
   * Ranges of requester IDs with their MSI controller and DeviceID. The first that holds an ID counts; an ID in none gets no MSIs.
   * Example: msi-map: [{ rid: 0x0, length: 0x10000, controller: v2m-280000 }]
   *
   * @maxItems 4096
   *
   * Items: Requester IDs that take the same way to a controller, or none.
   */
  'msi-map'?: {
    /**
     * First requester ID.
     * Example: rid: 0x0
     */
    rid: Quantity;
    /**
     * How many. Default 1.
     * Example: length: 0x10000
     */
    length?: Quantity;
    /**
     * Name of an MSI controller, or the path of a firmware node that the model has no part for: a device behind that one is an error.
     * Example: controller: v2m-280000
     */
    controller?: string;
    /**
     * DeviceID of the first requester; the others follow. Default the requester ID itself.
     * Example: device-id: 0x0
     */
    'device-id'?: Quantity;
    /**
     * All have the one DeviceID. Default false.
     * Example: constant: true
     */
    constant?: boolean;
    /**
     * Why there is no controller: a word of the table of reasons in docs/firmware.md.
     * Example: none: no-match
     */
    none?: string;
    /**
     * The node that is to blame.
     * Example: at: "/soc@0/pcie@1c00000"
     */
    at?: string;
  }[];
  /**
   * Ranges of requester IDs with their IOMMU and StreamID. The first that holds an ID counts; an ID in none is behind no IOMMU.
   * Example: iommu-map: [{ rid: 0x0, length: 0x200, iommu: iommu-2b400000, stream-id: 0x0 }]
   *
   * @maxItems 4096
   *
   * Items: Requester IDs that take the same way through an IOMMU, or none.
   */
  'iommu-map'?: {
    /**
     * First requester ID.
     * Example: rid: 0x0
     */
    rid: Quantity;
    /**
     * How many. Default 1.
     * Example: length: 0x300
     */
    length?: Quantity;
    /**
     * Name of an IOMMU, or the path of a firmware node that the model has no part for.
     * Example: iommu: iommu-15000000
     */
    iommu?: string;
    /**
     * StreamID of the first requester; the others follow. Default the requester ID itself.
     * Example: stream-id: 0x0
     */
    'stream-id'?: Quantity;
    /**
     * SMR mask that an SMMUv2's node gives.
     * Example: mask: 0x7c00
     */
    mask?: Quantity;
    /**
     * All have the one StreamID. Default false.
     * Example: constant: true
     */
    constant?: boolean;
    /**
     * Why Linux puts none in front: a word of the table of reasons in docs/firmware.md.
     * Example: bypass: no-map
     */
    bypass?: string;
    /**
     * The node that is to blame.
     * Example: at: "/ap806/config-space@f0000000/iommu@100000"
     */
    at?: string;
  }[];
}
/**
 * Where an imported topology came from. Tells `doorbell explain` the firmware's own names; it changes nothing of the machine.
 * Example: origin: { firmware: device-tree, era: "6.12" }
 */
export interface Origin {
  /**
   * device-tree or acpi.
   * Example: firmware: device-tree
   */
  firmware: 'device-tree' | 'acpi';
  /**
   * The kernel by whose rules it was read: "6.1", "6.12" or "7.x".
   * Example: era: "6.12"
   */
  era: '6.1' | '6.12' | '7.x';
  /**
   * What the firmware calls the machine.
   * Example: title: FVP Base RevC
   */
  title?: string;
  /**
   * Nodes that have no part here, by path: why.
   * Example: left-out: { /iommu@a0040000: "Linux does not use it (disabled)" }
   */
  'left-out'?: {
    [k: string]: string | undefined;
  };
  /**
   * The node of each part, by the part's name.
   * Example: nodes: { smmu: /iommu@2b400000 }
   */
  nodes?: {
    [k: string]: string | undefined;
  };
}
/**
 * A PCI function.
 */
export interface PciDevice {
  /**
   * pci
   * Example: bus: pci
   */
  bus: 'pci';
  /**
   * Bus, device and function, such as "00:02.0" (in quotes). Gives the requester ID.
   * Example: address: "00:02.0"
   */
  address: string;
  /**
   * The host bridge that the device is behind, where several hold its address: its name under host-bridges, or its path in the firmware. Only without msi-parent.
   * Example: bridge: "IORT/root-complex@204"
   */
  bridge?: string;
  /**
   * The bridge that the device is behind, which sends in its place: pcie-to-pci (requester: its secondary bus, device 0.0) or pci, a conventional one (its own ID). Gives StreamIDs and DeviceID.
   * Example: behind: { kind: pcie-to-pci, address: "00:05.0" }
   */
  behind?: {
    /**
     * pcie-to-pci or pci.
     * Example: kind: pcie-to-pci
     */
    kind: ('pcie-to-pci' | 'pci') | Parameter;
    /**
     * Bus, device and function of the bridge.
     * Example: address: "00:05.0"
     */
    address: string;
  };
  /**
   * A function number whose requester ID the device also uses (a quirk's alias): a StreamID more, and not the DeviceID.
   * Example: phantom-function: 1
   */
  'phantom-function'?: Quantity;
  msi?: MsiCapability;
  /**
   * Entries of the MSI-X table: 1 to 2048; or a mapping with vectors and reserved-bits.
   * Example: msix: 4
   */
  msix?:
    | Quantity
    | {
        /**
         * Entries of the table: 1 to 2048.
         * Example: vectors: 8
         */
        vectors: Quantity;
        /**
         * A table that was left masked holds back MSI, too (a Marvell NVMe controller). Default false.
         * Example: masks-msi: true
         */
        'masks-msi'?: Flag;
        /**
         * Bits of Vector Control other than the mask read as one. Default false.
         * Example: reserved-bits: true
         */
        'reserved-bits'?: Flag;
      };
  'msi-parent'?: MsiParent;
  iommus?: IommusOfDevice;
  /**
   * Name of the iommu_group: devices with the same one are not isolated from one another (no ACS) and are attached together. Default: a group of its own.
   * Example: iommu-group: slot-2
   */
  'iommu-group'?: Name;
  /**
   * Width of the DMA mask, 24 to 64 bits: limits IOVAs that the DMA API chooses. Default 64.
   * Example: dma-bits: 32
   */
  'dma-bits'?: Quantity;
}
/**
 * A device that is not on PCI and has MSIs of its own.
 */
export interface PlatformDevice {
  /**
   * platform
   * Example: bus: platform
   */
  bus: 'platform';
  /**
   * How many MSIs it has: 1 to 2048.
   * Example: msis: 4
   */
  msis: Quantity;
  /**
   * Its MSIs are level-triggered: one message asserts, a second ends it (release). Default false.
   * Example: level: true
   */
  level?: Flag;
  'msi-parent': MsiParent;
  iommus?: IommusOfDevice;
  /**
   * Name of the iommu_group: devices with the same one are not isolated from one another (no ACS) and are attached together. Default: a group of its own.
   * Example: iommu-group: slot-2
   */
  'iommu-group'?: Name;
  /**
   * Width of the DMA mask, 24 to 64 bits. Default 32.
   * Example: dma-bits: 40
   */
  'dma-bits'?: Quantity;
}
/**
 * A bridge from wires to MSIs (HiSilicon mbigen): each pin is a vector. Its doorbell is fixed in hardware, the kernel writes only the EventID, and never one of zeroes.
 * Example: lines: { bus: wired, pins: 4, doorbell: 0x0809_0040, msi-parent: { controller: its, device-id: 0x40 } }
 */
export interface WiredBridge {
  /**
   * wired
   * Example: bus: wired
   */
  bus: 'wired';
  /**
   * Pins, each an edge-triggered vector: 1 to 1024.
   * Example: pins: 4
   */
  pins: Quantity;
  /**
   * The address that it writes to, as firmware or the hardware has it; what the SMMU, if there is one, makes of it decides.
   * Example: doorbell: 0x0809_0040
   */
  doorbell: Quantity;
  'msi-parent': MsiParent;
  iommus?: IommusOfDevice;
  /**
   * Width of the DMA mask, 24 to 64 bits. Default 32.
   * Example: dma-bits: 40
   */
  'dma-bits'?: Quantity;
}
/**
 * An NXP fsl-mc bus (a DPRC): its ICID is both the StreamID and the DeviceID unless msi-parent and iommus say others. The Management Complex is told of messages, and of none of zeroes.
 * Example: dprc: { bus: fsl-mc, icid: 0x17, msis: 4, msi-parent: its, iommus: smmu }
 */
export interface FslMcDevice {
  /**
   * fsl-mc
   * Example: bus: fsl-mc
   */
  bus: 'fsl-mc';
  /**
   * Isolation context ID, 0 to 0xffff.
   * Example: icid: 0x17
   */
  icid: Quantity;
  /**
   * MSIs of its objects: 1 to 2048.
   * Example: msis: 4
   */
  msis: Quantity;
  'msi-parent': MsiParent;
  iommus?: IommusOfDevice;
  /**
   * Width of the DMA mask, 24 to 64 bits. Default 32.
   * Example: dma-bits: 40
   */
  'dma-bits'?: Quantity;
}
/**
 * IOMMU_DOMAIN_DMA: IOVAs come from the DMA API's allocator.
 */
export interface DmaDomain {
  /**
   * dma
   * Example: kind: dma
   */
  kind: 'dma';
  /**
   * strict: an unmap of the DMA API is invalidated before it returns. lazy: later, with the flush queue (IOMMU_DOMAIN_DMA_FQ). iommu_unmap, as for a doorbell, is strict in both. Default strict.
   * Example: unmap: lazy
   */
  unmap?: ('strict' | 'lazy') | Parameter;
  /**
   * A region that firmware wants mapped one to one (IOMMU_RESV_DIRECT). Default none.
   * Example: direct: { base: 0x9000_0000, size: 4K }
   */
  direct?: {
    /**
     * First address, page-aligned.
     * Example: base: 0x9000_0000
     */
    base: Quantity;
    /**
     * Bytes, a multiple of the page.
     * Example: size: 4K
     */
    size: Quantity;
  };
}
/**
 * IOMMU_DOMAIN_IDENTITY: addresses pass untranslated.
 */
export interface IdentityDomain {
  /**
   * identity
   * Example: kind: identity
   */
  kind: 'identity';
}
/**
 * IOMMU_DOMAIN_BLOCKED: every write ends.
 */
export interface BlockedDomain {
  /**
   * blocked
   * Example: kind: blocked
   */
  kind: 'blocked';
}
/**
 * IOMMU_DOMAIN_UNMANAGED: user space (VFIO, iommufd) owns the IOVAs.
 */
export interface UnmanagedDomain {
  /**
   * unmanaged
   * Example: kind: unmanaged
   */
  kind: 'unmanaged';
  /**
   * IOVAs set aside for doorbells: sw-msi (the kernel's 0x0800_0000, 1M), or a mapping with base and size as user space would register it. Without it the domain has no window and no cookie.
   * Example: msi-window: sw-msi
   */
  'msi-window'?:
    | ('sw-msi' | Parameter)
    | {
        /**
         * First IOVA, page-aligned.
         * Example: base: 0x0800_0000
         */
        base: Quantity;
        /**
         * Bytes, a multiple of the page.
         * Example: size: 1M
         */
        size: Quantity;
      };
  /**
   * allow_unsafe_interrupts of vfio_iommu_type1: refuse makes attaching a device whose MSIs are not isolated EPERM. Default allow.
   * Example: unsafe-interrupts: refuse
   */
  'unsafe-interrupts'?: ('allow' | 'refuse') | Parameter;
  /**
   * A VFIO type1 container by its whole life. Then setup is VFIO_DEVICE_SET_IRQS (vectors that are set up are set up anew, more than there are is EINVAL), a device that leaves loses its vectors, and the domain ends with its last device. Default false: the kernel's own calls.
   * Example: vfio: true
   */
  vfio?: Flag;
  /**
   * Name of the iommufd context (file descriptor) that the domain belongs to; without it, VFIO type1. Only linux-6.15 tells them apart.
   * Example: iommufd: fd0
   */
  iommufd?: Name;
}
/**
 * IOMMU_DOMAIN_NESTED: a guest's stage 1 tables over the stage 2 tables of a domain of the host. What it maps are guest physical addresses.
 * Example: guest: { kind: nested, parent: vm, direct: { base: 0x0800_0000, size: 1M } }
 */
export interface NestedDomain {
  /**
   * nested
   * Example: kind: nested
   */
  kind: 'nested';
  /**
   * Name of the unmanaged domain whose tables are stage 2.
   * Example: parent: vm
   */
  parent: Name;
  /**
   * What the guest's firmware has it map one to one (IORT RMR): the host's doorbell window, or the guest's devices cannot send MSIs. Default none.
   * Example: direct: { base: 0x0800_0000, size: 1M }
   */
  direct?: {
    /**
     * First address, page-aligned.
     * Example: base: 0x0800_0000
     */
    base: Quantity;
    /**
     * Bytes, a multiple of the page.
     * Example: size: 1M
     */
    size: Quantity;
  };
}
/**
 * A guest of KVM with a GICv3 of its own; it runs from the start.
 * Example: guest: { vcpus: 2, lpis: 32 }
 */
export interface Guest {
  /**
   * vCPUs, each a vPE: 1 to 64.
   * Example: vcpus: 2
   */
  vcpus: Quantity;
  /**
   * LPIs of the guest, from INTID 8192 on: 1 to 8192. Default 64.
   * Example: lpis: 64
   */
  lpis?: Quantity;
}
/**
 * What doorbell explore leaves open beside the order of steps.
 * Example: explore: { fires: [nic/0] }
 */
export interface Explore {
  /**
   * posted: a device's write arrives any time after it was raised, until a read pushes it. atomic: at once. Default posted.
   * Example: writes: posted
   */
  writes?: 'posted' | 'atomic';
  /**
   * kept: translations and STEs that an SMMU has read stay until they are invalidated, or are dropped at any moment once they are out of date. none: it reads anew for each write. Default none, or kept where changes: leaves an invalidation out (docs/kernel-changes.md).
   * Example: caches: kept
   */
  caches?: 'none' | 'kept';
  /**
   * at-once: a command to an ITS or SMMU takes effect in the step that posts it and waits for its SYNC. queued: the hardware reads commands at any moment while the driver waits. Default at-once.
   * Example: commands: queued
   */
  commands?: 'at-once' | 'queued';
  /**
   * Vectors that their devices raise at any moment between set-up and teardown; an empty list for none. Default: every vector that a step sets up.
   * Example: fires: [nic/0]
   *
   * @maxItems 256
   */
  fires?: Vector[];
  /**
   * What must be so in every state. Each block is a property by itself; why names it.
   * Example: always: { why: one page is enough, windows: { vm: { free: 255..256 } } }
   */
  always?: Expect;
  /**
   * What must be so wherever every thread has done what it was to do (one that takes any-of its steps: is idle) and nothing is in flight.
   * Example: eventually: { mappings: { vm: none } }
   */
  eventually?: Expect;
  /**
   * What must be seen after some step, or the exploration is no pass.
   * Example: sometimes: { why: the move is refused, error: EBUSY }
   */
  sometimes?: Expect;
}
/**
 * Who goes on, and how far. A thread of interleave: with an operation (all of it), a list (the operation that it begins, then its steps by the kernel's names) or finish (the rest of its operation); raise: a vector; arrive: the device whose write in flight arrives; reads: the ITS or SMMU that reads a command; drops: what an SMMU has cached.
 */
export interface Scheduled {
  /**
   * The device raises this vector.
   * Example: raise: nic/0
   */
  raise?: Vector;
  /**
   * The write in flight of this device reaches the IOMMU.
   * Example: arrive: nic
   */
  arrive?: Name;
  /**
   * This ITS or SMMU reads the oldest command of its queue, for which no SYNC waited.
   * Example: reads: smmu
   */
  reads?: Name;
  /**
   * An SMMU drops what it has cached and what is out of date, or redistributors the configuration of an LPI, as doorbell explore names it.
   * Example: drops: { smmu: the STE of StreamID 0x10 }
   */
  drops?: {
    /**
     * What is dropped, as doorbell explore names it, such as the STE of StreamID 0x10.
     */
    [k: string]: string | undefined;
  };
  /**
   * A thread's: an operation, done to its end; a list of an operation that it begins and of its steps; or finish.
   * Example: irqbalance: [ { affinity: { vector: nic/0, cpu: 1 } }, irq_set_affinity ]
   */
  [k: string]:
    | 'finish'
    | Step
    | [string | Step, ...(string | Step)[]]
    | Vector
    | Name
    | {
        /**
         * What is dropped, as doorbell explore names it, such as the STE of StreamID 0x10.
         */
        [k: string]: string | undefined;
      }
    | undefined;
}
/**
 * Cases that are not run, and why.
 */
export interface Skip {
  reason: Reason;
  /**
   * Designs for which this counts: one of the spec's designs, or a list of them; with a parameter as rfc-v3(initial-count=2).
   * Example: design: rfc-v3
   */
  design?: string | [string, ...string[]];
  when?: When;
}
/**
 * Cases that are known to fail, and why; a pass is then a failure.
 */
export interface Xfail {
  reason: Reason;
  /**
   * Designs for which this counts: one of the spec's designs, or a list of them; with a parameter as rfc-v3(initial-count=2).
   * Example: design: rfc-v3
   */
  design?: string | [string, ...string[]];
  when?: When;
}
