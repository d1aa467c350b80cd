/** Findings in single nodes of the IORT: what Linux passes over, and what is known to be broken. */
import type { Era } from '../../explanation.ts';
import type { Finding } from '../../finding.ts';
import { hex } from '../diagnostic.ts';
import { ownMsiMapping } from '../id-mapping.ts';
import {
  HISILICON_HI161X,
  SMMU_MODELS,
  type IortNode,
  type ItsGroup,
  type NamedComponent,
} from '../iort-nodes.ts';
import type { Iort } from '../iort.ts';
import { findIts, usedFrames, type AcpiMachine } from '../machine.ts';
import { nodeName, nodePath } from '../names.ts';

type Part = Omit<Finding, 'node'>;

export function nodeFindings(machine: AcpiMachine, era: Era): Finding[] {
  const { iort } = machine;
  if (iort === undefined) return [];
  const findings = iort.nodes.flatMap((node) =>
    partsOf(machine, iort, node, era).map((part) => ({ ...part, node: nodePath(node) })),
  );
  return [...findings, ...twiceFindings(iort)];
}

function partsOf(machine: AcpiMachine, iort: Iort, node: IortNode, era: Era): Part[] {
  switch (node.kind) {
    case 'its-group':
      return groupParts(machine, node);
    case 'smmu-v3':
      return [...hisilicon(iort, node.model), ...ownMsiParts(node, era)];
    case 'smmu':
      return node.model < SMMU_MODELS
        ? []
        : [
            {
              severity: 'error',
              rule: 'smmu-model',
              property: 'model',
              message: `${nodeName(node)} has the model ${node.model}, which arm-smmu.c does not know`,
              linux: 'does not start the SMMU (-ENODEV); the devices behind it wait for it in vain',
              meant: '0 SMMUv1, 1 SMMUv2, 2 MMU-400, 3 MMU-500, 4 MMU-401 or 5 Cavium ThunderX',
            },
          ];
    case 'pmcg':
      return ownMsiParts(node, era);
    case 'root-complex':
      return node.memoryAddressLimit === 0 ? [limitPart('Root complex')] : [];
    case 'named-component':
      return [
        ...(node.memoryAddressLimit === 0 ? [limitPart('Named component')] : []),
        ...pathParts(node),
      ];
    case 'rmr':
      return rmrParts(iort, node.regions);
    case 'iwb':
      return era === '7.x'
        ? []
        : [
            {
              severity: 'note',
              rule: 'node-ignored',
              message: 'a GICv5 wire bridge',
              linux: `${era} does not know this node type; 7.0 does`,
              meant: 'a newer kernel',
            },
          ];
    case 'unknown':
      return [
        {
          severity: 'note',
          rule: 'node-ignored',
          message: `node type ${node.type} is not known`,
          linux: 'passes the node over',
          meant: 'a node type of a newer IORT, or a wrong length of the node before',
        },
      ];
  }
}

/** iort_match_node_callback: strcmp with acpi_get_name(ACPI_FULL_PATHNAME), which pads segments. */
function pathParts({ path, pathOk, pathFound }: NamedComponent): Part[] {
  if (pathOk && pathFound) return [];
  const padded = path
    .replace(/^\\/, '')
    .split('.')
    .map((segment) => segment.toUpperCase().padEnd(4, '_'));
  return [
    {
      severity: 'error',
      rule: 'named-component-path',
      property: 'device object name',
      message: pathOk
        ? `the path is ${path}, which is not how Linux writes a path: each segment has four characters`
        : 'the path of the device is empty, not printable or does not end in the node',
      linux:
        'compares it with the paths of devices, and finds none: no StreamIDs, no MSIs by this node',
      meant: pathOk
        ? `\\${padded.join('.')}`
        : 'a full path such as \\_SB_.DEV0, ended by a zero byte',
    },
  ];
}

function groupParts(machine: AcpiMachine, { itsIds }: ItsGroup): Part[] {
  const [first, ...others] = itsIds;
  if (first === undefined)
    return [
      {
        severity: 'error',
        rule: 'empty-its-group',
        message: 'an ITS group without an ITS',
        linux: 'logs "requested ITS ID index [0] overruns ITS entries [0]" and gives no MSI',
        meant: 'the IDs of the ITSs that take these devices',
      },
    ];
  const parts: Part[] = [];
  if (findIts(machine, first) === undefined) {
    const frames = usedFrames(machine).length > 0;
    const known = machine.madt?.its.map(({ id }) => id) ?? [];
    parts.push({
      severity: frames ? 'note' : 'error',
      rule: 'its-not-in-madt',
      message: known.includes(first)
        ? `the group names ITS ${first}, which the MADT has, but not for a GICv3`
        : `the group names ITS ${first}, and the MADT has ${known.length === 0 ? 'no ITS' : `only ${known.slice(0, 16).join(', ')}`}`,
      linux: frames
        ? 'gives the devices GICv2m frames instead'
        : 'gives the devices no MSI domain: no MSIs, except what they inherit from a bridge above',
      meant: frames
        ? 'no ITS group; QEMU 7.2 writes the same IORT for gic-version=2 and 3'
        : 'an ITS entry of that ID in the MADT, or the ID of one that is there',
    });
  }
  if (others.length > 0)
    parts.push({
      severity: 'note',
      rule: 'its-group-of-several',
      message: `the group names the ITSs ${itsIds.map(String).join(', ')}`,
      linux: `takes only ${first}`,
      meant: 'a group for each ITS, or the nearest ITS first',
    });
  return parts;
}

