/**
 * A GICv2m frame with fewer SPIs than QEMU gives it. virt sets its number and its first SPI itself
 * (create_v2m), whatever -global says; but Linux believes the device tree before MSI_TYPER
 * (arm,msi-base-spi and arm,msi-num-spis, gicv2m_of_init). So QEMU writes the tree that it would
 * use, the two properties are added, and it is given back with -dtb.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFdt } from '../../../../src/firmware/fdt/read-fdt.ts';
import type { DtNode } from '../../../../src/firmware/fdt/tree.ts';
import { type SourceNode, writeFdt } from '../../../../src/firmware/fdt/write-fdt.ts';
import { runToEnd } from '../processes.ts';
import type { SpiRange } from './machine.ts';

const FRAME = 'arm,gic-v2m-frame';
const SECONDS = 30;

/** `machine`: QEMU's words that decide the tree, -machine's value first of all. */
export async function writeTree(
  program: string,
  machine: readonly [value: string, ...others: string[]],
  spis: SpiRange,
  to: string,
): Promise<void> {
  const [value, ...others] = machine;
  const args = ['-machine', `${value},dumpdtb=${to.replaceAll(',', ',,')}`, ...others];
  const { code, stderr } = await runToEnd(program, args, { seconds: SECONDS });
  if (code !== 0) throw new Error(`QEMU wrote no device tree: ${stderr.trim()}`);
  writeFileSync(to, withFrame(readFileSync(to), spis));
}

export function withFrame(bytes: Uint8Array, spis: SpiRange): Uint8Array {
  const { tree, diagnostics } = readFdt(bytes);
  if (tree === undefined) throw new Error(`QEMU's device tree: ${diagnostics[0]?.message}`);
  if (!tree.nodes.some(isFrame)) throw new Error("QEMU's device tree has no GICv2m frame");
  return writeFdt(copyOf(tree.root, spis), { reservations: tree.reservations });
}

const isFrame = (node: DtNode): boolean => node.strings('compatible').includes(FRAME);

const copyOf = (node: DtNode, spis: SpiRange): SourceNode => ({
  name: node.name,
  properties: [
    ...node.propertyNames.map((name) => [name, node.value(name) as Uint8Array] as const),
    ...(isFrame(node)
      ? ([
          ['arm,msi-base-spi', cell(spis.base)],
          ['arm,msi-num-spis', cell(spis.count)],
        ] as const)
      : []),
  ],
  children: node.children.map((child) => copyOf(child, spis)),
});

function cell(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
