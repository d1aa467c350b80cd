/**
 * Random machines: an MSI controller of any kind, an SMMU, one to three devices, domains. As data
 * of the spec language, so that what fails can be written down as it is.
 */
import type fc from 'fast-check';
import type { DataMap } from '../spec/data.ts';

export interface FuzzDevice {
  readonly name: string;
  readonly vectors: number;
  readonly level: boolean;
  /** One message for all vectors: MSI, not MSI-X. */
  readonly shared: boolean;
  /** MSI-X: the kernel masks the vector while it writes the message, and reads what it wrote. */
  readonly isMaskedAround: boolean;
}

export interface FuzzMachine {
  /** Kind of the controller, with its variant: for the tally. */
  readonly controller: string;
  readonly iommu: string;
  readonly cpus: number;
  readonly devices: readonly FuzzDevice[];
  /** Domains that a device may be attached to. */
  readonly domains: readonly string[];
  readonly topology: DataMap;
}

type Check = typeof fc;

/** Kinds of controllers, and domains that devices are attached to. */
export const CONTROLLERS = ['percpu-doorbell', 'gicv3-its', 'gicv2m', 'gicv3-mbi'] as const;
/** An MSI-X function, one with MSI, a platform device. */
export const DEVICES = ['nic', 'card', 'engine'] as const;
export const DOMAINS = ['vm', 'vm2', 'host', 'pass'] as const;

/** What is drawn from; empty: everything. */
export interface Choice {
  readonly controllers: readonly string[];
  readonly devices: readonly string[];
  readonly domains: readonly string[];
}

export function machines(check: Check, choice: Choice): fc.Arbitrary<FuzzMachine> {
  const { devices: chosen } = choice;
  const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name);
  // One that was asked for by name is there.
  const maybe = <T>(name: string, some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    chosen.includes(name) ? some : check.option(some, { nil: undefined });
  return check
    .record({
      cpus: check.integer({ min: 1, max: 4 }),
      controller: controllers(check, choice.controllers),
      iommu: iommus(check),
      nic: check.integer({ min: 1, max: 4 }),
      card: maybe('card', check.constantFrom(1, 2, 4)),
      maskable: check.boolean(),
      engine: maybe('engine', check.boolean()),
      window: check.constantFrom('sw-msi', 0x1_0000, 0x4_0000, 0x10_0000),
    })
    .map((drawn): FuzzMachine => {
      const { cpus, controller, iommu, nic, card, maskable, engine, window } = drawn;
      const isLevel = engine === true && controller.data['kind'] === 'gicv3-mbi';
      const parent = { 'msi-parent': 'msi', iommus: 'smmu' };
      const devices: DataMap = {
        nic: { bus: 'pci', address: '00:02.0', msix: nic, ...parent },
        ...(card === undefined
          ? {}
          : {
              card: { bus: 'pci', address: '00:03.0', msi: { vectors: card, maskable }, ...parent },
            }),
        ...(engine === undefined
          ? {}
          : {
              engine: {
                bus: 'platform',
                msis: 2,
                ...(isLevel ? { level: true } : {}),
                'msi-parent': { controller: 'msi', 'device-id': 0x800 },
                iommus: { iommu: 'smmu', 'stream-id': 0x800 },
              },
            }),
      };
      const vm: DataMap = {
        kind: 'unmanaged',
        'msi-window': typeof window === 'string' ? window : { base: 0x800_0000, size: window },
      };
      return {
        controller: controller.name,
        iommu: iommu.name,
        cpus,
        devices: [
          { name: 'nic', vectors: nic, level: false, shared: false, isMaskedAround: true },
          ...(card === undefined
            ? []
            : [{ name: 'card', vectors: card, level: false, shared: true, isMaskedAround: false }]),
          ...(engine === undefined
            ? []
            : [
                {
                  name: 'engine',
                  vectors: 2,
                  level: isLevel,
                  shared: false,
                  isMaskedAround: false,
                },
              ]),
        ].filter(({ name }) => isChosen(name)),
        domains: choice.domains.length === 0 ? DOMAINS : choice.domains,
        topology: {
          cpus,
          'msi-controllers': { msi: controller.data },
          iommus: { smmu: iommu.data },
          devices,
          domains: {
            vm,
            vm2: { kind: 'unmanaged', 'msi-window': { base: 0x900_0000, size: 0x4_0000 } },
            host: { kind: 'dma' },
            pass: { kind: 'identity' },
          },
        },
      };
    });
}

interface Part {
  readonly name: string;
  readonly data: DataMap;
}

/**
 * Small ones: what runs out is found soon. Bases are those of QEMU's virt machine where it has the
 * block.
 */
function controllers(check: Check, chosen: readonly string[]): fc.Arbitrary<Part> {
  const spis = check.integer({ min: 1, max: 8 });
  const all: readonly (readonly [kind: string, fc.Arbitrary<Part>])[] = [
    [
      'percpu-doorbell',
      check
        .record({
          identities: check.integer({ min: 1, max: 8 }),
          stride: check.constantFrom('4K', '64K'),
        })
        .map((more): Part => {
          const data = { kind: 'percpu-doorbell', base: 0x2c00_0000, ...more };
          return { name: 'percpu-doorbell', data };
        }),
    ],
    [
      'gicv3-its',
      check.integer({ min: 1, max: 16 }).map((lpis): Part => {
        const data = { kind: 'gicv3-its', base: 0x808_0000, lpis };
        return { name: 'gicv3-its', data };
      }),
    ],
    [
      'gicv2m',
      check.record({ count: spis, more: spis }).map(({ count, more }): Part => {
        const first = { base: 0x802_0000, 'base-spi': 80, count };
        const second = { base: 0x803_0000, 'base-spi': 160, count: more };
        return { name: 'gicv2m, two frames', data: { kind: 'gicv2m', frames: [first, second] } };
      }),
    ],
    [
      'gicv2m',
      check
        .record({
          count: spis,
          variant: check.constantFrom(undefined, 'x-gene', 'ns2', 'graviton'),
        })
        .map(({ count, variant }): Part => {
          const data: DataMap = { kind: 'gicv2m', base: 0x802_0000, 'base-spi': 80, count };
          return variant === undefined
            ? { name: 'gicv2m', data }
            : { name: `gicv2m, ${variant}`, data: { ...data, variant } };
        }),
    ],
    [
      'gicv3-mbi',
      check.record({ count: spis, more: spis }).map(({ count, more }): Part => {
        const ranges = [
          { 'base-spi': 160, count },
          { 'base-spi': 256, count: more },
        ];
        return { name: 'gicv3-mbi', data: { kind: 'gicv3-mbi', base: 0x2f00_0000, ranges } };
      }),
    ],
  ];
  const drawn = all.filter(([kind]) => chosen.length === 0 || chosen.includes(kind));
  return check.oneof(...drawn.map(([, arbitrary]) => arbitrary));
}

function iommus(check: Check): fc.Arbitrary<Part> {
  const granule = check.constantFrom('4K', '16K', '64K');
  const stage = check.constantFrom(1, 2);
  return check.oneof(
    check
      .record({ granule, stage, table: check.constantFrom('two-level', 'linear') })
      .map(({ table, ...more }): Part => {
        const data = { kind: 'smmu-v3', ...more, 'stream-table': table };
        return { name: `smmu-v3, stage ${more.stage}`, data };
      }),
    check.record({ granule, stage }).map((more): Part => {
      const data = { kind: 'smmu-v2', ...more, 'unmatched-streams': 'fault' };
      return { name: `smmu-v2, stage ${more.stage}`, data };
    }),
  );
}
