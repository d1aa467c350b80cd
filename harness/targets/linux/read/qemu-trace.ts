/**
 * QEMU's trace events (hw/intc/trace-events, hw/arm/trace-events of 7.2): the hardware's side.
 * Printed with or without `pid@time:` in front, which is the default of the `log` backend.
 */
import type { Command } from '../../../../src/observation.ts';

export type HardwareEvent =
  | { readonly kind: 'command'; readonly command: Omit<Command, 'unit'> }
  | {
      readonly kind: 'translation';
      readonly streamId: number;
      readonly iova: bigint;
      readonly pa: bigint;
      /** IOMMUAccessFlags of the entry: 1 read, 2 write. */
      readonly perm: number;
    }
  | { readonly kind: 'bypass'; readonly streamId: number; readonly address: bigint }
  | { readonly kind: 'abort'; readonly streamId: number; readonly address: bigint }
  /** smmuv3_record_event: the address is in the event queue alone. */
  | { readonly kind: 'fault'; readonly name: string; readonly streamId: number }
  /** GITS_TRANSLATER was written. */
  | { readonly kind: 'msi'; readonly deviceId: number; readonly eventId: number };

const PREFIX = /^(?:\d+@\d+\.\d+:)?(\w+) (.*)$/;

/** Undefined for an event that is none of ours. */
export function parseHardwareEvent(line: string): HardwareEvent | undefined {
  const match = PREFIX.exec(line.trim());
  if (match === null) return undefined;
  const [, name = '', rest = ''] = match;
  if (name.startsWith('gicv3_its_cmd_')) return command(rest, line);
  return READERS[name]?.(rest, line);
}

const READERS: Readonly<Record<string, (rest: string, line: string) => HardwareEvent>> = {
  smmuv3_translate_success: (rest, line) => ({
    kind: 'translation',
    streamId: number(rest, 'sid', line),
    iova: wide(rest, 'iova', line),
    pa: wide(rest, 'translated', line),
    perm: number(rest, 'perm', line),
  }),
  smmuv3_translate_bypass: (rest, line) => ({
    kind: 'bypass',
    streamId: number(rest, 'sid', line),
    address: wide(rest, '(?:addr|iova)', line),
  }),
  smmuv3_translate_abort: (rest, line) => ({
    kind: 'abort',
    streamId: number(rest, 'sid', line),
    address: wide(rest, '(?:addr|iova)', line),
  }),
  smmuv3_record_event: (rest, line) => ({
    kind: 'fault',
    // SMMU_EVT_F_TRANSLATION in some versions.
    name: (rest.split(' ')[0] ?? '').replace(/^SMMU_EVT_/, ''),
    streamId: number(rest, 'sid', line),
  }),
  gicv3_its_translation_write: (rest, line) => ({
    kind: 'msi',
    deviceId: number(rest, 'requester_id', line),
    eventId: number(rest, 'data', line),
  }),
};

/**
 * QEMU's names of the fields -> those of an observation. Addresses of tables are of no interest.
 */
const FIELDS: Readonly<Record<string, string>> = {
  DeviceID: 'deviceId',
  EventID: 'eventId',
  ICID: 'icid',
  pINTID: 'intid',
  Size: 'size',
  RDbase: 'rd',
};

/** QEMU executes SYNC and INVALL without looking at what they are about, and does not trace it. */
const UNTRACED: Readonly<Record<string, readonly string[]>> = { SYNC: ['rd'], INVALL: ['icid'] };

/** `GICv3 ITS: command MAPTI DeviceID 0x20 EventID 0x0 ICID 0x0 pINTID 0x2000`. */
function command(rest: string, line: string): HardwareEvent {
  const match = /command (\w+)\s*(.*)$/.exec(rest);
  if (match === null) throw new Error(`a QEMU trace line that does not parse: ${line}`);
  const [, name = '', text = ''] = match;
  const fields: Record<string, number | boolean> = {};
  for (const [, field = '', value] of text.matchAll(/(\w+) (0x[0-9a-f]+|\d+)/gi)) {
    const known = FIELDS[field];
    if (known !== undefined) fields[known] = Number(value);
    else if (field === 'V') fields['valid'] = Number(value) === 1;
  }
  const unseen = UNTRACED[name];
  return { kind: 'command', command: { name, fields, ...(unseen ? { unseen } : {}) } };
}

const wide = (rest: string, name: string, line: string): bigint => BigInt(text(rest, name, line));
const number = (rest: string, name: string, line: string): number => Number(text(rest, name, line));

function text(rest: string, name: string, line: string): string {
  const found = new RegExp(`(?:^|\\s)${name}[=: ]\\s*(0x[0-9a-f]+|\\d+)`).exec(rest)?.[1];
  if (found === undefined) throw new Error(`a QEMU trace line without ${name}: ${line}`);
  return found;
}
