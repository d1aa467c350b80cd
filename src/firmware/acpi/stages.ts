/** The mappings that decided an answer, in words. */
import type { Stage } from '../explanation.ts';
import { WHY, type Why } from '../why.ts';
import type { IommuAnswer, ItsClaim, MsiAnswer } from './answers.ts';
import { hex } from './diagnostic.ts';
import { HISILICON_HI161X, type IdMapping, type IortNode } from './iort-nodes.ts';
import type { Hop } from './map-id.ts';
import { frameName, framePath, itsName, itsPath, nodeName, nodePath } from './names.ts';

/** What an ID is called where it enters a node. */
function idAt(node: IortNode): string {
  switch (node.kind) {
    case 'smmu':
    case 'smmu-v3':
      return 'StreamID';
    case 'its-group':
      return 'DeviceID';
    case 'root-complex':
      return 'RID';
    default:
      return 'ID';
  }
}

/** `0x0..0x3ff -> 0x1000`, or `-> 0x55` for a single mapping. */
export function mappingText({ inputBase, idCount, outputBase, single }: IdMapping): string {
  if (single) return `-> ${hex(outputBase)} (single)`;
  return `${hex(inputBase)}..${hex((inputBase + idCount) >>> 0)} -> ${hex(outputBase)}`;
}

/** One stage for each mapping on the way to `end`. */
function hopStages(hops: readonly Hop[], end: IortNode | undefined): Stage[] {
  return hops.map((hop, i) => {
    const next = hops[i + 1]?.node ?? end;
    const from = hop.mapping.single ? 'it' : `${idAt(hop.node)} ${hex(hop.input)}`;
    const to = next === undefined ? 'ID' : idAt(next);
    const lost = hop.lost.map((other) => `${other.index} (${mappingText(other)})`);
    return {
      node: nodePath(hop.node),
      property: `ID mapping ${hop.mapping.index}`,
      value: mappingText(hop.mapping),
      says:
        `${from} -> ${to} ${hex(hop.output)}${next === undefined ? '' : ` at ${nodeName(next)}`}` +
        (lost.length === 0
          ? ''
          : `; mapping ${lost.join(', ')} takes it too, and Linux passes it over`),
    };
  });
}

/** Why the way ended, at the node that is to blame. */
function whyStage(why: Why, at: IortNode | undefined, claim?: ItsClaim): Stage {
  return {
    node: at === undefined ? 'IORT' : nodePath(at),
    says:
      claim === undefined
        ? WHY[why]
        : `${WHY[why]}: ${itsName(claim.itsId)} (DeviceID ${hex(claim.deviceId)})`,
  };
}

/** drivers/pci/probe.c, pci_set_bus_msi_domain; seen on 6.1 and 6.12. */
const INHERITS: Stage = {
  node: 'the PCI bridges above',
  says: 'a function behind a root port that has an MSI domain takes that one, with its RID as DeviceID',
};

/** @param inherits The device is a PCI function, which may be behind a bridge. */
export function msiStages(answer: MsiAnswer, hops: readonly Hop[], inherits: boolean): Stage[] {
  switch (answer.kind) {
    case 'its':
      return [
        ...hopStages(hops, answer.group),
        {
          node: itsPath(answer.itsId, answer.its),
          property: 'translation ID',
          value: String(answer.itsId),
          says:
            answer.its === undefined
              ? `${itsName(answer.itsId)}, taken to exist: there is no MADT`
              : `${itsName(answer.itsId)} at ${hex(answer.its.base)}`,
        },
      ];
    case 'none':
      return [
        ...hopStages(hops, answer.at),
        whyStage(answer.why, answer.at, answer.claim),
        ...(inherits ? [INHERITS] : []),
      ];
    case 'gicv2m':
      return [
        ...hopStages(hops, answer.at),
        whyStage(answer.instead, answer.at, answer.claim),
        {
          node: framePath(answer.frame),
          says: `${frameName(answer.frame)}: the host bridge's, for every device without an ITS`,
        },
      ];
  }
}

/** iort_iommu_msi_get_resv_regions; erratum 161010801. */
const HW_MSI: Omit<Stage, 'node'> = {
  property: 'model',
  value: 'Hi161x',
  says: 'writes to the ITS pass untranslated: Linux reserves that page (HW_MSI) and programs the physical address',
};

export function iommuStages(answer: IommuAnswer, hops: readonly Hop[]): Stage[] {
  if (answer.kind === 'smmu')
    return [
      ...hopStages(hops, answer.smmu),
      {
        node: nodePath(answer.smmu),
        says: `${nodeName(answer.smmu)} translates StreamID ${hex(answer.streamId)}`,
      },
      ...(answer.smmu.kind === 'smmu-v3' && answer.smmu.model === HISILICON_HI161X
        ? [{ ...HW_MSI, node: nodePath(answer.smmu) }]
        : []),
    ];
  return [...hopStages(hops, answer.at), whyStage(answer.why, answer.at)];
}
