/** An imported topology in the words of the spec language, with the node that each part came from. */
import type {
  ImportedDevice,
  ImportedGicv2m,
  ImportedIts,
  ImportedSmmu,
  ImportedTopology,
} from '../../src/firmware/topology.ts';
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

export function topologyYaml(topology: ImportedTopology, title: string, era: string): string {
  const { cpus, controllers, iommus, devices, leftOut } = topology;
  return [
    `# ${comment(title)}, as Linux ${era} reads its firmware.`,
    '# Each comment names the node that a part came from. Vectors of devices are assumed.',
    ...leftOut.map(({ path, why }) => comment(`# left out: ${path}: ${why}`)),
    `cpus: ${cpus}`,
    ...section('msi-controllers', controllers.flatMap(controllerLines)),
    ...section('iommus', iommus.flatMap(iommuLines)),
    ...section('devices', devices.flatMap(deviceLines)),
    ...(iommus.length === 0
      ? []
      : section('domains', [
          '  vm: { kind: unmanaged, msi-window: sw-msi }',
          '  host: { kind: dma }',
        ])),
    '',
  ].join('\n');
}

const section = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${name}:`, ...lines];

const from = (path: string, assumes?: string): string =>
  comment(`  # ${path}${assumes === undefined ? '' : ` (assumed from hardware: ${assumes})`}`);

function controllerLines(controller: ImportedIts | ImportedGicv2m): string[] {
  const { name, path, assumes } = controller;
  if (controller.kind === 'gicv3-its')
    return [
      from(path, assumes),
      `  ${name}: { kind: gicv3-its, base: ${address(controller.base)}, device-id-bits: ${controller.deviceIdBits} }`,
    ];
  return [
    from(path, assumes),
    `  ${name}:`,
    '    kind: gicv2m',
    '    frames:',
    ...controller.frames.flatMap((frame) => [
      comment(`      # ${frame.path}`),
      `      - { base: ${address(frame.base)}, base-spi: ${frame.baseSpi}, count: ${frame.count} }`,
    ]),
  ];
}

const iommuLines = ({ name, path, assumes, kind, streamIdBits }: ImportedSmmu): string[] => [
  from(path, assumes),
  `  ${name}: { kind: ${kind}, stream-id-bits: ${streamIdBits} }`,
];

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
