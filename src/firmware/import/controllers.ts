/** MSI controllers of a firmware as parts of the model. */
import type { ControllerNode } from '../explanation.ts';
import { bitsFor, type Ids } from './ids.ts';
import type {
  ImportedController,
  ImportedFrame,
  ImportedGicv2m,
  ImportedInBridge,
  ImportedIts,
  ImportedMbi,
  LeftOut,
  Names,
} from './parts.ts';

/** GITS_TRANSLATER, GICD_SETSPI_NSR. */
const TRANSLATER = 0x1_0040n;
const SETSPI = 0x40n;
const PAGE_64K = 0x1_0000n;

export function controllersOf(
  nodes: readonly ControllerNode[],
  names: Names,
  ids: Ids,
  leftOut: LeftOut,
): ImportedController[] {
  const found: ImportedController[] = [];
  const frames: ControllerNode[] = [];
  for (const node of nodes) {
    const { path, kind, unused, name } = node;
    if (kind === 'gicv2m' && (unused === undefined || unused === 'not-first-frame')) {
      frames.push(node);
      continue;
    }
    const part =
      unused !== undefined
        ? `Linux does not use it (${unused})`
        : kind === 'gicv3-its'
          ? itsOf(node, names, ids)
          : kind === 'gicv3-mbi'
            ? mbiOf(node, names)
            : kind === 'in-bridge'
              ? inBridgeOf(node, names)
              : `the model has no ${name === '' ? kind : name}`;
    if (typeof part === 'string') leftOut.add(path, part);
    else found.push(part);
  }
  const gicv2m = gicv2mOf(frames, names, leftOut);
  return gicv2m === undefined ? found : [...found, gicv2m];
}

function itsOf(
  { path, base, doorbell, deviceIdBits }: ControllerNode,
  names: Names,
  ids: Ids,
): ImportedIts | string {
  if (base === undefined || doorbell === undefined) return 'its registers are not known';
  if (base % PAGE_64K !== 0n) return 'the model has no ITS that is not at a multiple of 64K';
  const preIts = doorbell === base + TRANSLATER ? undefined : doorbell;
  if (preIts !== undefined && preIts % PAGE_64K !== 0n)
    return 'the model has no pre-ITS that is not at a multiple of 64K';
  return {
    kind: 'gicv3-its',
    name: names.for(path),
    path,
    base,
    deviceIdBits: deviceIdBits ?? Math.max(16, bitsFor(ids.get(path) ?? 0)),
    ...(preIts === undefined ? {} : { preIts }),
    assumes: `GITS_TYPER: ${deviceIdBits === undefined ? 'DeviceID and ' : ''}EventID bits`,
  };
}

function mbiOf(
  { path, base, doorbell, spis = [] }: ControllerNode,
  names: Names,
): ImportedMbi | string {
  if (base === undefined || doorbell === undefined || base % PAGE_64K !== 0n)
    return 'its registers are none that the model takes';
  const alias = doorbell - SETSPI;
  if (spis.length === 0 || spis.length > 16 || !spis.every(isRange) || alias % 4096n !== 0n)
    return 'its SPIs are none that the model takes';
  return {
    kind: 'gicv3-mbi',
    name: names.for(path),
    path,
    base,
    ...(alias === base ? {} : { alias }),
    ranges: spis,
  };
}

/**
 * The address is its driver's choice (a page of memory for DesignWare cores, a register of the
 * bridge for MediaTek's and Xilinx's): here the bridge's own, which no other part has.
 */
function inBridgeOf({ path, base }: ControllerNode, names: Names): ImportedInBridge {
  return {
    kind: 'in-bridge',
    name: names.for(`${path}-msi`),
    path,
    base: base === undefined ? SOMEWHERE : base & ~0xfffn,
    assumes: "the address, which is the driver's choice, and 32 messages",
  };
}

/** Below 4G, as devices with 32-bit addresses need it. */
const SOMEWHERE = 0xffff_f000n;

const isRange = ([first, count]: readonly [number, number]): boolean =>
  first >= 32 && count >= 1 && first + count <= 1020;

/** One controller: Linux makes one MSI domain of all frames. */
function gicv2mOf(
  nodes: readonly ControllerNode[],
  names: Names,
  leftOut: LeftOut,
): ImportedGicv2m | undefined {
  const frames: ImportedFrame[] = [];
  let assumed = false;
  // QEMU's range, for frames that say it in MSI_TYPER alone.
  let next = 80;
  for (const { path, base, spis } of nodes) {
    const [baseSpi, count] = spis?.[0] ?? [next, 64];
    if (base === undefined || base % 4096n !== 0n || !isRange([baseSpi, count])) {
      leftOut.add(path, 'its page or its SPIs are none that the model takes');
      continue;
    }
    assumed ||= spis?.[0] === undefined;
    next = Math.max(next, baseSpi + count);
    frames.push({ path, base, baseSpi, count });
  }
  const first = frames[0];
  if (first === undefined) return undefined;
  return {
    kind: 'gicv2m',
    name: names.for(first.path),
    path: first.path,
    frames,
    ...(assumed ? { assumes: 'MSI_TYPER: the SPIs of a frame' } : {}),
  };
}
