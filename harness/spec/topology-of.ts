/**
 * From the words of a topology to src's Topology: defaults filled in, wiring and ranges checked.
 */
import {
  type Device,
  type Granule,
  type Iommu,
  type KernelConfig,
  type MsiCapability,
  type MsiController,
  type PlatformDevice,
  type Topology,
} from '../../src/topology/topology.ts';
import { checkOverlaps, controllerOf } from './controllers-of.ts';
import { checkParents, domainOf, windowOf } from './domains-of.ts';
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

function deviceOf(
  map: DataMap,
  read: Reader,
  controllers: Readonly<Record<string, MsiController>>,
  iommus: Readonly<Record<string, Iommu>>,
): Device {
  const own = map['bus'] === 'pci' ? requesterId(String(map['address'])) : undefined;
  // Behind a bridge the requester that the SMMU and the ITS see is the bridge's alias.
  const alias = own === undefined ? undefined : aliasOf(map, own, read);
  const rid = alias?.requester ?? own;
  const parent = map['msi-parent'];
  if (parent === undefined)
    read.error(
      'DB202',
      map,
      undefined,
      'a device needs msi-parent, or a topology with firmware or host-bridges that say it',
      'msi-parent: the name of an MSI controller',
    );
  if (map['bridge'] !== undefined)
    read.error(
      'DB306',
      map,
      'bridge',
      'bridge says something only with host-bridges or firmware, without msi-parent',
    );
  const link = isMap(parent) ? parent : undefined;
  const controller =
    parent === undefined
      ? undefined
      : read.name(
          link ?? map,
          link ? 'controller' : 'msi-parent',
          link ? link['controller'] : parent,
          'MSI controller',
          Object.keys(controllers),
        );
  // A fsl-mc bus is known by its ICID as others are by their requester ID: of_msi_map_id,
  // fsl_mc_dma_configure.
  const id = map['bus'] === 'fsl-mc' ? read.number(map, 'icid', 0, 0xffff) : rid;
  const its = controller === undefined ? undefined : controllers[controller];
  const isBound = its?.kind === 'gicv3-its' && its.deviceTable === undefined;
  const idLimit = isBound ? 2 ** its.deviceIdBits - 1 : 2 ** 32 - 1;
  if (link?.['device-id'] === undefined && id === undefined && its?.kind === 'gicv3-its') {
    read.error(
      'DB306',
      map,
      'msi-parent',
      'a platform device behind an ITS needs a DeviceID',
      'msi-parent: { controller: its, device-id: 0x200 }',
    );
  }
  const deviceId =
    link?.['device-id'] === undefined ? (id ?? 0) : read.number(link, 'device-id', 0, 2 ** 32 - 1);
  if (deviceId > idLimit) {
    const isSaid = link?.['device-id'] !== undefined;
    read.error(
      'DB303',
      isSaid ? link : map,
      isSaid ? 'device-id' : map['bus'] === 'fsl-mc' ? 'icid' : 'address',
      `the DeviceID ${deviceId} does not fit the ITS's DeviceID bits`,
      'device-table: indirect at the ITS asks what Linux and the ITS make of it',
    );
  }
  const found = streamsOf(map, read, iommus, id);
  const iommu =
    found && alias && !namesStream(map) ? { ...found, streamIds: alias.streams } : found;
  const links = {
    msiParent: { controller: controller ?? '', deviceId },
    ...(iommu === undefined ? {} : { iommu: { ...iommu, ...maskOf(map, read, iommus) } }),
    ...(map['iommu-group'] === undefined ? {} : { group: String(map['iommu-group']) }),
    dmaBits: read.number(map, 'dma-bits', 24, 64, rid === undefined ? 32 : 64),
  };
  if (rid === undefined)
    return {
      bus: 'platform',
      ...holderOf(map, read),
      ...(map['level'] === undefined ? {} : { level: read.flag(map, 'level', false) }),
      ...links,
    };
  if (map['msi'] === undefined && map['msix'] === undefined) {
    read.error('DB306', map, undefined, 'a PCI device needs msi or msix', 'msix: 4');
  }
  return {
    bus: 'pci',
    requesterId: own ?? 0,
    ...(alias?.bridge === undefined ? {} : { behind: alias.bridge }),
    ...links,
    ...(map['msi'] === undefined ? {} : { msi: msiOf(map, read) }),
    ...(map['msix'] === undefined ? {} : { msix: msixOf(map, read) }),
  };
}

/** How many MSIs, and who holds their messages. */
function holderOf(map: DataMap, read: Reader): Pick<PlatformDevice, 'msis' | 'via'> {
  switch (map['bus']) {
    case 'wired':
      return {
        msis: read.number(map, 'pins', 1, 1024),
        via: { kind: 'wired', doorbell: read.address(map, 'doorbell', 4) },
      };
    case 'fsl-mc':
      return { msis: read.number(map, 'msis', 1, 2048), via: { kind: 'fsl-mc' } };
    default:
      return { msis: read.number(map, 'msis', 1, 2048) };
  }
}

