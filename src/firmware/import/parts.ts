/** The parts of an imported topology, and their names. */
import type { Bypass, NoMsi, RidRange } from '../explanation.ts';

interface Part {
  readonly name: string;
  /** The node that it came from. */
  readonly path: string;
  /** What hardware would tell and firmware does not. */
  readonly assumes?: string;
}
export interface ImportedIts extends Part {
  readonly kind: 'gicv3-its';
  readonly base: bigint;
  readonly deviceIdBits: number;
  readonly preIts?: bigint;
}
export interface ImportedFrame {
  readonly path: string;
  readonly base: bigint;
  readonly baseSpi: number;
  readonly count: number;
}
export interface ImportedGicv2m extends Part {
  readonly kind: 'gicv2m';
  readonly frames: readonly ImportedFrame[];
}
export interface ImportedMbi extends Part {
  readonly kind: 'gicv3-mbi';
  readonly base: bigint;
  readonly alias?: bigint;
  readonly ranges: readonly (readonly [first: number, count: number])[];
}
/** In a host bridge, whose path it has. */
export interface ImportedInBridge extends Part {
  readonly kind: 'in-bridge';
  readonly base: bigint;
}
export type ImportedController = ImportedIts | ImportedGicv2m | ImportedMbi | ImportedInBridge;

export interface ImportedSmmu extends Part {
  readonly kind: 'smmu-v2' | 'smmu-v3';
  readonly streamIdBits: number;
  /** Doorbells that it lets pass untranslated. */
  readonly hwMsi?: { readonly base: bigint; readonly size: bigint };
}
export interface ImportedDevice extends Part {
  /** Of a PCI device. */
  readonly rid?: number;
  readonly controller: string;
  readonly deviceId?: number;
  readonly iommu?: string;
  readonly streamIds: readonly number[];
}

/** `controller` and `iommu` are names of parts, or paths of what the model has no part for. */
export type ImportedMsiRange = RidRange &
  (
    { readonly controller: string; readonly deviceId?: number; readonly constant?: boolean } | NoMsi
  );
export type ImportedIommuRange = RidRange &
  (
    | {
        readonly iommu: string;
        readonly streamId?: number;
        readonly constant?: boolean;
        readonly mask?: number;
      }
    | Bypass
  );
export interface ImportedBridge extends Part {
  readonly compatible?: string;
  readonly available: boolean;
  readonly segment?: number;
  readonly bus?: 'fsl-mc';
  readonly busRange: readonly [number, number];
  readonly msi: readonly ImportedMsiRange[];
  readonly iommu: readonly ImportedIommuRange[];
}

/** What the model has not, or Linux does not use: why, by path. Of several reasons the first. */
export class LeftOut {
  readonly #why = new Map<string, string>();

  add(path: string, why: string): void {
    if (!this.#why.has(path)) this.#why.set(path, why);
  }

  list(): { readonly path: string; readonly why: string }[] {
    return [...this.#why].map(([path, why]) => ({ path, why }));
  }
}

/** `its@fe640000` is `its-fe640000`; a second of the name gets a number. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  for(path: string): string {
    const last = path.split('/').at(-1) ?? '';
    const plain = last.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
    const base = (/^[A-Za-z]/.test(plain) ? plain : `node-${plain}`).slice(0, 80);
    let n = this.#next.get(base) ?? 1;
    let name = base;
    for (; this.#taken.has(name); n++) name = `${base}-${n + 1}`;
    this.#next.set(base, n);
    this.#taken.add(name);
    return name;
  }
}

/** Names of parts by the paths that answers have. */
export type NameOf = ReadonlyMap<string, string>;
