/** MSI controllers that Linux passes over, or that do not fit their registers. */
import type { Finding } from '../../finding.ts';
import { hex, type Board } from '../board.ts';
import type { Controller } from '../controllers.ts';

const IGNORED: Readonly<Record<string, { readonly says: string; readonly meant: string }>> = {
  'no-msi-controller': {
    says: 'there is no msi-controller property',
    meant: 'msi-controller; in the node, or no node',
  },
  'wrong-place': {
    says: 'it does not stand behind its GIC in the tree',
    meant: 'a child of the GIC: drivers look from the GIC on',
  },
  'bad-registers': {
    says: 'reg is missing, or cannot be translated to an address',
    meant: 'a reg that fits #address-cells, and ranges in every node above',
  },
  'not-a-controller': {
    says: 'mbi-ranges is missing, or not made of pairs',
    meant: 'mbi-ranges = <first-spi count>, ...',
  },
};

/** MSI_TYPER's own limits: `is_msi_spi_valid` of irq-gic-v2m.c. */
const [FIRST_SPI, LAST_SPI] = [32, 1019];
/**
 * Up to the end of GITS_TRANSLATER; up to the end of MSI_IIDR, which the driver of a frame reads.
 */
const NEEDED: Readonly<Record<string, bigint>> = { 'gicv3-its': 0x1_0044n, gicv2m: 0xfd0n };

export function controllerFindings({ controllers, tree }: Board): Finding[] {
  const frames = controllers.all.filter(({ kind }) => kind === 'gicv2m');
  return [
    ...controllers.all.flatMap(ignored),
    ...controllers.all.flatMap(window),
    ...frames.flatMap(invalidSpis),
    ...sharedSpis(controllers.all),
    ...tree.having('socionext,synquacer-pre-its').map((node) => ({
      severity: 'note' as const,
      rule: 'pre-its',
      node: node.path,
      property: 'socionext,synquacer-pre-its',
      message: 'MSIs go through a pre-ITS, at an address for each device',
      linux: 'programs base + 4 * DeviceID, and counts the MSIs as not isolated (VFIO)',
      meant: 'this: it is how the chip works',
    })),
  ];
}

function ignored({ node, name, unused }: Controller): Finding[] {
  const known = unused === undefined ? undefined : IGNORED[unused.why];
  if (unused === undefined || known === undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'ignored-controller',
      node: node.path,
      ...(unused.property === undefined ? {} : { property: unused.property }),
      message: `${name}: ${known.says}`,
      linux: 'makes no MSI domain of it; devices that name it have no MSIs',
      meant: known.meant,
    },
  ];
}

function window({ node, kind, region, unused, stride }: Controller): Finding[] {
  if (unused !== undefined || region === undefined || stride !== undefined) return [];
  const least = NEEDED[kind] ?? 0n;
  if (region.size >= least) return [];
  return [
    {
      severity: 'warning',
      rule: 'doorbell-outside',
      node: node.path,
      property: 'reg',
      message: `reg has ${hex(region.size)} bytes; ${kind === 'gicv3-its' ? 'the doorbell GITS_TRANSLATER' : "what the frame's driver uses"} lies behind them, up to ${hex(least)}`,
      linux:
        kind === 'gicv3-its'
          ? 'uses the doorbell at its usual offset all the same'
          : 'maps as much as is there, by whole pages',
      meant:
        kind === 'gicv3-its'
          ? 'both 64K frames of the ITS: the second has GITS_TRANSLATER'
          : 'the 4K of the frame',
    },
  ];
}

function invalidSpis({ node, spis = [] }: Controller): Finding[] {
  const range = spis[0];
  if (range === undefined) return [];
  const [base, count] = range;
  // Zeroes make Linux ask the hardware instead.
  if (base === 0 || count === 0) return [];
  if (base >= FIRST_SPI && base + count <= LAST_SPI) return [];
  return [
    {
      severity: 'error',
      rule: 'invalid-spis',
      node: node.path,
      property: 'arm,msi-base-spi',
      message: `SPIs ${base} to ${base + count - 1} are not within ${FIRST_SPI} to ${LAST_SPI}`,
      linux: 'refuses the frame (-EINVAL), and with it all GICv2m frames of the machine',
      meant: 'INTIDs, which begin at 32: SPI 0 of the interrupts property is 32 here',
    },
  ];
}

function sharedSpis(all: readonly Controller[]): Finding[] {
  const ranges = all
    .filter(({ unused }) => unused === undefined || unused.why === 'not-first-frame')
    .flatMap(({ node, spis = [] }) => spis.map(([first, count]) => ({ node, first, count })))
    .sort((a, b) => a.first - b.first);
  return ranges.flatMap(({ node, first, count }, at) => {
    const before = ranges[at - 1];
    if (before === undefined || before.first + before.count <= first || count === 0) return [];
    return [
      {
        severity: 'error' as const,
        rule: 'spis-twice',
        node: node.path,
        message: `SPIs from ${first} on are also those of ${before.node.path}`,
        linux: 'hands the same SPI to two devices',
        meant: 'ranges that do not overlap',
      },
    ];
  });
}
