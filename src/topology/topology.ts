/**
 * The typed description of a machine: what is there and what is wired to what.
 *
 * Plain data, every default filled in, so that a topology can cross a process boundary, be hashed,
 * or be built into a QEMU command line. Names are those that the spec gave. `validate.ts` says what
 * may be wired to what.
 *
 * Addresses are safe integers: Arm physical and input addresses have at most 52 bits (DDI 0487,
 * FEAT_LPA), which a double holds exactly. The loader refuses larger ones.
 */

export interface Topology {
  readonly cpus: number;
  /** CPUs of each NUMA node; left out: no nodes. */
  readonly numaNodes?: readonly (readonly number[])[];
  readonly kernel: KernelConfig;
  readonly msiControllers: Readonly<Record<string, MsiController>>;
  readonly iommus: Readonly<Record<string, Iommu>>;
  readonly devices: Readonly<Record<string, Device>>;
  readonly domains: Readonly<Record<string, Domain>>;
  /** Guests whose vCPUs a GICv4 ITS can deliver to; left out: none. */
  readonly guests?: Readonly<Record<string, Guest>>;
}

/**
 * A guest of KVM with a GICv3 of its own, as far as GICv4 has to do with it. Each vCPU is a vPE.
 */
export interface Guest {
  readonly vcpus: number;
  /** LPIs of the guest, from INTID 8192 on. */
  readonly lpis: number;
}

/** What Kconfig and the boot decided; the parts that change how an MSI is set up. */
export interface KernelConfig {
  /** PAGE_SIZE in bytes: 4096, 16384 or 65536. */
  readonly pageSize: number;
  /** Width of phys_addr_t: CONFIG_PHYS_ADDR_T_64BIT. */
  readonly physAddrBits: 32 | 64;
  /** Width of dma_addr_t: CONFIG_ARCH_DMA_ADDR_T_64BIT. */
  readonly dmaAddrBits: 32 | 64;
  /** CONFIG_IOMMU_API. Off: no SMMU driver, the SMMU stays in bypass (GBPA.ABORT = 0). */
  readonly iommuApi: boolean;
  /** CONFIG_PCI_MSI_IRQ_DOMAIN. Off: no PCI MSI domain on the controllers. */
  readonly pciMsiIrqDomain: boolean;
  /** CONFIG_PREEMPT_RT: spinlocks sleep, raw spinlocks do not. */
  readonly preemptRt?: boolean;
  /** The firmware is ACPI, not a device tree. */
  readonly acpi?: boolean;
}

export type MsiController = GicV2m | GicV3Its | GicV3Mbi | InBridge | PercpuDoorbell | RiscvImsic;

/** GICv2m: one or more MSI frames in front of a range of SPIs. irq-gic-v2m.c. */
export interface GicV2m {
  readonly kind: 'gicv2m';
  /** In registration order, which is the order in which the allocator tries them. */
  readonly frames: readonly GicV2mFrame[];
  readonly variant?: V2mVariant;
}

/**
 * Frames that take another message than the SPI's number at +0x40: APM X-Gene the SPI less the
 * frame's first, Broadcom NS2 the SPI less 32, Amazon Graviton zero at an address that carries the
 * SPI.
 */
export type V2mVariant = 'x-gene' | 'ns2' | 'graviton';

/** Message-based interrupts of a GICv3 distributor. irq-gic-v3-mbi.c. */
export interface GicV3Mbi {
  readonly kind: 'gicv3-mbi';
  /** GICD_BASE; the doorbell is GICD_SETSPI_NSR at +0x40. */
  readonly base: number;
  /**
   * mbi-alias: a frame with the same registers at another address, which devices are given instead.
   */
  readonly alias?: number;
  /** mbi-ranges, in order. */
  readonly ranges: readonly { readonly baseSpi: number; readonly count: number }[];
}

/**
 * The MSI controller inside a PCI host bridge, which takes the writes of the devices below before
 * an IOMMU sees them. pcie-designware-host.c.
 */
export interface InBridge {
  readonly kind: 'in-bridge';
  /** The address that the bridge compares writes with: PCIE_MSI_ADDR_LO and _HI. */
  readonly base: number;
  /** Messages that it tells apart, from 0 on. */
  readonly messages: number;
}

/** A RISC-V IMSIC: a page of interrupt identities for each hart. irq-riscv-imsic-platform.c. */
export interface RiscvImsic {
  readonly kind: 'riscv-imsic';
  /** Page of hart 0; SETEIPNUM_LE is its first word. */
  readonly base: number;
  readonly stride: number;
  /** Identities 1 to this number. */
  readonly identities: number;
}

export interface GicV2mFrame {
  /** Physical base of the 4K frame; the doorbell is MSI_SETSPI_NS at +0x040. */
  readonly base: number;
  /** First INTID, 32 to 1019. */
  readonly baseSpi: number;
  readonly count: number;
}

