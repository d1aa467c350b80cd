/**
 * What Linux makes of a requester ID: the ITS and the DeviceID, the SMMU and the StreamID, or why
 * not.
 *
 * MSI: `iort_get_device_domain` and `iort_msi_map_id`; IOMMU: `iort_iommu_configure_id`
 * (drivers/acpi/arm64/iort.c). The two walks take the same mappings but end at different nodes. A
 * device to which the IORT gives no MSI domain takes the host bridge's, which is the first GICv2m
 * frame when there is one (irq-gic-v2m.c, gicv2m_get_fwnode); and one behind a bridge that has a
 * domain takes that, with its requester ID as DeviceID (drivers/pci/probe.c,
 * pci_set_bus_msi_domain). Only enumeration knows the bridges, so that last rule is for the caller.
 */
import type { Era } from '../explanation.ts';
import type { Why } from '../why.ts';
import type { IortNode, RootComplex, Smmu, SmmuV3Node } from './iort-nodes.ts';
import type { MadtIts, MadtMsiFrame } from './madt.ts';
import { findIts, usedFrames, type AcpiMachine } from './machine.ts';
import {
  mapRange,
  StepBudget,
  type Hop,
  type Piece,
  type PieceEnd,
  type Wanted,
} from './map-id.ts';

/** What the IORT says of an ITS, whether or not the machine has it. */
export interface ItsClaim {
  readonly itsId: number;
  readonly deviceId: number;
}

export type MsiAnswer =
  | {
      readonly kind: 'its';
      /** Absent without a MADT. */
      readonly its?: MadtIts;
      readonly itsId: number;
      readonly group: IortNode;
      /** Of the first requester ID. */
      readonly deviceId: number;
      /** All requester IDs of the range get the same DeviceID. */
      readonly constant: boolean;
    }
  | {
      readonly kind: 'gicv2m';
      readonly frame: MadtMsiFrame;
      /** Why the IORT's answer did not count, and what it was. */
      readonly instead: Why;
      readonly at?: IortNode;
      readonly claim?: ItsClaim;
    }
  | {
      readonly kind: 'none';
      readonly why: Why;
      readonly at?: IortNode;
      readonly claim?: ItsClaim;
    };

export type IommuAnswer =
  | {
      readonly kind: 'smmu';
      readonly smmu: Smmu | SmmuV3Node;
      readonly streamId: number;
      readonly constant: boolean;
    }
  | { readonly kind: 'bypass'; readonly why: Why; readonly at?: IortNode };

/** One answer for the requester IDs `first` to `last`, both included. */
export interface Range<Answer> {
  readonly first: number;
  readonly last: number;
  readonly answer: Answer;
  readonly hops: readonly Hop[];
}

/** The root complex that Linux finds for a segment: the first one. */
export function rootComplexOf(machine: AcpiMachine, segment: number): RootComplex | undefined {
  return machine.iort?.roots.get(segment);
}

interface RidRange {
  readonly first: number;
  readonly last: number;
}

/** The MSI answers for requester IDs of a segment: ranges in order that cover all of them. */
export function msiOf(
  machine: AcpiMachine,
  segment: number,
  range: RidRange,
  era: Era,
  budget = new StepBudget(),
): Range<MsiAnswer>[] {
  const pieces = walks(machine, segment, range, 'msi', era, budget);
  const found: Range<MsiAnswer>[] =
    typeof pieces === 'string'
      ? [{ ...range, answer: { kind: 'none', why: pieces }, hops: [] }]
      : pieces.map((piece) => answered(piece, msiAnswer(machine, piece.end)));
  const frame = usedFrames(machine)[0];
  if (frame === undefined) return found;
  return found.map(({ answer, ...rest }) => ({
    ...rest,
    answer:
      answer.kind !== 'none'
        ? answer
        : {
            kind: 'gicv2m',
            frame,
            instead: answer.why,
            ...(answer.at === undefined ? {} : { at: answer.at }),
            ...(answer.claim === undefined ? {} : { claim: answer.claim }),
          },
  }));
}

/** The IOMMU answers for requester IDs of a segment: ranges in order that cover all of them. */
export function iommuOf(
  machine: AcpiMachine,
  segment: number,
  range: RidRange,
  era: Era,
  budget = new StepBudget(),
): Range<IommuAnswer>[] {
  const pieces = walks(machine, segment, range, 'iommu', era, budget);
  if (typeof pieces === 'string')
    return [{ ...range, answer: { kind: 'bypass', why: pieces }, hops: [] }];
  return pieces.map((piece) => answered(piece, iommuAnswer(piece.end)));
}

function walks(
  machine: AcpiMachine,
  segment: number,
  range: RidRange,
  wanted: Wanted,
  era: Era,
  budget: StepBudget,
): Piece[] | 'no-iort' | 'no-root-complex' {
  if (machine.iort === undefined) return 'no-iort';
  const root = rootComplexOf(machine, segment);
  if (root === undefined) return 'no-root-complex';
  return mapRange(machine.iort, root, range, wanted, era, budget);
}

const answered = <Answer>({ first, last, hops }: Piece, answer: Answer): Range<Answer> => ({
  first,
  last,
  hops,
  answer,
});

/** What follows from where a walk to an ITS group ended. */
export function msiAnswer(machine: AcpiMachine, end: PieceEnd): MsiAnswer {
  if ('failure' in end) return { kind: 'none', why: end.failure, at: end.at };
  const { node, id: deviceId, constant } = end;
  // iort_dev_find_its_id: only the first ID of the group is asked for.
  const itsId = node.kind === 'its-group' ? node.itsIds[0] : undefined;
  if (itsId === undefined) return { kind: 'none', why: 'empty-its-group', at: node };
  const its = findIts(machine, itsId);
  if (its === undefined)
    return { kind: 'none', why: 'its-not-in-madt', at: node, claim: { itsId, deviceId } };
  return {
    kind: 'its',
    itsId,
    group: node,
    deviceId,
    constant,
    ...(its === 'unknown' ? {} : { its }),
  };
}

/** What follows from where a walk to an SMMU ended. */
export function iommuAnswer(end: PieceEnd): IommuAnswer {
  if ('failure' in end)
    return {
      kind: 'bypass',
      why: end.failure === 'no-map' && end.at.kind === 'its-group' ? 'no-smmu' : end.failure,
      at: end.at,
    };
  const { node, id: streamId, constant } = end;
  if (node.kind !== 'smmu' && node.kind !== 'smmu-v3')
    return { kind: 'bypass', why: 'no-smmu', at: node };
  // iort_get_fwnode: only nodes that the scan of the table met became devices.
  if (!node.listed) return { kind: 'bypass', why: 'smmu-not-listed', at: node };
  return { kind: 'smmu', smmu: node, streamId, constant };
}
