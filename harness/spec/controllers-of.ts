/** From the words of an MSI controller to src's: frames, ranges, and that no two claim the same. */
import type { GicV2mFrame, KernelConfig, MsiController } from '../../src/topology/topology.ts';
import type { Reader } from './reader.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

function physical(
  map: DataMap,
  align: number,
  read: Reader,
  kernel: KernelConfig,
  key = 'base',
): number {
  const base = read.address(map, key, align);
  if (kernel.physAddrBits === 32 && base >= 2 ** 32) {
    read.error(
      'DB303',
      map,
      key,
      `${key}: ${String(map[key])} does not fit a phys_addr_t of 32 bits`,
    );
  }
  return base;
}

export function controllerOf(map: DataMap, read: Reader, kernel: KernelConfig): MsiController {
  const kind = map['kind'] as MsiController['kind'];
  switch (kind) {
    case 'gicv2m':
      return {
        kind: 'gicv2m',
        frames: framesOf(map, read, kernel),
        ...(map['variant'] === undefined
          ? {}
          : { variant: read.word(map, 'variant', ['x-gene', 'ns2', 'graviton'], 'x-gene') }),
      };
    case 'gicv3-mbi':
      return {
        kind: 'gicv3-mbi',
        base: physical(map, 0x1_0000, read, kernel),
        ...(map['alias'] === undefined
          ? {}
          : { alias: physical(map, 4096, read, kernel, 'alias') }),
        ranges: (map['ranges'] as Data[]).map((range) => rangeOf(range as DataMap, read)),
      };
    case 'in-bridge':
      return {
        kind: 'in-bridge',
        base: physical(map, 4, read, kernel),
        messages: read.number(map, 'messages', 1, 256, 32),
      };
    case 'riscv-imsic':
      return {
        kind: 'riscv-imsic',
        base: physical(map, 4096, read, kernel),
        stride: strideOf(map, read),
        identities: read.number(map, 'identities', 1, 2047, 63),
      };
    case 'gicv3-its':
      return {
        kind: 'gicv3-its',
        base: physical(map, 0x1_0000, read, kernel),
        eventIdBits: read.number(map, 'event-id-bits', 1, 16, 16),
        deviceIdBits: read.number(map, 'device-id-bits', 1, 32, 16),
        ...(map['device-table'] === undefined
          ? {}
          : { deviceTable: read.word(map, 'device-table', ['flat', 'indirect'], 'flat') }),
        lpis: read.number(map, 'lpis', 1, 57_344, 8192),
        ...(map['node'] === undefined ? {} : { node: read.number(map, 'node', 0, 255) }),
        ...(read.flag(map, 'stays-on-node', false) ? { staysOnNode: true } : {}),
        ...(map['virtual'] === undefined
          ? {}
          : { virtual: read.word(map, 'virtual', ['gicv4', 'gicv4.1'], 'gicv4') }),
        ...(map['pre-its'] === undefined
          ? {}
          : { preIts: physical(map, 0x1_0000, read, kernel, 'pre-its') }),
      };
    case 'percpu-doorbell':
      return {
        kind: 'percpu-doorbell',
        base: physical(map, 4096, read, kernel),
        stride: strideOf(map, read),
        identities: read.number(map, 'identities', 1, 2047, 63),
        affinityReturns: read.word(
          map,
          'affinity-returns',
          ['IRQ_SET_MASK_OK', 'IRQ_SET_MASK_OK_DONE'],
          'IRQ_SET_MASK_OK',
        ),
      };
  }
}

function strideOf(map: DataMap, read: Reader): number {
  const stride = read.number(map, 'stride', 4096, 2 ** 30, 4096);
  if (stride % 4096 !== 0) read.error('DB304', map, 'stride', 'stride: not a multiple of 4K');
  return stride;
}

function framesOf(map: DataMap, read: Reader, kernel: KernelConfig): GicV2mFrame[] {
  const list = map['frames'];
  const short = ['base', 'base-spi', 'count'].filter((key) => map[key] !== undefined);
  if (Array.isArray(list)) {
    if (short.length > 0)
      read.error('DB306', map, short[0], `${short[0]} and frames exclude each other`);
    return list.map((frame) => frameOf(frame as DataMap, read, kernel));
  }
  const missing = ['base', 'base-spi', 'count'].filter((key) => map[key] === undefined);
  if (missing.length > 0) {
    read.error('DB202', map, undefined, `a gicv2m needs ${missing.join(', ')}, or frames`);
    return [];
  }
  return [frameOf(map, read, kernel)];
}

function frameOf(map: DataMap, read: Reader, kernel: KernelConfig): GicV2mFrame {
  return { base: physical(map, 4096, read, kernel), ...rangeOf(map, read) };
}

function rangeOf(map: DataMap, read: Reader): { baseSpi: number; count: number } {
  const baseSpi = read.number(map, 'base-spi', 32, 1019);
  const count = read.number(map, 'count', 1, 988);
  // irq-gic-v2m.c, is_msi_spi_valid: base + count <= 1019.
  if (baseSpi + count > 1020)
    read.error('DB303', map, 'count', `SPIs ${baseSpi} to ${baseSpi + count - 1} reach past 1019`);
  return { baseSpi, count };
}

/** Doorbell pages and SPI ranges belong to one frame each. */
export function checkOverlaps(
  maps: DataMap,
  controllers: Readonly<Record<string, MsiController>>,
  cpus: number,
  read: Reader,
): void {
  const pages: { name: string; from: number; to: number }[] = [];
  const spis: { name: string; from: number; to: number }[] = [];
  const claim = (
    list: typeof pages,
    name: string,
    from: number,
    to: number,
    what: string,
  ): void => {
    const other = list.find((range) => range.from < to && from < range.to);
    if (other)
      read.report.error(
        'DB305',
        placeOf(maps, name, 'key'),
        `${what} of "${name}" overlap those of "${other.name}"`,
      );
    list.push({ name, from, to });
  };
  for (const [name, controller] of Object.entries(controllers)) {
    switch (controller.kind) {
      case 'gicv2m':
        for (const frame of controller.frames) {
          claim(pages, name, frame.base, frame.base + frameSize(controller.variant), 'pages');
          claim(spis, name, frame.baseSpi, frame.baseSpi + frame.count, 'SPIs');
        }
        break;
      case 'gicv3-its':
        claim(pages, name, controller.base, controller.base + 0x2_0000, 'pages');
        if (controller.preIts !== undefined) {
          const end = controller.preIts + 4 * 2 ** controller.deviceIdBits;
          claim(pages, name, controller.preIts, end, 'pages');
        }
        break;
      case 'gicv3-mbi':
        claim(pages, name, controller.base, controller.base + 0x1_0000, 'pages');
        if (controller.alias !== undefined)
          claim(pages, name, controller.alias, controller.alias + 0x1_0000, 'pages');
        for (const range of controller.ranges)
          claim(spis, name, range.baseSpi, range.baseSpi + range.count, 'SPIs');
        break;
      // What a bridge takes is no address behind it: RAM or a device may be there.
      case 'in-bridge':
        break;
      case 'riscv-imsic':
      case 'percpu-doorbell':
        claim(pages, name, controller.base, controller.base + cpus * controller.stride, 'pages');
    }
  }
}

const frameSize = (variant: string | undefined): number =>
  variant === 'graviton' ? 0x2000 : 0x1000;
