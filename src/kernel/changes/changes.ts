/** All changes by name, and what a kernel's version implies. */
import type { DesignName } from '../../designs/design.ts';
import { type KernelChange, type KernelVersion, holdsIn } from './change.ts';
import { GENIRQ_CHANGES } from './genirq.ts';
import { INVALIDATIONS } from './invalidation.ts';
import { IOMMU_CHANGES } from './iommu.ts';
import { IRQCHIP_CHANGES } from './irqchip.ts';
import { PCI_CHANGES } from './pci.ts';

export { INVALIDATIONS };

export const CHANGES = {
  ...IOMMU_CHANGES,
  ...IRQCHIP_CHANGES,
  ...GENIRQ_CHANGES,
  ...PCI_CHANGES,
  ...INVALIDATIONS,
} as const;

export type ChangeId = keyof typeof CHANGES;
export const CHANGE_IDS = Object.keys(CHANGES) as readonly ChangeId[];

/**
 * Whether a kernel leaves out an invalidation, so that what hardware has cached can be out of date.
 */
export const leavesStale = (on: Behaviour): boolean =>
  Object.keys(INVALIDATIONS).some((id) => !on[id as ChangeId]);

/** Which changes a kernel has. */
export type Behaviour = Readonly<Record<ChangeId, boolean>>;

export type Switches = Readonly<Partial<Record<ChangeId, boolean>>>;

/**
 * The kernel that a machine runs: a version, or none in particular, and changes switched by hand.
 */
export interface KernelChoice {
  readonly version?: KernelVersion;
  readonly switches: Switches;
}

/** By version: what it implies, worked out once. Cases name a few versions many times. */
const implied = new Map<string, Behaviour>();
const MAX_IMPLIED = 256;

function impliedBy(version: KernelVersion | undefined): Behaviour {
  const known = implied.get(version ?? '');
  if (known !== undefined) return known;
  const holds = (change: KernelChange): boolean =>
    version === undefined ? change.unnamed !== false : holdsIn(change, version);
  const found = Object.fromEntries(CHANGE_IDS.map((id) => [id, holds(CHANGES[id])])) as Behaviour;
  if (implied.size >= MAX_IMPLIED) implied.clear();
  implied.set(version ?? '', found);
  return found;
}

/** Changes of a version. Without one: each as its entry says. */
export function behaviourOf({ version, switches }: KernelChoice): Behaviour {
  const behaviour = impliedBy(version);
  return Object.keys(switches).length === 0 ? behaviour : { ...behaviour, ...switches };
}

export const UNNAMED_KERNEL: KernelChoice = { switches: {} };
export const UNNAMED_BEHAVIOUR: Behaviour = behaviourOf(UNNAMED_KERNEL);

/** Designs that were merged: each belongs to a range of versions. */
export type LinuxDesign = Extract<DesignName, 'unmapped' | `linux-${string}`>;

/** How this kernel maps a doorbell. */
export function designOf(behaviour: Behaviour): LinuxDesign {
  if (!behaviour['iommu-dma-map-msi']) return 'unmapped';
  if (!behaviour['prepare-msi']) return 'linux-4.9';
  return behaviour['iommufd-sw-msi'] ? 'linux-6.15' : 'linux-5.2';
}
