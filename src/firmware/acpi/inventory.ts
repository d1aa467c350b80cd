/** The MSI controllers and IOMMUs that the tables name, with what Linux makes of each. */
import type { ControllerNode, IommuNode } from '../explanation.ts';
import type { Why } from '../why.ts';
import { SMMU_MODELS } from './iort-nodes.ts';
import { findIts, usedFrames, usesIts, type AcpiMachine } from './machine.ts';
import type { Madt, MadtIts } from './madt.ts';
import { frameName, framePath, itsName, itsPath, nodeName, nodePath } from './names.ts';

/** GITS_TRANSLATER and the size of an ITS; MSI_SETSPI_NS and the size of a GICv2m frame. */
export const TRANSLATER = 0x1_0040n;
const ITS_BYTES = 0x2_0000n;
export const SETSPI = 0x40n;
const FRAME_BYTES = 0x1000n;
/** arm_smmu_v3_resource_size. */
const SMMU_V3_BYTES = 0x2_0000n;

/** The MADT's, and without a MADT those that the IORT names. */
/** QEMU's tables: its ITS and KVM's have 16 bits of DeviceIDs, its SMMUv3 16 of StreamIDs. */
const QEMU = 'BOCHS';
const QEMU_ID_BITS = 16;

export function controllersOf(machine: AcpiMachine): ControllerNode[] {
  const { madt, iort } = machine;
  if (madt === undefined) {
    const groups = (iort?.nodes ?? []).flatMap((node) =>
      node.kind === 'its-group' ? node.itsIds.slice(0, 1) : [],
    );
    return [...new Set(groups)].map((id) => its(machine, id, undefined, false));
  }
  return [
    ...madt.its.map((entry) =>
      its(machine, entry.id, entry, !usesIts(madt) || findIts(machine, entry.id) !== entry),
    ),
    ...madt.msiFrames.map((frame, index): ControllerNode => {
      const unused = frameUnused(machine, madt, index);
      return {
        path: framePath(frame),
        kind: 'gicv2m',
        name: frameName(frame),
        ...(unused === undefined ? {} : { unused }),
        base: frame.base,
        size: FRAME_BYTES,
        doorbell: frame.base + SETSPI,
        spis:
          frame.overrides && frame.spiBase > 0 && frame.spiCount > 0
            ? [[frame.spiBase, frame.spiCount]]
            : [],
      };
    }),
  ];
}

const isQemu = ({ iort, madt }: AcpiMachine): boolean =>
  (iort ?? madt)?.table.oemId.trim() === QEMU;

function its(
  machine: AcpiMachine,
  id: number,
  entry: MadtIts | undefined,
  unused: boolean,
): ControllerNode {
  return {
    path: itsPath(id, entry),
    kind: 'gicv3-its',
    name: itsName(id),
    ...(unused ? { unused: 'no-driver' } : {}),
    ...(entry === undefined
      ? {}
      : { base: entry.base, size: ITS_BYTES, doorbell: entry.base + TRANSLATER }),
    ...(isQemu(machine) ? { deviceIdBits: QEMU_ID_BITS } : {}),
  };
}

function frameUnused(machine: AcpiMachine, madt: Madt, index: number): Why | undefined {
  if (usesIts(madt)) return 'beside-its';
  if (usedFrames(machine).length === 0) return 'bad-registers';
  return index > 0 ? 'not-first-frame' : undefined;
}

export function iommusOf(machine: AcpiMachine): IommuNode[] {
  const known = isQemu(machine) ? { streamIdBits: QEMU_ID_BITS } : {};
  return (machine.iort?.nodes ?? []).flatMap((node): IommuNode[] => {
    if (node.kind !== 'smmu' && node.kind !== 'smmu-v3') return [];
    const common = { path: nodePath(node), name: nodeName(node), base: node.base };
    if (node.kind === 'smmu-v3')
      return [{ ...common, kind: 'smmu-v3', size: SMMU_V3_BYTES, ...known }];
    const unused = node.model >= SMMU_MODELS ? { unused: 'no-driver' as const } : {};
    return [{ ...common, kind: 'smmu-v2', size: node.span, ...unused }];
  });
}
