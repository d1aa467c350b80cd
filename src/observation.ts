/**
 * What can be seen of a machine after an operation, in the words of the architecture. Every target
 * fills the same types; what a target cannot see is `unobservable` with the reason, never a guess.
 */

/** Linux error names that a procedure of the model can return. Values are those of errno.h. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
} as const;
export type ErrnoName = keyof typeof ERRNO;

export type Observed<T> =
  { readonly seen: true; readonly value: T } | { readonly seen: false; readonly reason: string };

export const seen = <T>(value: T): Observed<T> => ({ seen: true, value });
export const unobservable = (reason: string): { seen: false; reason: string } => ({
  seen: false,
  reason,
});

/** One range of a domain's translation tables. */
export interface Mapping {
  readonly iova: bigint;
  readonly pa: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** What iommu_map was asked for, IOMMU_ names joined by |, such as `WRITE|NOEXEC|MMIO`. */
  readonly prot: string;
  /** What the table's format can express of it: `R`, `W` (stage 2 only) or `RW`. */
  readonly pte: string;
  /** References that the design holds on it; a design that does not count has none. */
  readonly refs: Observed<number>;
  /** True for a doorbell page that a design mapped, false for a mapping of user space. */
  readonly doorbell: boolean;
}

export interface Message {
  /** 64-bit: upper and lower address registers. */
  readonly address: bigint;
  readonly data: number;
}

export interface Delivery {
  readonly vector: string;
  /** For a vLPI the CPU at whose redistributor the ITS has the vPE. */
  readonly cpu: number;
  readonly count: number;
  /** `guest/0`: the vCPU that took it, past the host. GICv4. */
  readonly vcpu?: string;
}

export interface Fault {
  readonly device: string;
  readonly streamId: number;
  /** Input address; left out where the record has none (C_BAD_STREAMID, C_BAD_STE). */
  readonly address?: bigint;
  /** Architectural name: F_TRANSLATION, C_BAD_STREAMID, CB_FSR.TF, sGFSR.USF, ... */
  readonly name: string;
}

/**
 * A command as the ITS executed it, fields by their names in IHI 0069; or one that tells an SMMU
 * what to forget, as the driver sent it.
 */
export interface Command {
  /** Name of the ITS or the SMMU. */
  readonly unit: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, number | boolean>>;
  /** Fields that the command has and this target cannot see. */
  readonly unseen?: readonly string[];
}

export interface WindowUse {
  readonly base: bigint;
  /** Pages of the window's granule. */
  readonly pages: number;
  readonly free: number;
}

/** Where an MSI's address led: through the IOMMU, or as it is when there is none in the way. */
export interface Translation {
  readonly device: string;
  readonly iova: bigint;
  readonly pa: bigint;
}

/** What became of one MSI write that raised nothing and recorded no fault, in words. */
export interface Loss {
  readonly vector: string;
  readonly count: number;
  readonly why: string;
}

/** One line of what happened, for verbose output and failure reports. */
export interface TraceEvent {
  readonly kind:
    'step' | 'command' | 'write' | 'fault' | 'interrupt' | 'map' | 'unmap' | 'ref' | 'lost';
  /** Kernel procedure, ITS, SMMU, device... that acted. */
  readonly who: string;
  readonly text: string;
  /** Serial number of the operation, from 1, in the life of the machine. */
  readonly operation: number;
  /** Of a `ref` event: the page, the vector it was for, and the count before and after. */
  readonly reference?: {
    readonly iova: bigint;
    readonly vector: string;
    readonly before: number;
    readonly after: number;
  };
}

/**
 * The machine after one operation. `interrupts`, `faults`, `commands`, `losses` and `trace` are
 * those of this operation alone; the rest is the state now. Valid until the next perform().
 */
export interface Observation {
  readonly error: ErrnoName | undefined;
  interrupts(): Observed<readonly Delivery[]>;
  faults(): Observed<readonly Fault[]>;
  commands(): Observed<readonly Command[]>;
  /** What the drivers told the SMMUs to forget, and their SYNCs. */
  invalidations(): Observed<readonly Command[]>;
  /** How many of the commands were refused; undefined where a target cannot tell. */
  readonly refusals: number | undefined;
  losses(): Observed<readonly Loss[]>;
  /** Of the MSIs that devices behind an IOMMU wrote in this operation, each once. */
  translations(): Observed<readonly Translation[]>;
  trace(): readonly TraceEvent[];
  /** As trace(), of the whole life of the machine as far as it is kept: the newest events. */
  history(): readonly TraceEvent[];
  /** Mappings of a domain by ascending IOVA. A freed domain has none. */
  mappings(domain: string): Observed<readonly Mapping[]>;
  /** What the device's registers hold; address and data 0 after teardown. */
  message(device: string, index: number): Observed<Message>;
  /** References that no programmed message accounts for. */
  leaks(domain: string): Observed<number>;
  window(domain: string): Observed<WindowUse | undefined>;
  /** CPUs that an interrupt of this vector may go to now, or empty when it is not set up. */
  affinity(device: string, index: number): readonly number[];
  /**
   * CPU that the controller sends it to now: the effective affinity. Undefined when it is not set
   * up.
   */
  target(device: string, index: number): number | undefined;
  /** The way of one MSI, stage by stage, in words; the last line says where it ends. */
  explainPath(device: string, index: number): readonly string[];
}
