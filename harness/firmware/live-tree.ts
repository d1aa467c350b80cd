/**
 * A tree as folders and files: /sys/firmware/devicetree/base, or a copy of it. It becomes a
 * flattened tree, so that there is one reader.
 *
 * The file system does not tell the order of nodes; they are taken by name, with unit addresses in
 * order of number. Where the order counts (the first of several GICv2m frames) /sys/firmware/fdt
 * says more.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFdt, type SourceNode } from '../../src/firmware/fdt/write-fdt.ts';
import { readBytes } from './read-bytes.ts';

const MAX_DEPTH = 64;
const MAX_ENTRIES = 1_000_000;
const MAX_PROPERTY = 1 << 20;

export function isLiveTree(path: string): boolean {
  const names = ['#address-cells', 'compatible', 'model'];
  return names.some((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isFile());
}

/** @returns The tree as a flattened one, or a sentence that says what cannot be read. */
export function flattenLiveTree(path: string): Uint8Array | string {
  let left = MAX_ENTRIES;
  const read = (folder: string, name: string, depth: number): SourceNode | string => {
    if (depth > MAX_DEPTH) return `${folder} is nested deeper than ${MAX_DEPTH}`;
    const properties: [string, Uint8Array][] = [];
    const children: SourceNode[] = [];
    const entries = readdirSync(folder, { withFileTypes: true });
    left -= entries.length;
    if (left < 0) return `more than ${MAX_ENTRIES} files`;
    for (const entry of entries.sort((a, b) => byUnit(a.name, b.name))) {
      const inner = join(folder, entry.name);
      if (entry.isDirectory()) {
        const child = read(inner, entry.name, depth + 1);
        if (typeof child === 'string') return child;
        children.push(child);
      } else if (entry.isFile() && entry.name !== 'name') {
        const value = readBytes(inner, MAX_PROPERTY);
        if (typeof value === 'string') return `${inner}: ${value}`;
        properties.push([entry.name, value]);
      }
    }
    return { name, properties, children };
  };
  try {
    const root = read(path, '', 1);
    return typeof root === 'string' ? root : writeFdt(root);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function byUnit(a: string, b: string): number {
  const [unitA, unitB] = [unitOf(a), unitOf(b)];
  if (unitA !== undefined && unitB !== undefined && unitA !== unitB) return unitA < unitB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function unitOf(name: string): bigint | undefined {
  const hex = /@([0-9a-f]{1,16})/.exec(name)?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}