function msixOf(
  map: DataMap,
  read: Reader,
): { vectors: number; reservedBits?: boolean; masksMsi?: boolean } {
  const msix = isMap(map['msix']) ? map['msix'] : undefined;
  if (msix === undefined) return { vectors: read.number(map, 'msix', 1, 2048) };
  return {
    vectors: read.number(msix, 'vectors', 1, 2048),
    ...(read.flag(msix, 'reserved-bits', false) ? { reservedBits: true } : {}),
    ...(read.flag(msix, 'masks-msi', false) ? { masksMsi: true } : {}),
  };
}

function msiOf(map: DataMap, read: Reader): MsiCapability {
  const msi = isMap(map['msi']) ? map['msi'] : undefined;
  const vectors = read.oneOf(msi ?? map, msi ? 'vectors' : 'msi', [1, 2, 4, 8, 16, 32], 1);
  return {
    vectors,
    addressBits: msi ? read.number(msi, 'address-bits', 32, 64, 64) : 64,
    maskable: msi ? read.flag(msi, 'maskable', true) : true,
    ...(msi?.['latches'] === undefined ? {} : { latches: read.flag(msi, 'latches', false) }),
  };
}

function streamsOf(
  map: DataMap,
  read: Reader,
  iommus: Readonly<Record<string, Iommu>>,
  rid: number | undefined,
): { iommu: string; streamIds: number[] } | undefined {
  const data = map['iommus'];
  if (data === undefined) return undefined;
  const link = isMap(data) ? data : undefined;
  const iommu = read.name(
    link ?? map,
    link ? 'iommu' : 'iommus',
    link ? link['iommu'] : data,
    'IOMMU',
    Object.keys(iommus),
  );
  const ids = link?.['stream-ids'];
  if (Array.isArray(ids) && link?.['stream-id'] !== undefined) {
    read.error('DB306', link, 'stream-id', 'stream-id and stream-ids exclude each other');
  }
  if (Array.isArray(ids)) {
    const list = ids as unknown as DataMap;
    return {
      iommu: iommu ?? '',
      streamIds: ids.map((_, i) => read.number(list, String(i), 0, 2 ** 32 - 1)),
    };
  }
  if (link?.['stream-id'] === undefined && rid === undefined) {
    read.error(
      'DB306',
      map,
      'iommus',
      'a platform device behind an IOMMU needs a StreamID',
      'iommus: { iommu: smmu, stream-id: 0x200 }',
    );
  }
  const id =
    link?.['stream-id'] === undefined ? (rid ?? 0) : read.number(link, 'stream-id', 0, 2 ** 32 - 1);
  return { iommu: iommu ?? '', streamIds: [id] };
}

/** #iommu-cells = 2: the second is SMR.MASK. */
function maskOf(
  map: DataMap,
  read: Reader,
  iommus: Readonly<Record<string, Iommu>>,
): { streamMask?: number } {
  const link = isMap(map['iommus']) ? map['iommus'] : {};
  if (link['stream-mask'] === undefined) return {};
  if (iommus[String(link['iommu'])]?.kind === 'smmu-v3')
    read.error(
      'DB306',
      link,
      'stream-mask',
      'an SMMUv3 has a stream table, and no masks',
      undefined,
      'key',
    );
  return { streamMask: read.number(link, 'stream-mask', 0, 2 ** 16 - 1) };
}

const namesStream = (map: DataMap): boolean => {
  const link = isMap(map['iommus']) ? map['iommus'] : {};
  return link['stream-id'] !== undefined || link['stream-ids'] !== undefined;
};

/**
 * pci_for_each_dma_alias and get_msi_id_cb: a PCIe to PCI bridge answers for its secondary bus as
 * device 0.0, a conventional bridge with its own ID; both are on another bus than the device, so
 * both are the DeviceID, too. A phantom function is an alias on the device's own bus: a StreamID
 * more, and not the DeviceID.
 */
function aliasOf(
  map: DataMap,
  own: number,
  read: Reader,
): { requester: number; streams: number[]; bridge?: number } | undefined {
  const phantom = map['phantom-function'];
  if (phantom !== undefined) {
    const fn = read.number(map, 'phantom-function', 0, 7);
    return { requester: own, streams: [own, (own & ~7) | fn] };
  }
  const behind = isMap(map['behind']) ? map['behind'] : undefined;
  if (behind === undefined) return undefined;
  const bridge = requesterId(String(behind['address']));
  const kind = read.word(behind, 'kind', ['pcie-to-pci', 'pci'], 'pcie-to-pci');
  const requester = kind === 'pci' ? bridge : (own >> 8) << 8;
  return { requester, streams: [requester, own], bridge };
}

/** bus << 8 | device << 3 | function. */
function requesterId(address: string): number {
  const [, bus = '0', device = '0', fn = '0'] =
    /([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\.([0-7])$/.exec(address) ?? [];
  return (parseInt(bus, 16) << 8) | (parseInt(device, 16) << 3) | parseInt(fn, 16);
}

/** Two PCI functions cannot have the same address. */
function checkAddresses(
  maps: DataMap,
  devices: Readonly<Record<string, Device>>,
  read: Reader,
): void {
  const seen = new Map<number, string>();
  for (const [name, device] of Object.entries(devices)) {
    if (device.bus !== 'pci') continue;
    const other = seen.get(device.requesterId);
    if (other !== undefined) {
      read.error(
        'DB305',
        maps[name] as object,
        'address',
        `"${name}" has the PCI address of "${other}"`,
      );
    }
    seen.set(device.requesterId, name);
  }
}
