/**
 * Event records in words and in the types of observation.ts. The only reader of the records' layout
 * beside those who write them.
 */
import { EVENT } from '../events/event-log.ts';
import { ARRIVAL_TEXT } from '../hardware/bus.ts';
import { LOST } from '../hardware/fabric.ts';
import { ITS_COMMAND } from '../hardware/gic/its.ts';
import { SMMU_COMMAND } from '../hardware/smmu/commands.ts';
import { PROT } from '../hardware/smmu/page-table.ts';
import { faultName } from '../hardware/smmu/smmu.ts';
import { stepNames } from '../kernel/procedure.ts';
import type { Command, TraceEvent } from '../observation.ts';
import type { Resolved } from '../topology/resolve.ts';

const OPCODE_NAMES = new Map<number, string>(
  Object.entries(ITS_COMMAND).map(([name, opcode]) => [opcode, name]),
);

export const wide = (hi: number, lo: number): bigint =>
  (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** IOMMU_ names joined by |, as in include/linux/iommu.h. */
export function protText(prot: number): string {
  const names = Object.entries(PROT).filter(([, bit]) => (prot & bit) !== 0);
  return names.map(([name]) => name).join('|') || 'none';
}

/** `nic/0` of a machine-wide vector number. */
export function vectorName(topology: Resolved, vector: number): string {
  const device = topology.devices[topology.deviceOfVector[vector] ?? -1];
  return device ? `${device.name}/${vector - device.firstVector}` : 'no vector';
}

/** `guest/0` of a vPE. */
export function vcpuName(topology: Resolved, vpe: number): string {
  const guest = topology.guests[topology.guestOfVpe[vpe] ?? -1];
  return guest ? `${guest.name}/${vpe - guest.firstVpe}` : 'no vCPU';
}

const domainName = (topology: Resolved, index: number): string =>
  topology.domains[index]?.name ?? '?';

export function lossText(reason: number): string {
  if (reason === LOST.disabled) return 'the device may not send: MSI is not enabled';
  if (reason === LOST.aborted) return 'terminated by the SMMU without an event (abort)';
  return ARRIVAL_TEXT[reason] ?? 'lost';
}

/** Operand n of the record at `at`; unsigned where it is an id or half of an address. */
const operand = (w: Int32Array, at: number, n: number): number => w[at + 2 + n] as number;

export function commandOf(topology: Resolved, w: Int32Array, at: number): Command {
  const unit = topology.controllers[operand(w, at, 0)]?.name ?? '?';
  const name = OPCODE_NAMES.get(operand(w, at, 1)) ?? '?';
  const deviceId = operand(w, at, 2) >>> 0;
  const eventId = operand(w, at, 3) >>> 0;
  const x = operand(w, at, 4);
  const y = operand(w, at, 5);
  const error = operand(w, at, 6) !== 0 ? { error: true } : {};
  switch (name) {
    case 'MAPD':
      // MAPD.Size is the number of EventID bits, minus one. IHI 0069H 5.3.11.
      return { unit, name, fields: { deviceId, size: x - 1, valid: y === 1, ...error } };
    case 'MAPC':
      return { unit, name, fields: { icid: y, rd: x, valid: true, ...error } };
    case 'MAPTI':
      return { unit, name, fields: { deviceId, eventId, intid: x, icid: y, ...error } };
    case 'MOVI':
      return { unit, name, fields: { deviceId, eventId, icid: y, ...error } };
    case 'INVALL':
      return { unit, name, fields: { icid: y } };
    case 'SYNC':
      return { unit, name, fields: { rd: y } };
    case 'VMAPTI':
      return { unit, name, fields: { deviceId, eventId, intid: x, vpeId: y, ...error } };
    case 'VMOVI':
      return { unit, name, fields: { deviceId, eventId, vpeId: y, ...error } };
    case 'VMAPP':
      return y === 1
        ? { unit, name, fields: { vpeId: eventId, rd: x, valid: true, ...error } }
        : { unit, name, fields: { vpeId: eventId, valid: false, ...error } };
    case 'VMOVP':
      return { unit, name, fields: { vpeId: eventId, rd: x, ...error } };
    case 'VINVALL':
    case 'VSYNC':
      return { unit, name, fields: { vpeId: eventId, ...error } };
    default:
      return { unit, name, fields: { deviceId, eventId, ...error } };
  }
}

export function commandText({ name, fields }: Command): string {
  const parts = Object.entries(fields).map(([key, value]) =>
    typeof value === 'number' && /Id$|intid/.test(key) ? `${key}=${hex(value)}` : `${key}=${value}`,
  );
  return `${name} ${parts.join(' ')}`.trim();
}

/** Names of SMMU_COMMAND, by generation and stage: IHI 0070 4.3 and 4.4, IHI 0062 2.6.3. */
export const SMMU_NAMES = {
  'smmu-v3': [
    ['CMD_SYNC', 'TLBI_NH_VA', 'TLBI_NH_ASID', 'CFGI_STE'],
    ['CMD_SYNC', 'TLBI_S2_IPA', 'TLBI_S12_VMALL', 'CFGI_STE'],
  ],
  'smmu-v2': [
    ['TLBSYNC', 'TLBIVA', 'TLBIASID', ''],
    ['TLBSYNC', 'TLBIIPAS2', 'TLBIVMID', ''],
  ],
} as const;

/** ASID at stage 1, VMID at stage 2. */
export function invalidationOf(topology: Resolved, w: Int32Array, at: number): Command {
  const op = (n: number): number => operand(w, at, n);
  const { name: unit = '?', spec } = topology.iommus[op(0)] ?? {};
  const { kind, stage } = spec ?? { kind: 'smmu-v3' as const, stage: 1 };
  const name = SMMU_NAMES[kind][stage - 1]?.[op(1)] ?? '?';
  const tag = stage === 1 ? { asid: op(2) } : { vmid: op(2) };
  switch (op(1)) {
    case SMMU_COMMAND.SYNC:
      return { unit, name, fields: {} };
    case SMMU_COMMAND.TLBI_VA: {
      const address = Number(wide(op(3), op(4)));
      return { unit, name, fields: { ...tag, address, size: op(5) * 4096 } };
    }
    case SMMU_COMMAND.TLBI_ASID:
      return { unit, name, fields: tag };
    default:
      return { unit, name, fields: { streamId: op(2) >>> 0 } };
  }
}

function invalidationText({ name, fields }: Command): string {
  const parts = Object.entries(fields).map(([key, value]) => {
    if (key === 'address') return hex(Number(value));
    if (key === 'size') return `${Number(value) / 1024}K`;
    return key === 'streamId' ? `StreamID=${hex(Number(value))}` : `${key}=${value}`;
  });
  return [name, ...parts].join(' ');
}

/** One record as a line of trace. */
export function traceOf(topology: Resolved, w: Int32Array, at: number): TraceEvent {
  const op = (n: number): number => operand(w, at, n);
  const operation = w[at + 1] as number;
  const vector = (n: number): string => (op(n) > 0 ? vectorName(topology, op(n) - 1) : '');
  switch (w[at]) {
    case EVENT.step: {
      const who = op(3) > 0 ? vector(3) : (topology.devices[op(2) - 1]?.name ?? 'kernel');
      return { kind: 'step', who, text: stepNames[op(1)] ?? '?', operation };
    }
    case EVENT.command: {
      const command = commandOf(topology, w, at);
      return { kind: 'command', who: command.unit, text: commandText(command), operation };
    }
    case EVENT.write: {
      const who = topology.devices[op(0)]?.name ?? '?';
      const what = op(1) > 0 ? `MSI ${vector(1)}: ` : '';
      const text = `${what}write ${hex(op(4) >>> 0)} to ${hex(wide(op(2), op(3)))}`;
      return { kind: 'write', who, text, operation };
    }
    case EVENT.fault: {
      const who = topology.devices[op(0)]?.name ?? '?';
      const text = `${faultName(op(4))} StreamID ${hex(op(1) >>> 0)} address ${hex(wide(op(2), op(3)))}`;
      return { kind: 'fault', who, text, operation };
    }
    case EVENT.interrupt: {
      const owner = op(0) > 0 ? vector(0) : 'nobody (spurious)';
      const vpe = op(3) > 0 ? `vCPU ${vcpuName(topology, op(3) - 1)}, ` : '';
      return {
        kind: 'interrupt',
        who: `CPU ${op(1)}`,
        text: `${vpe}INTID ${op(2)}: ${owner}`,
        operation,
      };
    }
    case EVENT.map: {
      const size = op(5) * 4;
      const text = `${hex(wide(op(1), op(2)))} -> ${hex(wide(op(3), op(4)))} ${size}K ${protText(op(6))}`;
      return { kind: 'map', who: domainName(topology, op(0)), text: `map ${text}`, operation };
    }
    case EVENT.unmap: {
      const text = `unmap ${hex(wide(op(1), op(2)))} ${op(3) * 4}K`;
      return { kind: 'unmap', who: domainName(topology, op(0)), text, operation };
    }
    case EVENT.ref: {
      const reference = {
        iova: wide(op(1), op(2)),
        vector: vector(5),
        before: op(3),
        after: op(4),
      };
      const text = `${vector(5)}: ${hex(reference.iova)} refs ${op(3)} -> ${op(4)}`;
      return { kind: 'ref', who: domainName(topology, op(0)), text, operation, reference };
    }
    case EVENT.smmu: {
      const command = invalidationOf(topology, w, at);
      return { kind: 'command', who: command.unit, text: invalidationText(command), operation };
    }
    default:
      return { kind: 'lost', who: vector(0), text: lossText(op(1)), operation };
  }
}
