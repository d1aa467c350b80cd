/**
 * `host-bridges:` of a topology: what firmware says of each requester. A PCI device without
 * `msi-parent` is wired as the bridge that holds its address says.
 */
import { bdf, parseRid } from '../firmware/rid.ts';
import type { Why } from '../../src/firmware/why.ts';
import { WHY } from '../../src/firmware/why.ts';
import { type DataMap, copyOrigin } from './data.ts';
import { isMap, type Reader } from './reader.ts';

const MAX_ID = 0xffff_ffff;

interface Range {
  readonly rid: number;
  readonly lastRid: number;
  readonly at?: string;
}
/** `controller` and `iommu`: a part's name, or a path of what the model has no part for. */
export interface MsiRange extends Range {
  readonly controller?: string;
  readonly id?: number;
  readonly constant: boolean;
  readonly none?: Why;
}
export interface IommuRange extends Range {
  readonly iommu?: string;
  readonly id?: number;
  readonly constant: boolean;
  readonly mask?: number;
  readonly bypass?: Why;
}
export interface HostBridge {
  readonly name: string;
  /** Its path in the firmware, or its name. */
  readonly path: string;
  readonly compatible?: string;
  readonly available: boolean;
  readonly segment?: number;
  readonly fslMc: boolean;
  readonly busRange: readonly [number, number];
  readonly msi: readonly MsiRange[];
  readonly iommu: readonly IommuRange[];
}

export function hostBridgesOf(
  topology: DataMap,
  read: Reader,
  controllers: readonly string[],
  iommus: readonly string[],
): HostBridge[] {
  const section = topology['host-bridges'];
  const nodes = nodesOf(topology);
  if (!isMap(section)) return [];
  return Object.entries(section).map(([name, data]) => {
    const map = data as DataMap;
    return {
      name,
      path: nodes.get(name) ?? name,
      ...(map['compatible'] === undefined ? {} : { compatible: String(map['compatible']) }),
      available: map['available'] !== false,
      ...(map['segment'] === undefined ? {} : { segment: read.number(map, 'segment', 0, MAX_ID) }),
      fslMc: map['bus'] === 'fsl-mc',
      busRange: busRangeOf(map, read),
      msi: listOf(map, 'msi-map').map((entry) => msiRange(entry, read, controllers)),
      iommu: listOf(map, 'iommu-map').map((entry) => iommuRange(entry, read, iommus)),
    };
  });
}

/** The firmware's paths of parts, by name. */
export function nodesOf(topology: DataMap): ReadonlyMap<string, string> {
  const nodes = isMap(topology['origin']) ? topology['origin']['nodes'] : undefined;
  return new Map(
    isMap(nodes) ? Object.entries(nodes).map(([name, path]) => [name, String(path)]) : [],
  );
}

const listOf = (map: DataMap, key: string): DataMap[] =>
  Array.isArray(map[key]) ? (map[key] as DataMap[]) : [];

function busRangeOf(map: DataMap, read: Reader): [number, number] {
  const list = map['bus-range'];
  if (!Array.isArray(list)) return [0, 255];
  const first = read.number(list as unknown as DataMap, '0', 0, 255);
  return [first, read.number(list as unknown as DataMap, '1', first, 255)];
}

function rangeOf(map: DataMap, read: Reader): Range {
  const rid = read.number(map, 'rid', 0, MAX_ID);
  const length = read.number(map, 'length', 1, MAX_ID + 1 - rid, 1);
  return {
    rid,
    lastRid: rid + length - 1,
    ...(map['at'] === undefined ? {} : { at: String(map['at']) }),
  };
}

function msiRange(map: DataMap, read: Reader, controllers: readonly string[]): MsiRange {
  const range = rangeOf(map, read);
  const to = target(map, 'controller', 'MSI controller', controllers, read);
  const id = map['device-id'] === undefined ? undefined : read.number(map, 'device-id', 0, MAX_ID);
  return {
    ...range,
    ...(to === undefined ? {} : { controller: to, ...idOr(id, to, range.rid) }),
    constant: map['constant'] === true,
    ...(to === undefined ? { none: reason(map, 'none', read) } : {}),
  };
}

function iommuRange(map: DataMap, read: Reader, iommus: readonly string[]): IommuRange {
  const range = rangeOf(map, read);
  const to = target(map, 'iommu', 'IOMMU', iommus, read);
  const id = map['stream-id'] === undefined ? undefined : read.number(map, 'stream-id', 0, MAX_ID);
  return {
    ...range,
    ...(to === undefined
      ? { bypass: reason(map, 'bypass', read), ...(id === undefined ? {} : { id }) }
      : { iommu: to, ...idOr(id, to, range.rid) }),
    constant: map['constant'] === true,
    ...(map['mask'] === undefined ? {} : { mask: read.number(map, 'mask', 0, MAX_ID) }),
  };
}

/** What the model has no part for may do without IDs. */
const idOr = (id: number | undefined, to: string, rid: number): { id?: number } =>
  id !== undefined ? { id } : isPath(to) ? {} : { id: rid };

export const isPath = (name: string): boolean => name.includes('/');

