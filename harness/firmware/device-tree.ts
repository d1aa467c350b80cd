/** Device trees as firmware: a flattened one in a file, or a live one as a folder. */
import { statSync } from 'node:fs';
import { u32 } from '../../src/firmware/fdt/bytes.ts';
import { explainTree, requesterOf } from '../../src/firmware/fdt/explain.ts';
import { treeFindings } from '../../src/firmware/fdt/findings.ts';
import { FDT_MAGIC, readFdt } from '../../src/firmware/fdt/read-fdt.ts';
import type { Firmware, FirmwareFormat } from './firmware.ts';
import { flattenLiveTree, isLiveTree } from './live-tree.ts';
import { readBytes } from './read-bytes.ts';

export const DEVICE_TREE: FirmwareFormat = {
  recognises: (path) => {
    if (isFolder(path)) return isLiveTree(path);
    const bytes = readBytes(path);
    return typeof bytes !== 'string' && bytes.length >= 4 && u32(bytes, 0) === FDT_MAGIC;
  },
  open: (path) => {
    const bytes = isFolder(path) ? flattenLiveTree(path) : readBytes(path);
    if (typeof bytes === 'string')
      return unreadable({ code: 'DB601', severity: 'error', message: bytes });
    return deviceTree(bytes);
  },
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Not there, or not ours to look at: reading it says why.
    return false;
  }
}

/** @param bytes A flattened device tree. */
export function deviceTree(bytes: Uint8Array): Firmware {
  const { tree, diagnostics } = readFdt(bytes);
  if (tree === undefined) return { ...unreadable(), diagnostics };
  return {
    diagnostics,
    explain: (options) => explainTree(tree, options, diagnostics),
    check: (era) => treeFindings(tree, era),
    requesterOf: (path) => requesterOf(tree, path),
  };
}

function unreadable(...diagnostics: Firmware['diagnostics']): Firmware {
  const refuse = (): never => {
    throw new Error('firmware that could not be read was asked about');
  };
  return { diagnostics, explain: refuse, check: refuse };
}