/** A GICv3 ITS with its redistributors' collections. irq-gic-v3-its.c. */
export interface GicV3Its {
  readonly kind: 'gicv3-its';
  /** GITS_BASE; the doorbell is GITS_TRANSLATER at +0x10040. */
  readonly base: number;
  /** GITS_TYPER.ID_bits + 1. */
  readonly eventIdBits: number;
  /** GITS_TYPER.Devbits + 1. */
  readonly deviceIdBits: number;
  /** Kind of the device table; left out: no DeviceID of the topology has more bits than the ITS. */
  readonly deviceTable?: 'flat' | 'indirect';
  /**
   * Socionext Synquacer's pre-ITS: a window in which a device writes at DeviceID * 4, and which
   * makes the DeviceID from that address. The ITS sees no DeviceID otherwise.
   */
  readonly preIts?: number;
  /**
   * GITS_TYPER.Virtual: the ITS can deliver to vCPUs. `gicv4`: VMOVP is sent to each ITS
   * (GITS_TYPER.VMOVP is 0) and Linux maps vPEs when the first interrupt of their guest is
   * forwarded; `gicv4.1` has one vPE table, mapped from the start.
   */
  readonly virtual?: 'gicv4' | 'gicv4.1';
  /** NUMA node that it is on, an index in `numaNodes`; left out: NUMA_NO_NODE. */
  readonly node?: number;
  /** Cavium ThunderX erratum 23144: its LPIs cannot go to CPUs of another node. */
  readonly staysOnNode?: boolean;
  /**
   * LPIs that the machine has, from INTID 8192 on (shared by all ITSs: the largest value counts).
   */
  readonly lpis: number;
}

/**
 * A controller with one doorbell page per CPU: the case that the 2016 review warns of. Not a chip
 * of that time; the closest real ones are GICR_SETLPIR and the RISC-V IMSIC, whose register offset,
 * per-CPU identities and "already there" rule it borrows.
 */
export interface PercpuDoorbell {
  readonly kind: 'percpu-doorbell';
  /** Page of CPU 0. */
  readonly base: number;
  /** Distance between the pages of two CPUs. */
  readonly stride: number;
  /** Identities per CPU. */
  readonly identities: number;
  /** What irq_set_affinity returns after a move: OK makes the MSI core compose and write again. */
  readonly affinityReturns: 'IRQ_SET_MASK_OK' | 'IRQ_SET_MASK_OK_DONE';
}

export type Granule = 4096 | 16384 | 65536;

export type Iommu = SmmuV2 | SmmuV3;

/** SMMUv1/v2: stream matching and context banks. IHI 0062. */
export interface SmmuV2 {
  readonly kind: 'smmu-v2';
  /** Granules the hardware has, ascending. */
  readonly granules: readonly Granule[];
  /** Stage that domains get. */
  readonly stage: 1 | 2;
  readonly streamIdBits: 15 | 16;
  /** Stream mapping groups: SMRn/S2CRn pairs. */
  readonly streamMappingGroups: number;
  readonly contextBanks: number;
  /** sCR0.USFCFG: what happens to a stream that no SMR matches (arm-smmu.disable_bypass). */
  readonly unmatchedStreams: 'fault' | 'bypass' | 'kernel-default';
  /** Input address size of a stage 1 table, in bits. */
  readonly iovaBits: number;
  readonly hwMsi?: HwMsi;
}

/** SMMUv3: a stream table. IHI 0070. */
export interface SmmuV3 {
  readonly kind: 'smmu-v3';
  readonly granules: readonly Granule[];
  readonly stage: 1 | 2;
  /** SMMU_IDR1.SIDSIZE: StreamIDs from 2**n on are C_BAD_STREAMID. */
  readonly streamIdBits: number;
  /**
   * Two-level: a stream that no driver probed has no level 2 table (C_BAD_STREAMID, seen on booted
   * kernels 6.1 and 6.12). Linear: its STE is ABORT, which is silent.
   */
  readonly streamTable: 'linear' | 'two-level';
  readonly iovaBits: number;
  readonly hwMsi?: HwMsi;
}

/**
 * MSI writes that the hardware does not translate (HiSilicon 161010801), at the doorbells of this
 * region: IOMMU_RESV_MSI.
 */
export interface HwMsi {
  readonly base: number;
  readonly size: number;
}

export type Device = PciDevice | PlatformDevice;

interface DeviceLinks {
  /** The controller that takes this device's MSIs, and the DeviceID it sees. */
  readonly msiParent: { readonly controller: string; readonly deviceId: number };
  /** The IOMMU in front of the device, or nothing. */
  readonly iommu?: {
    readonly iommu: string;
    readonly streamIds: readonly number[];
    /**
     * SMMU_SMRn.MASK for these StreamIDs: bits that are not compared. Left out: 0. SMMUv2 alone has
     * it.
     */
    readonly streamMask?: number;
  };
  /**
   * iommu_group, by name: devices that nothing isolates from one another move together. Left out:
   * by itself.
   */
  readonly group?: string;
  /** dma_get_mask(dev), in bits: limits the IOVAs of the DMA API. */
  readonly dmaBits: number;
}

