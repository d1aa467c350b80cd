/** Examples of what can be wrong with firmware (DB61x device trees, DB65x ACPI tables). */
import { type SourceNode, text, words, writeFdt } from '../../src/firmware/fdt/write-fdt.ts';
import type { FirmwareCode } from '../firmware/codes.ts';
import type { Example } from './example.ts';

const node = (name: string, children: readonly SourceNode[] = []): SourceNode => ({
  name,
  properties: [['compatible', text('none')]],
  children,
});

const board = writeFdt(node('', [node('soc')]));

/** `board` with other words (of 32 bits, big endian) at byte offsets of its header or structure. */
function changed(changes: Readonly<Record<number, number>>, bytes = board): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [at, word] of Object.entries(changes)) copy.set(words([word]), Number(at));
  return copy;
}

/** Offset of the structure, which the header says at 8. */
const structure = new DataView(board.buffer, board.byteOffset).getUint32(8);

/** A node's property behind its child: the two are written as a node, and its end is moved. */
function propertyLast(): Uint8Array {
  const tokens = words([1, 0, 1, 0x61000000, 2, 3, 0, 0, 2, 9]);
  const header = words([
    0xd00dfeed,
    40 + 16 + tokens.length + 2,
    40 + 16,
    40 + 16 + tokens.length,
    40,
    17,
    16,
    0,
    2,
    tokens.length,
  ]);
  return Uint8Array.from([...header, ...new Uint8Array(16), ...tokens, 0x78, 0]);
}

const deep = (levels: number): SourceNode =>
  levels === 0 ? node('end') : node('a', [deep(levels - 1)]);

/** An ACPI table of this body, with a right checksum and length unless they are given. */
function table(
  signature: string,
  body: readonly number[],
  wrong: { readonly length?: number; readonly checksum?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(36 + body.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) bytes[i] = signature.charCodeAt(i);
  view.setUint32(4, wrong.length ?? bytes.length, true);
  bytes[8] = 5;
  for (let i = 10; i < 24; i++) bytes[i] = 0x20;
  bytes.set(body, 36);
  const sum = bytes.reduce((a, b) => a + b, 0);
  bytes[9] = wrong.checksum ?? -sum & 0xff;
  return bytes;
}

/** The 8 bytes of a MADT before its entries. */
const MADT = [0, 0, 0, 0, 0, 0, 0, 0];
const le32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** An IORT of one ITS group, whose node says that it has this many mappings, at this offset. */
const iort = (nodes: number, mappings = 0, at = 0): number[] => [
  ...[...le32(nodes), ...le32(48), ...le32(0)],
  // type, length, revision, identifier, mappings and their offset; then one ITS, number 0
  ...[0, 24, 0, 1, ...le32(0), ...le32(mappings), ...le32(at), ...le32(1), ...le32(0)],
];

const tree = (bytes: Uint8Array, note: string, command = 'doorbell check board.dtb'): Example => ({
  note: `board.dtb: ${note}`,
  files: { 'board.dtb': bytes },
  command,
});

const acpi = (files: Readonly<Record<string, string | Uint8Array>>, note: string): Example => ({
  note: `tables/: ${note}`,
  files: Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`tables/${name}`, bytes]),
  ),
  command: 'doorbell check tables',
});

export const FIRMWARE_EXAMPLES: Readonly<Record<FirmwareCode, Example>> = {
  DB610: tree(board.subarray(0, 10), 'the first 10 bytes of a tree'),
  DB611: tree(changed({ 20: 3 }), 'a tree that says it has version 3'),
  DB612: tree(board.subarray(0, board.length - 8), 'a tree whose last 8 bytes were not copied'),
  DB613: tree(changed({ [structure]: 7 }), 'a tree whose structure begins with the token 7'),
  DB614: tree(
    writeFdt(node('', [node('fragment@0', [node('__overlay__')])])),
    'what dtc makes of a source that begins with /plugin/;',
  ),
  DB615: tree(writeFdt(node('', [deep(100)])), 'nodes nested 100 levels deep'),
  DB616: tree(propertyLast(), 'a property that comes after a child of its node'),
  DB617: { files: { 'notes.txt': 'none' }, command: 'doorbell check notes.txt' },
  DB618: tree(
    board,
    'a board without PCI',
    'doorbell explain board.dtb --device /soc/pcie@40000000',
  ),
  DB619: {
    note: 'an imported topology',
    files: {
      'board.yaml': `origin:
  firmware: device-tree
  era: "6.12"
  left-out:
    /smmuv3@9050000: "Linux does not use it (disabled)"
cpus: 4
`,
    },
    command: 'doorbell explain board.yaml',
  },
  DB650: acpi({ IORT: 'IORT' }, 'a file of the four letters IORT'),
  DB651: acpi(
    { IORT: table('IORT', iort(1), { length: 400 }) },
    'an IORT that says it has 400 bytes',
  ),
  DB652: acpi({ IORT: table('IORT', iort(1), { checksum: 0 }) }, 'an IORT whose checksum is 0'),
  DB653: acpi({ IORT: table('IORT', iort(2)) }, 'an IORT that says it has two nodes, and has one'),
  DB654: acpi(
    { IORT: table('IORT', iort(1, 1, 400)) },
    'a node whose mapping is 400 bytes on, outside the table',
  ),
  DB656: acpi(
    { APIC: table('APIC', [...MADT, 0x1c, 8, ...le32(0), 0, 0]), IORT: table('IORT', iort(1)) },
    'a MADT with an entry of a GICv5',
  ),
  DB657: acpi({ IORT: table('IORT', iort(1)) }, 'an IORT alone'),
  DB658: {
    note: 'the second line of a table is missing',
    files: {
      'acpidump.txt': `IORT @ 0x0000000000000000
    0000: 49 4F 52 54 30 00 00 00 05 00 20 20 20 20 20 20  IORT0.....
    0020: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ..........
`,
    },
    command: 'doorbell check acpidump.txt',
  },
  DB659: acpi(
    { IORT: table('IORT', iort(1)), IORT2: table('IORT', iort(1)) },
    'two files with a table IORT',
  ),
};
