/**
 * From the words of a topology to src's Topology: defaults filled in, wiring and ranges checked.
 */
import {
  type Device,
  type Granule,
  type Iommu,
  type KernelConfig,
  type Topology,
} from '../../src/topology/topology.ts';
import { checkOverlaps, controllerOf } from './controllers-of.ts';
import { checkParents, domainOf, windowOf } from './domains-of.ts';
import { requesterId } from './device-links.ts';
import { checkAddresses, deviceOf } from './devices-of.ts';
import { hostBridgesOf, wired } from './host-bridges.ts';
import { isMap, type Reader } from './reader.ts';
import type { Data, DataMap } from './data.ts';

const GRANULES: readonly Granule[] = [4096, 16384, 65536];
const section = (map: DataMap, key: string): DataMap => (isMap(map[key]) ? map[key] : {});

export function topologyOf(data: DataMap, read: Reader): Topology {
  const kernel = kernelOf(section(data, 'kernel'), read);
  const cpus = read.number(data, 'cpus', 1, 256, 1);
  const controllers = each(section(data, 'msi-controllers'), (map) =>
    controllerOf(map, read, kernel),
  );
  const iommus = each(section(data, 'iommus'), (map) => iommuOf(map, read));
  const domains = each(section(data, 'domains'), (map) => domainOf(map, read));
  checkParents(section(data, 'domains'), domains, read);
  const bridges = hostBridgesOf(data, read, Object.keys(controllers), Object.keys(iommus));
  const devices = each(section(data, 'devices'), (map, name) => {
    const links = wired(name, map, bridges, data, read);
    return links === undefined ? unwired(map) : deviceOf(links, read, controllers, iommus);
  });
  const numaNodes = nodesOf(data, read, cpus);
  for (const [name, { kind, ...its }] of Object.entries(controllers)) {
    const node = kind === 'gicv3-its' && 'node' in its ? its.node : undefined;
    const map = section(data, 'msi-controllers')[name] as DataMap;
    if (node !== undefined && node >= numaNodes.length)
      read.error('DB301', map, 'node', `no NUMA node ${node}: numa-nodes has ${numaNodes.length}`);
  }
  const guests = each(section(data, 'guests'), (map) => ({
    vcpus: read.number(map, 'vcpus', 1, 64),
    lpis: read.number(map, 'lpis', 1, 8192, 64),
  }));
  checkOverlaps(section(data, 'msi-controllers'), controllers, cpus, read);
  checkAddresses(section(data, 'devices'), devices, read);
  return {
    cpus,
    ...(numaNodes.length > 0 ? { numaNodes } : {}),
    kernel,
    msiControllers: controllers,
    iommus,
    devices,
    domains,
    ...(Object.keys(guests).length > 0 ? { guests } : {}),
  };
}

/** Each CPU on one node at most. */
function nodesOf(data: DataMap, read: Reader, cpus: number): number[][] {
  const nodes = data['numa-nodes'];
  if (!Array.isArray(nodes)) return [];
  const seen = new Set<number>();
  const found = nodes.map((list) =>
    (list as Data[]).map((_, i) => {
      const cpu = read.number(list as unknown as DataMap, String(i), 0, cpus - 1);
      if (seen.has(cpu))
        read.error('DB305', list as object, i, `CPU ${cpu} is on another node already`);
      seen.add(cpu);
      return cpu;
    }),
  );
  const without = Array.from({ length: cpus }, (_, cpu) => cpu).find((cpu) => !seen.has(cpu));
  if (nodes.length > 0 && without !== undefined)
    read.error('DB202', data, 'numa-nodes', `CPU ${without} is on no node`);
  return found.map((node) => node.sort((a, b) => a - b));
}

function each<T>(maps: DataMap, make: (map: DataMap, name: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(maps).map(([name, map]) => [name, make(map as DataMap, name)]),
  );
}

/** Stands for a device whose host bridge gives it no wiring, which has been reported. */
const unwired = (map: DataMap): Device => ({
  bus: 'pci',
  requesterId: requesterId(String(map['address'])),
  msiParent: { controller: '', deviceId: 0 },
  dmaBits: 64,
  msix: { vectors: 2048 },
});

function kernelOf(map: DataMap, read: Reader): KernelConfig {
  return {
    pageSize: read.oneOf(map, 'page-size', GRANULES, 4096),
    physAddrBits: read.oneOf(map, 'phys-addr-bits', [32, 64] as const, 64),
    dmaAddrBits: read.oneOf(map, 'dma-addr-bits', [32, 64] as const, 64),
    iommuApi: read.flag(map, 'iommu-api', true),
    pciMsiIrqDomain: read.flag(map, 'pci-msi-irq-domain', true),
    ...(map['preempt-rt'] === undefined ? {} : { preemptRt: read.flag(map, 'preempt-rt', false) }),
    ...(map['acpi'] === undefined ? {} : { acpi: read.flag(map, 'acpi', false) }),
  };
}

function granulesOf(map: DataMap, read: Reader): Granule[] {
  const data = map['granule'];
  if (data === undefined) return [...GRANULES];
  if (!Array.isArray(data)) return [read.oneOf(map, 'granule', GRANULES, 4096)];
  const list = data as unknown as DataMap;
  const found = data.map((_, i) => read.oneOf(list, String(i), GRANULES, 4096));
  return [...new Set(found)].sort((a, b) => a - b);
}

function iommuOf(map: DataMap, read: Reader): Iommu {
  const common = {
    granules: granulesOf(map, read),
    stage: read.oneOf(map, 'stage', [1, 2] as const, 1),
    iovaBits: read.number(map, 'iova-bits', 32, 52, 48),
    ...(isMap(map['hw-msi']) ? { hwMsi: windowOf(map, map['hw-msi'], read) } : {}),
  };
  if (map['kind'] === 'smmu-v2') {
    return {
      kind: 'smmu-v2',
      ...common,
      streamIdBits: read.oneOf(map, 'stream-id-bits', [15, 16] as const, 15),
      streamMappingGroups: read.number(map, 'stream-mapping-groups', 1, 128, 32),
      contextBanks: read.number(map, 'context-banks', 1, 128, 8),
      unmatchedStreams: read.word(
        map,
        'unmatched-streams',
        ['fault', 'bypass', 'kernel-default'],
        'kernel-default',
      ),
    };
  }
  return {
    kind: 'smmu-v3',
    ...common,
    streamIdBits: read.number(map, 'stream-id-bits', 1, 32, 16),
    streamTable: read.word(map, 'stream-table', ['two-level', 'linear'], 'two-level'),
  };
}
