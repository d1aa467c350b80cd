/**
 * The interconnect behind the SMMU: which frame claims a physical address, and what a write there
 * does. An address that no frame claims is taken as memory: the write lands, nobody is told.
 */
import type { GicV2mFrameBlock } from './gic/gicv2m.ts';
import { GITS_TRANSLATER, type Its } from './gic/its.ts';
import { ITS_MISS } from './gic/its-tables.ts';
import { CLRSPI_NSR, GICD_FRAME_SIZE, type MbiFrame, SETSPI_NSR } from './gic/mbi.ts';
import type { PercpuDoorbells } from './msi/percpu-doorbell.ts';

/** Where a write ended. Everything from `memory` on is an MSI that raised nothing. */
export const ARRIVAL = {
  raised: 0,
  memory: 1,
  wrongOffset: 2,
  spiOutOfFrame: 3,
  deviceUnmapped: 4,
  eventOutOfRange: 5,
  eventUnmapped: 6,
  collectionUnmapped: 7,
  identityUnknown: 8,
  spiUnknown: 9,
  vpeUnmapped: 10,
  messageUnknown: 11,
} as const;

export const ARRIVAL_TEXT: Readonly<Record<number, string>> = {
  [ARRIVAL.memory]: 'written to memory: no doorbell is at that physical address',
  [ARRIVAL.wrongOffset]: 'in a doorbell page, but not at the doorbell register',
  [ARRIVAL.spiOutOfFrame]: 'the data is not an SPI of that GICv2m frame',
  [ARRIVAL.deviceUnmapped]: 'the ITS has no ITT for the DeviceID (no MAPD)',
  [ARRIVAL.eventOutOfRange]: 'the EventID lies outside the ITT of the DeviceID',
  [ARRIVAL.eventUnmapped]: 'the EventID has no translation (no MAPTI, or DISCARD)',
  [ARRIVAL.collectionUnmapped]: 'the collection has no redistributor (no MAPC)',
  [ARRIVAL.identityUnknown]: 'the data is not an identity of that CPU',
  [ARRIVAL.vpeUnmapped]: 'the vPE has no redistributor (no VMAPP)',
  [ARRIVAL.messageUnknown]: 'the host bridge has no message of that number',
  [ARRIVAL.spiUnknown]: 'the data is no SPI that any controller here has',
};

export type Frame =
  | {
      readonly kind: 'gicv2m';
      readonly base: number;
      readonly size: number;
      readonly block: GicV2mFrameBlock;
    }
  | { readonly kind: 'its'; readonly base: number; readonly size: number; readonly block: Its }
  | { readonly kind: 'pre-its'; readonly base: number; readonly size: number; readonly block: Its }
  | { readonly kind: 'mbi'; readonly base: number; readonly size: number; readonly block: MbiFrame }
  | {
      readonly kind: 'percpu';
      readonly base: number;
      readonly size: number;
      readonly block: PercpuDoorbells;
    };

const ITS_FRAME_SIZE = 0x1_0000;
const ITS_MISS_ARRIVAL: Readonly<Record<number, number>> = {
  [ITS_MISS.deviceUnmapped]: ARRIVAL.deviceUnmapped,
  [ITS_MISS.eventOutOfRange]: ARRIVAL.eventOutOfRange,
  [ITS_MISS.eventUnmapped]: ARRIVAL.eventUnmapped,
  [ITS_MISS.collectionUnmapped]: ARRIVAL.collectionUnmapped,
  [ITS_MISS.vpeUnmapped]: ARRIVAL.vpeUnmapped,
};

/**
 * The DeviceID that an ITS sees: out of band, or (Synquacer) made by the pre-ITS from the address
 * alone.
 */
export function deviceAt(
  frame: { readonly kind: string; readonly base: number; readonly block: Its },
  pa: number,
  deviceId: number,
): number {
  if (frame.kind === 'pre-its') return (pa - frame.base) / 4;
  return frame.block.preIts === undefined ? deviceId : 0;
}

