/**
 * A small family of models of MSI doorbell bindings, the same as is written for other model
 * checkers (bench/explore/): `cpus` CPUs; `devices` devices, a kernel thread each, all in one IOMMU
 * domain; `vectors` vectors a device; `slots` reserved IOVA pages; one doorbell page for each CPU,
 * or one for all.
 */
export const STRATEGIES = ['tracked', 'rfc-v3', 'early-release'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface Parameters {
  readonly cpus: number;
  readonly devices: number;
  readonly vectors: number;
  readonly slots: number;
  /** Doorbell pages: `cpus`, or 1. */
  readonly pages: number;
  /**
   * `tracked` drops the old binding after the new message is written; `rfc-v3` never drops it;
   * `early-release` drops it before the new address is written.
   */
  readonly strategy: Strategy;
}

const size = (
  cpus: number,
  devices: number,
  vectors: number,
  slots: number,
  pages: number,
  strategy: Strategy = 'tracked',
): Parameters => ({ cpus, devices, vectors, slots, pages, strategy });

export const SIZES = {
  '1e4': size(2, 2, 2, 2, 2),
  shared: size(2, 4, 1, 2, 1),
  '1e5': size(3, 3, 1, 3, 3),
  '1e6': size(2, 3, 2, 2, 2),
  '1e7': size(3, 4, 1, 3, 3),
  xl: size(2, 6, 1, 2, 2),
  bugW: size(2, 3, 2, 2, 2, 'rfc-v3'),
  bugE: size(2, 3, 2, 2, 2, 'early-release'),
} as const;

export type SizeName = keyof typeof SIZES;
