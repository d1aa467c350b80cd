/** The way of one requester's MSIs, stage by stage, with the property that decided each. */
import { deliveryOf, deliveryText, remedy } from '../../src/firmware/delivery.ts';
import type {
  BridgeExplanation,
  IommuAnswer,
  MsiAnswer,
  PlatformExplanation,
  Stage,
} from '../../src/firmware/explanation.ts';
import { printable, type Style } from '../report/style.ts';
import { hanging } from '../report/wrap.ts';
import { INSIDE, iommuCell, msiCell, titleLines } from './explain-text.ts';
import { bdf } from './rid.ts';

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Of a bridge that was asked for RIDs: each list has one answer a RID. */
export function bridgeWays(bridge: BridgeExplanation, style: Style): string[] {
  return bridge.msi.map((msi) => {
    const iommu = bridge.iommu.find(({ rid }) => rid === msi.rid);
    const who = bridge.bus === undefined ? ` (${bdf(msi.rid)})` : '';
    const [from, to] = bridge.busRange;
    const bus = msi.rid >> 8;
    const notes = [
      ...(bridge.available ? [] : ['the bridge is not available: Linux does not look behind it']),
      ...(bridge.bus === undefined && (bus < from || bus > to)
        ? [`bus ${bus} is not one of the bridge's (${from} to ${to})`]
        : []),
    ];
    return way(
      [printable(bridge.path), `RID ${hex(msi.rid)}${who}`],
      [msi],
      iommu ? [iommu] : [],
      notes,
      style,
    );
  });
}

export function platformWay(device: PlatformExplanation, style: Style): string {
  const notes = device.available ? [] : ['the device is not available: Linux makes none of it'];
  return way([printable(device.path)], device.msi, device.iommu, notes, style);
}

function way(
  title: readonly [name: string, about?: string],
  msi: readonly MsiAnswer[],
  iommu: readonly IommuAnswer[],
  notes: readonly string[],
  style: Style,
): string {
  const usable = msi.find((answer) => !('none' in answer)) ?? msi[0];
  const inside = usable !== undefined && 'controller' in usable && usable.controller === title[0];
  return [
    ...titleLines(title, style),
    ...notes.flatMap((note) => hanging('  ', note).map(style.yellow)),
    ...(usable === undefined ? [] : verdict(usable, iommu[0], inside, style)),
    ...part('IOMMU', iommu, (each) => iommuCell(each), style),
    ...part('MSI', msi, (each) => (inside ? INSIDE : msiCell(each)), style),
    ...(usable === undefined ? [] : message(usable, iommu[0], inside)),
  ].join('\n');
}

/** First what comes of it, then where to look. */
function verdict(
  msi: MsiAnswer,
  iommu: IommuAnswer | undefined,
  inside: boolean,
  style: Style,
): string[] {
  const colour = {
    arrives: style.green,
    'no-msi': style.red,
    doubtful: style.yellow,
    'never-binds': style.red,
  };
  const paint = colour[deliveryOf(msi, iommu, inside)];
  const instead = remedy(msi, iommu);
  return [
    ...wrapped('so', deliveryText(msi, iommu, inside)).map(paint),
    ...(instead === undefined ? [] : wrapped('try', printable(instead))),
  ];
}

/** Prose beside its word. */
const wrapped = (word: string, text: string): string[] => hanging(`  ${word.padEnd(7)} `, text);

function part<A extends { readonly stages: readonly Stage[] }>(
  name: string,
  answers: readonly A[],
  cell: (answer: A) => string,
  style: Style,
): string[] {
  if (answers.length === 0) return [`  ${name.padEnd(7)} ${style.dim('nothing is said about it')}`];
  return answers.flatMap((answer) => [
    ...hanging(`  ${name.padEnd(7)} `, printable(cell(answer))).map((line) =>
      line.replace(name, style.bold(name)),
    ),
    ...answer.stages.flatMap((stage) => stageLines(stage, style)),
  ]);
}

function stageLines({ node, property, value, says }: Stage, style: Style): string[] {
  const what = [node, property, value].filter((text) => text !== undefined).join(' ');
  return [
    ...hanging('    ', printable(what), '      ').map(style.dim),
    ...hanging('      ', printable(says)),
  ];
}

/** MSI_IOVA_BASE of arm-smmu and arm-smmu-v3: the first doorbell page that VFIO's domains get. */
const MSI_IOVA_BASE = 0x0800_0000n;

function message(msi: MsiAnswer, iommu: IommuAnswer | undefined, inside: boolean): string[] {
  if (inside)
    return wrapped('address', "the choice of the bridge's driver: firmware does not say it");
  if ('none' in msi || msi.doorbell === undefined) return [];
  const offset = msi.doorbell & 0xfffn;
  return iommu === undefined || 'bypass' in iommu || iommu.hwMsi === true
    ? wrapped('address', `${hex(msi.doorbell)}, the physical one`)
    : wrapped(
        'address',
        `an IOVA page and ${hex(offset)}: in a DMA domain the allocator's choice, under VFIO ${hex(MSI_IOVA_BASE + offset)} for the domain's first doorbell page (of 4K)`,
      );
}
