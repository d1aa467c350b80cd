/**
 * Writes a flattened device tree, version 17 or 16: for trees that come as folders (a live
 * system's), and for tests that need a tree which no compiler would write.
 */
import { FDT_MAGIC } from './read-fdt.ts';

export interface SourceNode {
  /** With the unit address; the root's is empty. */
  readonly name: string;
  readonly properties: readonly (readonly [name: string, value: Uint8Array])[];
  readonly children: readonly SourceNode[];
}

export interface WriteOptions {
  readonly version?: 16 | 17;
  readonly reservations?: readonly (readonly [address: bigint, size: bigint])[];
}

export function writeFdt(
  root: SourceNode,
  { version = 17, reservations = [] }: WriteOptions = {},
): Uint8Array {
  const strings = new Strings();
  const structure: Uint8Array[] = [];
  writeNode(root, strings, structure);
  structure.push(words([9]));
  const reserved = [...reservations, [0n, 0n] as const].flatMap(([address, size]) => [
    Number(address >> 32n),
    Number(address & 0xffff_ffffn),
    Number(size >> 32n),
    Number(size & 0xffff_ffffn),
  ]);
  const body = joined(structure);
  const names = strings.bytes();
  const offReserved = 40;
  const offStructure = offReserved + reserved.length * 4;
  const offStrings = offStructure + body.length;
  const header = words([
    FDT_MAGIC,
    offStrings + names.length,
    offStructure,
    offStrings,
    offReserved,
    version,
    16,
    0,
    names.length,
    version === 17 ? body.length : 0,
  ]);
  return joined([header, words(reserved), body, names]);
}

function writeNode(node: SourceNode, strings: Strings, out: Uint8Array[]): void {
  out.push(words([1]), padded(text(node.name)));
  for (const [name, value] of node.properties)
    out.push(words([3, value.length, strings.offsetOf(name)]), padded(value));
  for (const child of node.children) writeNode(child, strings, out);
  out.push(words([2]));
}

class Strings {
  readonly #offsets = new Map<string, number>();
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#length;
    const part = text(name);
    this.#offsets.set(name, offset);
    this.#parts.push(part);
    this.#length += part.length;
    return offset;
  }

  bytes(): Uint8Array {
    return joined(this.#parts);
  }
}

/** Latin-1 with its NUL. */
export const text = (value: string): Uint8Array =>
  Uint8Array.from([...value, '\0'].map((char) => char.charCodeAt(0)));

export const words = (values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value));
  return bytes;
};

function padded(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((value.length + 3) & ~3);
  bytes.set(value);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