export interface PciDevice extends DeviceLinks {
  readonly bus: 'pci';
  /** Requester ID: bus << 8 | device << 3 | function. */
  readonly requesterId: number;
  /** Requester ID of the bridge that sends in its place. */
  readonly behind?: number;
  readonly msi?: MsiCapability;
  /**
   * `masksMsi`: a table that was left masked holds back MSI, too. `reservedBits`: bits of Vector
   * Control other than the mask read as one.
   */
  readonly msix?: {
    readonly vectors: number;
    readonly reservedBits?: boolean;
    readonly masksMsi?: boolean;
  };
}

/** The PCI MSI capability. PCI Local Bus 3.0, 6.8.1. */
export interface MsiCapability {
  /** Multiple Message Capable: 1, 2, 4, 8, 16 or 32. */
  readonly vectors: number;
  /** 64-bit Address Capable; without it there is no upper address register. */
  /** Or fewer than 64 where the device drops upper bits: 32 to 64. */
  readonly addressBits: number;
  /** Per-Vector Masking Capable. */
  readonly maskable: boolean;
  /** The device copies its message when MSI is enabled and keeps the copy until it is disabled. */
  readonly latches?: boolean;
}

/** A platform device with MSIs of its own (platform-msi). */
export interface PlatformDevice extends DeviceLinks {
  readonly bus: 'platform';
  readonly msis: number;
  /** Level-triggered MSIs: one message to assert, one to end. */
  readonly level?: boolean;
  /** Whose messages they are, where they are not a platform device's own. */
  readonly via?: MessageHolder;
}

/**
 * Holders of messages whose drivers write none of zeroes, so that the last one stays where it was
 * (mbigen_write_msi_msg, __fsl_mc_msi_write_msg). `wired`: a bridge from wires to MSIs, HiSilicon's
 * mbigen, one vector for each pin; the doorbell is fixed in hardware and only the EventID, of ten
 * bits, is written. `fsl-mc`: an NXP DPRC, which the Management Complex programs.
 */
export type MessageHolder =
  { readonly kind: 'wired'; readonly doorbell: number } | { readonly kind: 'fsl-mc' };

export type Domain = DmaDomain | IdentityDomain | BlockedDomain | UnmanagedDomain | NestedDomain;

/** IOMMU_DOMAIN_DMA: IOVAs come from the DMA API's allocator. */
export interface DmaDomain {
  readonly kind: 'dma';
  /** IOMMU_DOMAIN_DMA_FQ: unmaps of the DMA API are invalidated later, all at once. */
  readonly lazy?: true;
  /** A region that firmware wants mapped one to one (IOMMU_RESV_DIRECT). */
  readonly direct?: { readonly base: number; readonly size: number };
}
export interface IdentityDomain {
  readonly kind: 'identity';
}
export interface BlockedDomain {
  readonly kind: 'blocked';
}

/** IOMMU_DOMAIN_UNMANAGED: user space (VFIO, iommufd) owns the IOVA space. */
export interface UnmanagedDomain {
  readonly kind: 'unmanaged';
  /**
   * IOVAs set aside for doorbells from the start. For the RFC designs this is the window that user
   * space registered; for Linux 4.11 and later only the base counts (iommu_get_msi_cookie). None:
   * no window, no cookie.
   */
  readonly msiWindow?: MsiWindow;
  /**
   * The iommufd context (a name for the file descriptor) that owns the domain; VFIO type1 without.
   */
  readonly iommufd?: string;
  /**
   * A VFIO type1 container, by its whole life: vectors are set up by VFIO_DEVICE_SET_IRQS, a device
   * that leaves loses them, and the domain ends with its last device.
   */
  readonly vfio?: boolean;
  /**
   * allow_unsafe_interrupts of vfio_iommu_type1 off: a device whose MSIs are not isolated is
   * refused.
   */
  readonly refuseUnsafe?: boolean;
}

/**
 * IOMMU_DOMAIN_NESTED: stage 1 tables that a guest owns, on top of the stage 2 tables of `parent`,
 * which the host owns. What the domain maps are guest physical addresses.
 */
export interface NestedDomain {
  readonly kind: 'nested';
  readonly parent: string;
  /**
   * What the guest maps one to one, because its firmware says so (IORT RMR): the host's doorbell
   * window.
   */
  readonly direct?: { readonly base: number; readonly size: number };
}

export interface MsiWindow {
  readonly base: number;
  readonly size: number;
}

/** MSI_IOVA_BASE and MSI_IOVA_LENGTH of arm-smmu.c and arm-smmu-v3.h. */
export const SW_MSI_WINDOW: MsiWindow = { base: 0x0800_0000, size: 0x10_0000 };