function hisilicon({ table }: Iort, model: number): Part[] {
  if (model === HISILICON_HI161X)
    return [
      {
        severity: 'warning',
        rule: 'hw-msi-erratum',
        property: 'model',
        message:
          'HiSilicon Hi161x (erratum 161010801): writes to the ITS are not translated by the SMMU',
        linux:
          'reserves each ITS page that devices write to (ITS base + 64K) in the IOVA space and programs its physical address (HW_MSI)',
        meant: 'nothing wrong; the model tells Linux to work around it',
      },
    ];
  if (table.oemId.trim() === 'HISI' && /^HIP0[67]/.test(table.oemTableId))
    return [
      {
        severity: 'error',
        rule: 'hw-msi-erratum',
        property: 'model',
        message: `OEM ${table.oemId.trim()} ${table.oemTableId.trim()} has the erratum 161010801, but the SMMU's model is ${model}`,
        linux: 'programs a translated address, which the ITS does not know: MSIs are lost',
        meant: `model ${HISILICON_HI161X} (Hi161x), as later firmware of these boards says`,
      },
    ];
  return [];
}

/** The SMMU's or PMCG's own MSIs. */
function ownMsiParts(node: IortNode, era: Era): Part[] {
  const parts: Part[] = [];
  if (node.kind === 'smmu-v3' && node.deviceIdIndex !== undefined) {
    const wired = node.gsivs.every((gsiv) => gsiv !== 0);
    if (
      (node.revision < 5 || era === '6.1') &&
      !wired &&
      node.deviceIdIndex >= node.mappings.length
    )
      parts.push({
        severity: 'note',
        rule: 'device-id-index',
        property: 'DeviceID mapping index',
        message: `the index is ${node.deviceIdIndex}, and there are ${node.mappings.length} mappings`,
        linux:
          'logs "ID mapping index overflows valid mappings" and gives the SMMU no MSIs of its own',
        meant: 'wired interrupts for all four, or a single mapping that the index names',
      });
  }
  const own = ownMsiMapping(node, era);
  const mapping = own === undefined ? undefined : node.mappings[own];
  if (mapping !== undefined && !mapping.single)
    parts.push({
      severity: 'error',
      rule: 'own-mapping-is-a-range',
      property: `ID mapping ${mapping.index}`,
      message:
        node.kind === 'smmu-v3'
          ? `mapping ${mapping.index} counts as that of the SMMU's own MSIs (DeviceID mapping index), because ${node.revision < 5 || era === '6.1' ? 'not all of its interrupts are wired' : 'the flag says so'}; but it is a range`
          : 'the mapping of the PMCG is a range',
      linux:
        'leaves the mapping out of every walk, so that the devices that need it get no MSI, and logs "Invalid MSI mapping"',
      meant:
        'a single mapping of its own for the SMMU, or (for Linux 6.2 and later) node revision 5 without the flag DeviceID valid',
    });
  return parts;
}

const limitPart = (what: string): Part => ({
  severity: 'note',
  rule: 'no-memory-limit',
  property: 'memory address size limit',
  message: 'the memory address size limit is 0',
  linux: `logs "${what} missing memory address limit" and takes no limit`,
  meant: '64, or as many bits as the devices can address',
});

function rmrParts(
  { table }: Iort,
  regions: readonly { readonly base: bigint; readonly length: bigint }[],
): Part[] {
  const parts: Part[] = [];
  if (table.revision < 5)
    parts.push({
      severity: 'warning',
      rule: 'rmr-ignored',
      message: `reserved memory in an IORT of revision ${table.revision}`,
      linux: 'looks at RMR nodes only from table revision 5 on: the devices fault on that memory',
      meant: 'revision 5 (DEN 0049E.d)',
    });
  const odd = regions.find(({ base, length }) => ((base | length) & 0xffffn) !== 0n);
  if (odd !== undefined)
    parts.push({
      severity: 'note',
      rule: 'rmr-alignment',
      message: `the region at ${hex(odd.base)} of ${hex(odd.length)} bytes is not aligned to 64K`,
      linux: 'rounds it to pages ("not aligned to 64K, continue")',
      meant: 'multiples of 64K',
    });
  return parts;
}

/** Nodes that Linux never finds, because one before has the same key. */
function twiceFindings(iort: Iort): Finding[] {
  const findings: Finding[] = [];
  const segments = new Map<number, IortNode>();
  const paths = new Map<string, IortNode>();
  for (const node of iort.nodes) {
    if (node.kind === 'root-complex') {
      const before = segments.get(node.segment);
      if (before === undefined) segments.set(node.segment, node);
      else
        findings.push({
          severity: 'error',
          rule: 'two-root-complexes',
          node: nodePath(node),
          property: 'PCI segment number',
          message: `a second root complex of segment ${node.segment}; the first is ${nodePath(before)}`,
          linux: 'finds the first for every device of the segment, and never this one',
          meant: 'one root complex with the mappings of both, or another segment',
        });
    } else if (node.kind === 'named-component' && node.pathOk) {
      const before = paths.get(node.path);
      if (before === undefined) paths.set(node.path, node);
      else
        findings.push({
          severity: 'warning',
          rule: 'two-named-components',
          node: `IORT/${node.kind}@${node.offset}`,
          message: `a second node for ${node.path}; the first is at ${before.offset}`,
          linux: 'finds the first, and never this one',
          meant: 'one node with the mappings of both',
        });
    }
  }
  return findings;
}