function target(
  map: DataMap,
  key: 'controller' | 'iommu',
  kind: string,
  known: readonly string[],
  read: Reader,
): string | undefined {
  const data = map[key];
  if (data === undefined) return undefined;
  return isPath(String(data)) ? String(data) : read.name(map, key, data, kind, known);
}

function reason(map: DataMap, key: 'none' | 'bypass', read: Reader): Why {
  return read.word(map, key, Object.keys(WHY) as Why[], 'no-map');
}

/** The answer for one requester, as if it were a range of its own. */
export function msiAt({ msi }: HostBridge, rid: number): MsiRange | undefined {
  return one(msi, rid);
}
export function iommuAt({ iommu }: HostBridge, rid: number): IommuRange | undefined {
  return one(iommu, rid);
}
function one<R extends MsiRange | IommuRange>(ranges: readonly R[], rid: number): R | undefined {
  const range = ranges.find((each) => each.rid <= rid && rid <= each.lastRid);
  if (range === undefined) return undefined;
  const { id, constant } = range;
  return {
    ...range,
    rid,
    lastRid: rid,
    ...(id === undefined ? {} : { id: constant ? id : (id + rid - range.rid) >>> 0 }),
  };
}

/**
 * A PCI device with the wiring that a bridge says, or the device as it is.
 *
 * @returns Nothing when the firmware gives it none: it has been reported.
 */
export function wired(
  name: string,
  device: DataMap,
  bridges: readonly HostBridge[],
  topology: DataMap,
  read: Reader,
): DataMap | undefined {
  if (bridges.length === 0 || device['bus'] !== 'pci' || device['msi-parent'] !== undefined)
    return device;
  const asked = parseRid(String(device['address']));
  if (asked === undefined) return device;
  const bridge = bridgeOf(name, device, asked, bridges, read);
  if (bridge === undefined) return undefined;
  const { rid } = asked;
  const [msi, iommu] = [msiAt(bridge, rid), iommuAt(bridge, rid)];
  const refuse = (why: string): undefined => {
    read.error(
      'DB306',
      device,
      'address',
      `"${name}" cannot be wired as the firmware says: ${why}`,
    );
    return undefined;
  };
  const { controller } = msi ?? {};
  if (msi === undefined && leftOut(bridge.path, topology) !== undefined)
    return refuse(`the ranges of ${bridge.path} are too many to list, and end before ${bdf(rid)}`);
  if (controller === undefined)
    return refuse(`no MSIs: ${msi?.none ?? 'no-match'} (${msi?.at ?? bridge.path})`);
  if (isPath(controller)) return refuse(unmodelled('MSIs', controller, topology));
  if (iommu?.iommu !== undefined && isPath(iommu.iommu))
    return refuse(unmodelled('DMA', iommu.iommu, topology));
  if (iommu?.bypass === 'bad-cells')
    return refuse(`no driver binds: the SMMU does not start (${iommu.at ?? bridge.path})`);
  const result: DataMap = {
    ...device,
    'msi-parent': { controller, ...(msi?.id === undefined ? {} : { 'device-id': msi.id }) },
    ...(iommu?.iommu === undefined
      ? {}
      : { iommus: { iommu: iommu.iommu, 'stream-ids': [iommu.id ?? rid] } }),
  };
  delete result['bridge'];
  copyOrigin(device, result);
  return result;
}

/** Loud: which node, and what it is. */
function unmodelled(what: string, path: string, topology: DataMap): string {
  const why = leftOut(path, topology);
  return `its ${what} go to ${path}, which the topology has no part for${why === undefined ? '' : `: ${why}`}`;
}

function leftOut(path: string, topology: DataMap): string | undefined {
  const left = isMap(topology['origin']) ? topology['origin']['left-out'] : undefined;
  const why = isMap(left) ? left[path] : undefined;
  return why === undefined ? undefined : String(why);
}

function bridgeOf(
  name: string,
  device: DataMap,
  { rid, segment }: { readonly rid: number; readonly segment?: number },
  bridges: readonly HostBridge[],
  read: Reader,
): HostBridge | undefined {
  const named = device['bridge'];
  const bus = rid >> 8;
  const holds = ({ busRange: [first, last] }: HostBridge): boolean => bus >= first && bus <= last;
  const inSegment = bridges.filter(
    (each) =>
      each.available && !each.fslMc && (segment === undefined || segment === (each.segment ?? 0)),
  );
  const holding = inSegment.filter(holds);
  const known =
    named !== undefined
      ? bridges.filter((each) => each.name === String(named) || each.path === String(named))
      : holding.length > 0
        ? holding
        : inSegment;
  const [bridge] = known;
  const where = named === undefined ? 'address' : 'bridge';
  if (bridge === undefined || known.length > 1) {
    const list = (known.length > 1 ? known : bridges).map((each) => each.path).join(', ');
    read.error(
      'DB301',
      device,
      where,
      known.length > 1
        ? `several host bridges hold ${String(device['address'])}`
        : `no host bridge for "${name}" (${bdf(rid)})`,
      `bridge: one of ${list}`,
    );
    return undefined;
  }
  if (holds(bridge)) return bridge;
  const [first, last] = bridge.busRange;
  read.error(
    'DB303',
    device,
    'address',
    `bus ${bus} is not one of ${bridge.path}, which has ${first} to ${last}`,
  );
  return undefined;
}
