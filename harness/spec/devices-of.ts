/** From the words of a device to src's: what it is, and how many MSIs it has. */
import type {
  Device,
  Iommu,
  MsiCapability,
  MsiController,
  PlatformDevice,
} from '../../src/topology/topology.ts';
import type { DataMap } from './data.ts';
import { linksOf, requesterOf } from './device-links.ts';
import { isMap, type Reader } from './reader.ts';

export function deviceOf(
  map: DataMap,
  read: Reader,
  controllers: Readonly<Record<string, MsiController>>,
  iommus: Readonly<Record<string, Iommu>>,
): Device {
  const requester = requesterOf(map, read);
  const links = linksOf(map, requester, read, controllers, iommus);
  if (requester === undefined)
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
    requesterId: requester.own,
    ...(requester.bridge === undefined ? {} : { behind: requester.bridge }),
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

/** Two PCI functions cannot have the same address. */
export function checkAddresses(
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
