/**
 * An imported topology in the words of the spec language, with the node that each part came from.
 */
import type {
  ImportedBridge,
  ImportedController,
  ImportedDevice,
  ImportedIommuRange,
  ImportedMsiRange,
  ImportedSmmu,
} from '../../src/firmware/import/parts.ts';
import type { ImportedTopology } from '../../src/firmware/topology.ts';
import { bdf } from './rid.ts';

/** Vectors that a device is given: firmware does not say how many it has. */
const VECTORS = 4;

/** 0x0808_0000, as specs write addresses. */
function address(value: bigint): string {
  const digits = value.toString(16).padStart(8, '0');
  const head = digits.length % 4;
  const groups = digits.slice(head).match(/.{4}/g) ?? [];
  return `0x${[...(head > 0 ? [digits.slice(0, head)] : []), ...groups].join('_')}`;
}
const hex = (value: number): string => `0x${value.toString(16)}`;
/** Names of nodes are of any bytes; a comment ends at its line. */
const comment = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');

/**
 * Paths and names of firmware are of any bytes: what YAML could take for something else is quoted.
 */
const quoted = (text: string): string =>
  /^[/A-Za-z][/A-Za-z0-9@._+-]*$/.test(text) && !YAML_WORD.test(text)
    ? text
    : JSON.stringify(text).replace(
        /[\u007f-\u009f\u2028\u2029]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
const YAML_WORD = /^(true|false|null|yes|no|on|off|y|n)$/i;

export function topologyYaml(topology: ImportedTopology, title: string): string {
  const { source, cpus, controllers, iommus, bridges, devices } = topology;
  return [
    `# ${comment(title)}, as Linux ${source.era} reads its firmware.`,
    '# Each comment names the node that a part came from. Vectors of devices are assumed.',
    ...section('origin', originLines(topology)),
    `cpus: ${cpus}`,
    ...section('msi-controllers', controllers.flatMap(controllerLines)),
    ...section('iommus', iommus.flatMap(iommuLines)),
    ...section('host-bridges', bridges.flatMap(bridgeLines)),
    ...section('devices', devices.flatMap(deviceLines)),
    ...aloneLines(topology.withoutMsis),
    ...(iommus.length === 0
      ? []
      : section('domains', [
          '  vm: { kind: unmanaged, msi-window: sw-msi }',
          '  host: { kind: dma }',
        ])),
    '',
  ].join('\n');
}

/**
 * What the model has no part for, and the paths of those that it has: for `explain` and for
 * messages.
 */
function originLines(topology: ImportedTopology): string[] {
  const { source, controllers, iommus, bridges, devices, leftOut } = topology;
  const parts = [...controllers, ...iommus, ...bridges, ...devices];
  return [
    `  firmware: ${source.kind}`,
    `  era: "${source.era}"`,
    ...(source.title === undefined ? [] : [`  title: ${quoted(source.title)}`]),
    ...mapping(
      'left-out',
      leftOut.map(({ path, why }) => [path, why]),
    ),
    ...mapping(
      'nodes',
      parts.map(({ name, path }) => [name, path]),
    ),
  ];
}

const mapping = (name: string, entries: readonly (readonly [string, string])[]): string[] =>
  entries.length === 0
    ? []
    : [`  ${name}:`, ...entries.map(([key, value]) => `    ${quoted(key)}: ${quoted(value)}`)];

const section = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${name}:`, ...lines];

const from = (path: string, assumes?: string): string =>
  comment(`  # ${path}${assumes === undefined ? '' : ` (assumed from hardware: ${assumes})`}`);

function controllerLines(controller: ImportedController): string[] {
  const { name, path, assumes } = controller;
  const part = (...lines: readonly string[]): string[] => [from(path, assumes), ...lines];
  switch (controller.kind) {
    case 'gicv3-its': {
      const { base, deviceIdBits, preIts } = controller;
      const before = preIts === undefined ? '' : `, pre-its: ${address(preIts)}`;
      return part(
        `  ${name}: { kind: gicv3-its, base: ${address(base)}, device-id-bits: ${deviceIdBits}${before} }`,
      );
    }
    case 'gicv3-mbi': {
      const { base, alias, ranges } = controller;
      const list = ranges.map(([first, count]) => `{ base-spi: ${first}, count: ${count} }`);
      const other = alias === undefined ? '' : ` alias: ${address(alias)},`;
      return part(
        `  ${name}: { kind: gicv3-mbi, base: ${address(base)},${other} ranges: [${list.join(', ')}] }`,
      );
    }
    case 'in-bridge':
      return part(`  ${name}: { kind: in-bridge, base: ${address(controller.base)} }`);
    case 'gicv2m':
      return part(
        `  ${name}:`,
        '    kind: gicv2m',
        '    frames:',
        ...controller.frames.flatMap((frame) => [
          comment(`      # ${frame.path}`),
          `      - { base: ${address(frame.base)}, base-spi: ${frame.baseSpi}, count: ${frame.count} }`,
        ]),
      );
  }
}

const iommuLines = (smmu: ImportedSmmu): string[] => {
  const { name, path, assumes, kind, streamIdBits, hwMsi } = smmu;
  const past =
    hwMsi === undefined
      ? ''
      : `, hw-msi: { base: ${address(hwMsi.base)}, size: ${hex(Number(hwMsi.size))} }`;
  return [
    from(path, assumes),
    `  ${name}: { kind: ${kind}, stream-id-bits: ${streamIdBits}${past} }`,
  ];
};

function bridgeLines(bridge: ImportedBridge): string[] {
  const { name, path, compatible, available, segment, bus, busRange, msi, iommu } = bridge;
  return [
    from(path),
    `  ${name}:`,
    ...(bus === undefined ? [] : [`    bus: ${bus}`]),
    ...(compatible === undefined ? [] : [`    compatible: ${quoted(compatible)}`]),
    ...(available ? [] : ['    available: false']),
    ...(segment === undefined ? [] : [`    segment: ${segment}`]),
    `    bus-range: [${busRange.join(', ')}]`,
    '    msi-map:',
    ...msi.map(msiLine),
    '    iommu-map:',
    ...iommu.map(iommuLine),
  ];
}

function msiLine(range: ImportedMsiRange): string {
  const answer =
    'none' in range
      ? [`none: ${range.none}`, at(range.at)]
      : [
          `controller: ${quoted(range.controller)}`,
          id('device-id', range.deviceId),
          flag('constant', range.constant),
        ];
  return entry(range, answer);
}

function iommuLine(range: ImportedIommuRange): string {
  const answer =
    'bypass' in range
      ? [`bypass: ${range.bypass}`, at(range.at), id('stream-id', range.streamId)]
      : [
          `iommu: ${quoted(range.iommu)}`,
          id('stream-id', range.streamId),
          id('mask', range.mask),
          flag('constant', range.constant),
        ];
  return entry(range, answer);
}

const entry = (
  { rid, lastRid }: { readonly rid: number; readonly lastRid: number },
  answer: readonly (string | undefined)[],
): string =>
  `      - { rid: ${hex(rid)}, length: ${hex(lastRid - rid + 1)}, ${answer.filter((part) => part !== undefined).join(', ')} }`;
const at = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : `at: ${quoted(path)}`;
const id = (key: string, value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${key}: ${hex(value)}`;
const flag = (key: string, value: boolean | undefined): string | undefined =>
  value === true ? `${key}: true` : undefined;

/** So many devices without MSIs are named; `explain` has all. */
const MAX_ALONE = 100;

/**
 * They would be devices without vectors, of which nothing runs: the reader of the file may want to
 * know of their streams.
 */
function aloneLines(devices: ImportedTopology['withoutMsis']): string[] {
  if (devices.length === 0) return [];
  const left = devices.length - MAX_ALONE;
  return [
    '# Devices that send no MSIs, and their streams:',
    ...devices
      .slice(0, MAX_ALONE)
      .map(({ path, streams }) => comment(`#   ${path}: ${streams.join(', ')}`)),
    ...(left > 0 ? [`#   and ${left} more`] : []),
  ];
}

function deviceLines(device: ImportedDevice): string[] {
  const { name, path, rid, controller, deviceId, iommu, streamIds } = device;
  const bus =
    rid === undefined
      ? ['bus: platform', `msis: ${VECTORS}`]
      : ['bus: pci', `address: "${bdf(rid)}"`, `msix: ${VECTORS}`];
  const parent =
    deviceId === undefined
      ? controller
      : `{ controller: ${controller}, device-id: ${hex(deviceId)} }`;
  const streams =
    streamIds.length === 1
      ? `stream-id: ${hex(streamIds[0] as number)}`
      : `stream-ids: [${streamIds.map(hex).join(', ')}]`;
  const keys = [
    ...bus,
    `msi-parent: ${parent}`,
    ...(iommu === undefined ? [] : [`iommus: { iommu: ${iommu}, ${streams} }`]),
  ];
  return [from(path), `  ${name}: { ${keys.join(', ')} }`];
}
