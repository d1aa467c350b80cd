/**
 * `firmware:` of a topology: the machine that a firmware file describes, as the text of a topology, and the
 * spec's PCI devices wired as that firmware says.
 */
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Explanation } from '../../src/firmware/explanation.ts';
import { importTopology, type ImportedDevice } from '../../src/firmware/topology.ts';
import { openFirmware, type Firmware } from '../firmware/open.ts';
import { parseRid } from '../firmware/rid.ts';
import { bridgesFor } from '../firmware/select.ts';
import { topologyYaml } from '../firmware/topology-yaml.ts';
import { nameIn } from './read-file.ts';
import { isMap } from './reader.ts';
import type { Report } from './report.ts';
import { copyOrigin, type Data, type DataMap, placeOf } from './data.ts';

const ERA = '6.12';

interface Machine {
  /** A topology file's text. */
  readonly text: string;
  /** The spec's `devices:` with their wiring filled in. */
  readonly devices?: DataMap;
}

export function firmwareMachine(
  path: string,
  root: string,
  topology: DataMap,
  report: Report,
): Machine | undefined {
  const place = placeOf(topology, 'firmware');
  if (!isInside(path, root)) {
    report.error('DB308', place, `${nameIn(root, path)} lies outside the project`);
    return undefined;
  }
  const firmware = openFirmware(path);
  const diagnostics = 'code' in firmware ? [firmware] : firmware.diagnostics;
  for (const { severity, message, hint, code } of diagnostics)
    if (severity === 'error')
      report.error('DB308', place, `${nameIn(root, path)}: ${message} (${code})`, hint);
  if ('code' in firmware || diagnostics.some(({ severity }) => severity === 'error'))
    return undefined;
  const all = firmware.explain({ era: ERA });
  const text = topologyYaml(importTopology(all, false), all.source.title ?? path, ERA);
  const own = topology['devices'];
  if (!isMap(own)) return { text };
  const devices = wired(own, firmware, all, report);
  return devices === undefined ? undefined : { text, devices };
}

/** A file that is not there is said when it is read. */
function isInside(path: string, root: string): boolean {
  try {
    const [real, folder] = [realpathSync(path), realpathSync(root)];
    return real === folder || real.startsWith(folder + sep);
  } catch {
    return true;
  }
}

/** PCI devices without `msi-parent` take what the firmware says of their requester ID. */
function wired(
  own: DataMap,
  firmware: Firmware,
  all: Explanation,
  report: Report,
): DataMap | undefined {
  const devices: DataMap = {};
  let failed = false;
  for (const [name, device] of Object.entries(own)) {
    const isOpen = isMap(device) && device['bus'] === 'pci' && device['msi-parent'] === undefined;
    const found = isOpen ? withLinks(name, device, firmware, all, report) : device;
    if (found === undefined) failed = true;
    else devices[name] = found;
  }
  copyOrigin(own, devices);
  return failed ? undefined : devices;
}

function withLinks(
  name: string,
  device: DataMap,
  firmware: Firmware,
  all: Explanation,
  report: Report,
): DataMap | undefined {
  const asked = parseRid(String(device['address']));
  if (asked === undefined) return undefined;
  const place = placeOf(device, 'address');
  const bridge = device['bridge'];
  const paths = bridge === undefined ? bridgesFor(all, [asked]) : [String(bridge)];
  const known = all.bridges.filter((each) => paths.includes(each.path));
  if (known.length !== 1) {
    const list = (known.length > 1 ? known : all.bridges).map((each) => each.path).join(', ');
    report.error(
      'DB301',
      bridge === undefined ? place : placeOf(device, 'bridge'),
      known.length > 1
        ? `several host bridges hold ${String(device['address'])}`
        : `no host bridge for "${name}"`,
      `bridge: one of ${list}`,
    );
    return undefined;
  }
  const { rid } = asked;
  const [first, last] = known[0]?.busRange ?? [0, 255];
  if (rid >> 8 < first || rid >> 8 > last) {
    report.error(
      'DB303',
      place,
      `bus ${rid >> 8} is not one of ${known[0]?.path ?? ''}, which has ${first} to ${last}`,
    );
    return undefined;
  }
  const single = firmware.explain({ era: ERA, rids: [rid] });
  const bridges = single.bridges.filter((each) => each.path === known[0]?.path);
  const { devices, leftOut } = importTopology({ ...all, bridges }, true);
  const found = devices.find((each) => each.rid === rid);
  if (found === undefined) {
    const why = leftOut.find((each) => each.path.startsWith(`${known[0]?.path ?? ''} `))?.why;
    report.error('DB306', place, `"${name}" cannot be wired as the firmware says: ${why ?? ''}`);
    return undefined;
  }
  const wiredDevice: DataMap = { ...device, ...links(found) };
  delete wiredDevice['bridge'];
  copyOrigin(device, wiredDevice);
  return wiredDevice;
}

function links({ controller, deviceId, iommu, streamIds }: ImportedDevice): DataMap {
  const parent: Data =
    deviceId === undefined ? controller : { controller, 'device-id': String(deviceId) };
  return {
    'msi-parent': parent,
    ...(iommu === undefined ? {} : { iommus: { iommu, 'stream-ids': streamIds.map(String) } }),
  };
}
