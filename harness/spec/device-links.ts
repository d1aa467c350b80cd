/**
 * How a device is wired: the controller that takes its messages and the DeviceID that it sees, the
 * IOMMU and the StreamIDs. A PCI device has both from its requester ID unless the topology says
 * otherwise.
 */
import type { Device, Iommu, MsiController } from '../../src/topology/topology.ts';
import { isMap, type Reader } from './reader.ts';
import type { DataMap } from './data.ts';

type Links = Pick<Device, 'msiParent' | 'iommu' | 'group' | 'dmaBits'>;

export function linksOf(
  map: DataMap,
  requester: Requester | undefined,
  read: Reader,
  controllers: Readonly<Record<string, MsiController>>,
  iommus: Readonly<Record<string, Iommu>>,
): Links {
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
  const id = map['bus'] === 'fsl-mc' ? read.number(map, 'icid', 0, 0xffff) : requester?.seen;
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
  const streamIds = namesStream(map) ? undefined : requester?.streams;
  const iommu = found && streamIds ? { ...found, streamIds } : found;
  return {
    msiParent: { controller: controller ?? '', deviceId },
    ...(iommu === undefined ? {} : { iommu: { ...iommu, ...maskOf(map, read, iommus) } }),
    ...(map['iommu-group'] === undefined ? {} : { group: String(map['iommu-group']) }),
    dmaBits: read.number(map, 'dma-bits', 24, 64, requester === undefined ? 32 : 64),
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

/** A PCI function as others know it. */
interface Requester {
  readonly own: number;
  /** What the SMMU and the ITS see: behind a bridge it is the bridge's alias. */
  readonly seen: number;
  /** StreamIDs of a function with an alias. */
  readonly streams?: number[];
  readonly bridge?: number;
}

/**
 * pci_for_each_dma_alias and get_msi_id_cb: a PCIe to PCI bridge answers for its secondary bus as
 * device 0.0, a conventional bridge with its own ID; both are on another bus than the device, so
 * both are the DeviceID, too. A phantom function is an alias on the device's own bus: a StreamID
 * more, and not the DeviceID.
 */
export function requesterOf(map: DataMap, read: Reader): Requester | undefined {
  if (map['bus'] !== 'pci') return undefined;
  const own = requesterId(String(map['address']));
  if (map['phantom-function'] !== undefined) {
    const fn = read.number(map, 'phantom-function', 0, 7);
    return { own, seen: own, streams: [own, (own & ~7) | fn] };
  }
  const behind = isMap(map['behind']) ? map['behind'] : undefined;
  if (behind === undefined) return { own, seen: own };
  const bridge = requesterId(String(behind['address']));
  const kind = read.word(behind, 'kind', ['pcie-to-pci', 'pci'], 'pcie-to-pci');
  const seen = kind === 'pci' ? bridge : (own >> 8) << 8;
  return { own, seen, streams: [seen, own], bridge };
}

/** bus << 8 | device << 3 | function. */
export function requesterId(address: string): number {
  const [, bus = '0', device = '0', fn = '0'] =
    /([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\.([0-7])$/.exec(address) ?? [];
  return (parseInt(bus, 16) << 8) | (parseInt(device, 16) << 3) | parseInt(fn, 16);
}
