/**
 * What Linux makes of a machine's firmware: for each PCI host bridge and platform device the MSI
 * controller with its DeviceID and the IOMMU with its StreamID, or why there is none.
 *
 * One form for a device tree and for ACPI tables; `fdt/` and `acpi/` fill it. A node's name is its
 * path in the tree, or its kind and place in the table (`IORT/smmu-v3@72`). IDs are numbers of 32
 * bits, addresses bigints of 64; `explanation-json.ts` makes both `0x` strings.
 */
import type { Why } from './why.ts';

/** Kernels whose rules are known: 6.1 and 6.12 were booted, 7.x is read from its source. */
export const ERAS = ['6.1', '6.12', '7.x'] as const;
export type Era = (typeof ERAS)[number];

export interface Explanation {
  readonly version: 1;
  readonly source: FirmwareSource;
  readonly bridges: readonly BridgeExplanation[];
  readonly platform: readonly PlatformExplanation[];
  readonly controllers: readonly ControllerNode[];
  readonly iommus: readonly IommuNode[];
  readonly diagnostics: readonly FirmwareDiagnostic[];
}

export interface FirmwareSource {
  /** `topology`: written by hand, by no firmware's rules. */
  readonly kind: 'device-tree' | 'acpi' | 'topology';
  readonly era: Era;
  /** `model` of the tree; OEM ID and OEM table ID of the IORT. */
  readonly title?: string;
  readonly cpus?: number;
}

export interface BridgeExplanation {
  readonly path: string;
  /** Driver's name for it, or `segment 0` under ACPI. */
  readonly compatible?: string;
  readonly available: boolean;
  /** Domain in a tree, where given; segment under ACPI. */
  readonly segment?: number;
  /** Not PCI, but a bus whose devices have IDs (ICIDs) that maps translate in the same way. */
  readonly bus?: 'fsl-mc';
  /** First and last bus. */
  readonly busRange: readonly [number, number];
  /** In the order of RIDs. Without RIDs asked for: ranges that cover the bus range. */
  readonly msi: readonly (RidRange & MsiAnswer)[];
  readonly iommu: readonly (RidRange & IommuAnswer)[];
  /** The lists end before the bus range does: more pieces than are worth listing. */
  readonly truncated?: boolean;
}

/** Requester IDs `rid` to `lastRid`, both included, that take the same way. */
export interface RidRange {
  readonly rid: number;
  readonly lastRid: number;
}

export type MsiAnswer = Decided &
  (
    | {
        readonly controller: string;
        /**
         * That of `rid`. Absent where the controller has no use for one (GICv2m, MBI, in the
         * bridge).
         */
        readonly deviceId?: number;
        /** Every RID of the range has `deviceId`; otherwise they rise together. */
        readonly constant?: boolean;
        /** Physical address that a device's write must reach, where firmware tells it. */
        readonly doorbell?: bigint;
      }
    | NoMsi
  );
export interface NoMsi {
  readonly none: Why;
  /** The node that is to blame. */
  readonly at?: string;
}

export type IommuAnswer = Decided &
  (
    | {
        readonly iommu: string;
        /** That of `rid`. Absent for an IOMMU without IDs (one master, `#iommu-cells = <0>`). */
        readonly streamId?: number;
        readonly constant?: boolean;
        /** SMR mask of an SMMUv2 with two cells. */
        readonly mask?: number;
        /** Writes to doorbells are not translated: messages have the physical address (HW_MSI). */
        readonly hwMsi?: true;
      }
    | Bypass
  );
export interface Bypass {
  readonly bypass: Why;
  readonly at?: string;
  /** What the map gave before something else made Linux pass the IOMMU over. */
  readonly streamId?: number;
}

/** The stages that decided an answer, in order. */
interface Decided {
  readonly stages: readonly Stage[];
}

/** One decision: which property of which node, and what followed. */
export interface Stage {
  /** Path, or node of a table. */
  readonly node: string;
  /** `msi-map`, `status`, `ID mapping 2`. */
  readonly property?: string;
  /** The part of its value that decided, as firmware would write it: `<0x0 &its 0x0 0x10000>`. */
  readonly value?: string;
  /** What Linux does because of it, for a person: `RID 0x8 -> DeviceID 0x8`. */
  readonly says: string;
}

/** A device that is not PCI. Several MSI parents or streams: one answer each. */
export interface PlatformExplanation {
  readonly path: string;
  readonly compatible?: string;
  readonly available: boolean;
  /** What makes it a bridge from wires to MSIs (mbigen, an ICU). */
  readonly role?: 'wired-to-msi' | 'iommu';
  /**
   * Only the first that is usable counts for Linux; the rest is what the firmware says beside it.
   */
  readonly msi: readonly MsiAnswer[];
  readonly iommu: readonly IommuAnswer[];
}

export type ControllerKind = 'gicv2m' | 'gicv3-its' | 'gicv3-mbi' | 'in-bridge' | 'other';

/** An MSI controller, used or not. */
export interface ControllerNode {
  readonly path: string;
  readonly kind: ControllerKind;
  /** Name of the driver's compatible, or what the table calls it. */
  readonly name: string;
  /** Why Linux makes no MSI domain of it; absent when it does. */
  readonly unused?: Why;
  readonly base?: bigint;
  readonly size?: bigint;
  readonly doorbell?: bigint;
  /**
   * First INTID and number of SPIs: GICv2m, and MBI (one entry each range). Empty: read from
   * hardware.
   */
  readonly spis?: readonly (readonly [first: number, count: number])[];
  /** Bits of DeviceIDs, where firmware or the machine's name tells. */
  readonly deviceIdBits?: number;
}

export type IommuKind = 'smmu-v2' | 'smmu-v3' | 'other';

export interface IommuNode {
  readonly path: string;
  readonly kind: IommuKind;
  readonly name: string;
  readonly unused?: Why;
  readonly base?: bigint;
  readonly size?: bigint;
  /** Bits of StreamIDs, where the machine's name tells. */
  readonly streamIdBits?: number;
}

/** Something of the file that could not be read or was left out. Rows of docs/errors.md. */
export interface FirmwareDiagnostic {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Node of the tree or signature of the table. */
  readonly node?: string;
  /** Byte offset in the file or table. */
  readonly offset?: number;
  readonly message: string;
  readonly hint?: string;
}