function translated(its: Its, deviceId: number, eventId: number): number {
  const lpi = its.translate(deviceId, eventId);
  return lpi >= 0 ? ARRIVAL.raised : (ITS_MISS_ARRIVAL[lpi] ?? ARRIVAL.memory);
}

export class Bus {
  readonly frames: readonly Frame[];

  constructor(
    v2m: readonly GicV2mFrameBlock[],
    its: readonly Its[],
    percpu: readonly PercpuDoorbells[],
    mbi: readonly MbiFrame[] = [],
  ) {
    this.frames = [
      ...v2m.map((block) => ({
        kind: 'gicv2m' as const,
        base: block.base,
        size: block.size,
        block,
      })),
      ...its.map((block) => ({
        kind: 'its' as const,
        base: block.base + (GITS_TRANSLATER & ~(ITS_FRAME_SIZE - 1)),
        size: ITS_FRAME_SIZE,
        block,
      })),
      ...its.flatMap((block) =>
        block.preIts === undefined
          ? []
          : [
              {
                kind: 'pre-its' as const,
                base: block.preIts,
                size: 4 * 2 ** block.deviceIdBits,
                block,
              },
            ],
      ),
      ...mbi.map((block) => ({
        kind: 'mbi' as const,
        base: block.base,
        size: GICD_FRAME_SIZE,
        block,
      })),
      ...percpu.map((block) => ({
        kind: 'percpu' as const,
        base: block.base,
        size: block.stride * block.cpus,
        block,
      })),
    ];
  }

  frameAt(pa: number): Frame | undefined {
    for (const frame of this.frames)
      if (pa >= frame.base && pa < frame.base + frame.size) return frame;
    return undefined;
  }

  /** What a write would do, without doing it: one of ARRIVAL. */
  decode(pa: number, data: number, deviceId: number): number {
    const frame = this.frameAt(pa);
    if (frame === undefined) return ARRIVAL.memory;
    switch (frame.kind) {
      case 'gicv2m': {
        const spi = frame.block.spiOf(pa - frame.base, data);
        if (spi < 0) return ARRIVAL.wrongOffset;
        return frame.block.accepts(spi) ? ARRIVAL.raised : ARRIVAL.spiOutOfFrame;
      }
      case 'its': {
        if (pa - frame.block.base !== GITS_TRANSLATER) return ARRIVAL.wrongOffset;
        return translated(frame.block, deviceAt(frame, pa, deviceId), data);
      }
      case 'pre-its':
        if ((pa - frame.base) % 4 !== 0) return ARRIVAL.wrongOffset;
        return translated(frame.block, deviceAt(frame, pa, deviceId), data);
      case 'mbi': {
        const offset = pa - frame.base;
        if (offset !== SETSPI_NSR && offset !== CLRSPI_NSR) return ARRIVAL.wrongOffset;
        return frame.block.accepts(data) ? ARRIVAL.raised : ARRIVAL.spiUnknown;
      }
      case 'percpu': {
        if ((pa - frame.base) % frame.block.stride !== frame.block.register)
          return ARRIVAL.wrongOffset;
        return frame.block.has(data) ? ARRIVAL.raised : ARRIVAL.identityUnknown;
      }
    }
  }

  /** A write by a device. Returns one of ARRIVAL. */
  write(pa: number, data: number, deviceId: number): number {
    const arrival = this.decode(pa, data, deviceId);
    if (arrival !== ARRIVAL.raised) return arrival;
    const frame = this.frameAt(pa);
    switch (frame?.kind) {
      case 'gicv2m':
        frame.block.write(frame.block.spiOf(pa - frame.base, data));
        break;
      case 'its':
      case 'pre-its':
        frame.block.write(deviceAt(frame, pa, deviceId), data);
        break;
      case 'mbi':
        frame.block.write(pa - frame.base, data);
        break;
      case 'percpu':
        frame.block.raise(frame.block.cpuOf(pa), data);
        break;
      case undefined:
        break;
    }
    return arrival;
  }
}
