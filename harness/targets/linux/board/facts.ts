/** What a board is, as far as a case needs to know before it runs there. */
import type { MsiController, Topology } from '../../../../src/topology/topology.ts';
import { bdfOf } from '../bdf.ts';
import type { Recipe } from '../qemu-needs.ts';

export interface BoardFacts {
  readonly cpus: number;
  readonly pageSize: number;
  /** `1b36:0006` by address. */
  readonly devices: ReadonlyMap<string, string>;
  /**
   * Kinds of MSI controllers that the device tree names; none with ACPI, where it is not known
   * ahead.
   */
  readonly controllers: ReadonlySet<MsiController['kind']>;
  /** In /sys/class/iommu. */
  readonly iommus: number;
}

/** Lines of shell, each of which prints `what value...`. */
export const QUESTIONS: readonly string[] = [
  'cd /sys/bus/pci/devices && for d in *; do echo "pci $d $(cat $d/vendor) $(cat $d/device)"; done',
  'for i in $(ls /sys/class/iommu); do echo "iommu $i"; done',
  "find /sys/firmware/devicetree/base -name compatible 2>/dev/null | xargs cat 2>/dev/null | tr '\\0' '\\n' | grep -E 'gic-v3-its|gic-v2m-frame' | sort -u | sed 's/^/msi /'",
];

const COMPATIBLE: Readonly<Record<string, MsiController['kind']>> = {
  'arm,gic-v3-its': 'gicv3-its',
  'arm,gic-v2m-frame': 'gicv2m',
};

/**
 * Vendor and device of what there are recipes for; all three are QEMU's, e1000e (82574L) is a real
 * one too.
 */
const KNOWN: Readonly<Record<string, Recipe>> = {
  '1b36:0006': 'rocker',
  '8086:10d3': 'e1000e',
  '1234:11e8': 'edu',
};

/** From the answers to `QUESTIONS`. */
export function factsOf(
  board: { readonly cpus: number; readonly pageSize: number },
  lines: readonly string[],
): BoardFacts {
  const devices = new Map<string, string>();
  const controllers = new Set<MsiController['kind']>();
  let iommus = 0;
  for (const line of lines) {
    const [what, name = '', vendor = '', device = ''] = line.trim().split(/\s+/);
    const kind = COMPATIBLE[name];
    if (what === 'pci') devices.set(name, `${vendor.slice(2)}:${device.slice(2)}`);
    else if (what === 'iommu') iommus++;
    else if (what === 'msi' && kind !== undefined) controllers.add(kind);
  }
  return { cpus: board.cpus, pageSize: board.pageSize, devices, controllers, iommus };
}

/**
 * Why a topology is not this board, or undefined. Addresses of doorbells and which device is behind
 * which IOMMU are not asked for: a spec that says otherwise than the board fails, and shows where.
 */
export function checkBoard(topology: Topology, facts: BoardFacts): string | undefined {
  const { cpus, kernel, devices, msiControllers, iommus } = topology;
  if (cpus !== facts.cpus) return `${cpus} CPUs; the board has ${facts.cpus}`;
  if (kernel.pageSize !== facts.pageSize)
    return `a kernel with ${kernel.pageSize / 1024}K pages; the board's has ${facts.pageSize / 1024}K`;
  for (const [name, { kind }] of Object.entries(msiControllers)) {
    if (facts.controllers.size > 0 && !facts.controllers.has(kind))
      return `${name} is a ${kind}; the board has ${[...facts.controllers].join(', ')}`;
  }
  if (Object.keys(iommus).length > 0 !== facts.iommus > 0)
    return `${Object.keys(iommus).length} IOMMUs; the board has ${facts.iommus}`;
  for (const [name, device] of Object.entries(devices)) {
    if (device.bus !== 'pci')
      return `${name} is a platform device; none of a board is known to fire when asked`;
    const bdf = bdfOf(device.requesterId);
    const id = facts.devices.get(bdf);
    if (id === undefined) return `${name}: the board has no device ${bdf}`;
    if (KNOWN[id] === undefined)
      return `${name} at ${bdf} is ${id}, for which there is no recipe (${Object.keys(KNOWN).join(', ')})`;
  }
  return undefined;
}

/** What the device at each address is; the plan's wish is not asked. */
export function recipesOf(topology: Topology, facts: BoardFacts): Record<string, Recipe> {
  const recipes: Record<string, Recipe> = {};
  for (const [name, device] of Object.entries(topology.devices)) {
    if (device.bus !== 'pci') continue;
    const recipe = KNOWN[facts.devices.get(bdfOf(device.requesterId)) ?? ''];
    if (recipe !== undefined) recipes[name] = recipe;
  }
  return recipes;
}
