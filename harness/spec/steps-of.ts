/** From a step's words to an operation, with a label as a reader would say it. */
import { isUndecided } from '../../src/kernel/msi/spread.ts';
import { operationText } from '../../src/operation-text.ts';
import type { Operation, OperationName } from '../../src/operation.ts';
import { isMap } from './reader.ts';
import type { Scope } from './scope.ts';
import { type DataMap, placeOf } from './data.ts';

export interface ReadStep {
  readonly operation: Operation;
  readonly label: string;
  readonly key: string;
}

const BESIDE = new Set(['expect', 'with']);

export function stepOf(step: DataMap, scope: Scope): ReadStep | undefined {
  const keys = Object.keys(step).filter((key) => !BESIDE.has(key));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    const what =
      key === undefined
        ? 'a step without an operation'
        : `a step with ${keys.length} operations: ${keys.join(', ')}`;
    scope.read.report.error(
      'DB307',
      placeOf(step, keys[1] ?? Object.keys(step)[0], 'key') ?? placeOf(step),
      what,
    );
    return undefined;
  }
  const operation = OPERATIONS[key]?.(step, key, scope);
  return operation === undefined ? undefined : { operation, label: operationText(operation), key };
}

type Make = (step: DataMap, key: string, scope: Scope) => Operation | undefined;

const argument = (step: DataMap, key: string): DataMap => (isMap(step[key]) ? step[key] : {});

const withoutIommu = (scope: Scope, map: DataMap, key: string, device: string): void =>
  scope.read.error(
    'DB311',
    map,
    key,
    `"${device}" has no IOMMU in front of it`,
    'leave the step out: its messages have the physical address',
  );

const attach: Make = (step, key, scope) => {
  const map = argument(step, key);
  const device = scope.device(map, 'device', map['device']);
  const domain = scope.domain(map, 'domain', map['domain']);
  if (device === undefined || domain === undefined) return undefined;
  if (scope.topology.devices[device]?.iommu === undefined) {
    withoutIommu(scope, map, 'device', device);
  }
  return { op: 'attach', device, domain };
};

const detach: Make = (step, key, scope) => {
  const map = isMap(step[key]) ? step[key] : undefined;
  const device = map
    ? scope.device(map, 'device', map['device'])
    : scope.device(step, key, step[key]);
  if (device === undefined) return undefined;
  const only = map?.['only'] as 'device' | 'group' | undefined;
  if (scope.topology.devices[device]?.iommu === undefined) {
    withoutIommu(scope, step, key, device);
  }
  return { op: 'detach', device, ...(only === undefined ? {} : { only }) };
};

function cpusOf(map: DataMap, scope: Scope): number[] | undefined {
  const last = scope.topology.cpus - 1;
  if (map['cpu'] !== undefined && map['cpus'] !== undefined) {
    scope.read.error('DB306', map, 'cpus', 'cpu and cpus exclude each other');
  }
  if (map['cpu'] !== undefined) return [scope.read.number(map, 'cpu', 0, last)];
  const list = map['cpus'];
  if (!Array.isArray(list)) return undefined;
  return list.map((_, i) => scope.read.number(list as unknown as DataMap, String(i), 0, last));
}

const setup: Make = (step, key, scope) => {
  const map = argument(step, key);
  const device = scope.device(map, 'device', map['device']);
  const vectors = scope.read.number(map, 'vectors', 1, 2048);
  const start = map['start'] === undefined ? undefined : scope.read.number(map, 'start', 0, 2047);
  const cpus = cpusOf(map, scope);
  const use =
    map['use'] === undefined ? undefined : scope.read.word(map, 'use', ['msi', 'msi-x'], 'msi-x');
  const managed = scope.read.flag(map, 'managed', false);
  if (managed && cpus !== undefined)
    scope.read.error('DB306', map, 'managed', 'managed and cpu or cpus exclude each other');
  if (managed && isUndecided(vectors, scope.topology.numaNodes ?? []))
    scope.read.error(
      'DB306',
      map,
      'managed',
      "managed vectors over more than two nodes of one size are not modelled: which comes first is up to the kernel's sort",
      'no more vectors than nodes, two nodes, or nodes of different sizes',
    );
  if (device === undefined) return undefined;
  const spec = scope.topology.devices[device];
  const has =
    spec?.bus === 'pci' && (use === 'msi' ? spec.msi !== undefined : spec.msix !== undefined);
  if (use !== undefined && !has)
    scope.read.error(
      'DB306',
      map,
      'use',
      `"${device}" has no ${use === 'msi' ? 'MSI' : 'MSI-X'} capability`,
    );
  scope.setUp.add(device);
  return {
    op: 'setup',
    device,
    vectors,
    ...(start === undefined || start === 0 ? {} : { start }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(use === undefined ? {} : { capability: use }),
    ...(managed ? { managed } : {}),
  };
};

const affinity: Make = (step, key, scope) => {
  const map = argument(step, key);
  const vector = scope.usedVector(map, 'vector', map['vector']);
  const cpus = cpusOf(map, scope);
  if (cpus === undefined) scope.read.error('DB202', step, key, 'affinity needs cpu or cpus');
  return vector === undefined || cpus === undefined ? undefined : { op: 'affinity', vector, cpus };
};

const maskOrUnmask =
  (op: 'mask' | 'unmask'): Make =>
  (step, key, scope) => {
    const vector = scope.usedVector(step, key, step[key]);
    return vector === undefined ? undefined : { op, vector };
  };

const fire: Make = (step, key, scope) => {
  const map = isMap(step[key]) ? step[key] : undefined;
  const vector = map
    ? scope.usedVector(map, 'vector', map['vector'])
    : scope.usedVector(step, key, step[key]);
  const times = map ? scope.read.number(map, 'times', 1, 4096, 1) : 1;
  return vector === undefined ? undefined : { op: 'fire', vector, times };
};

const reset: Make = (step, key, scope) => {
  const map = isMap(step[key]) ? step[key] : undefined;
  const device = map
    ? scope.device(map, 'device', map['device'])
    : scope.device(step, key, step[key]);
  const memory = map ? scope.read.flag(map, 'memory', true) : true;
  return device === undefined ? undefined : { op: 'reset', device, memory };
};

const writeMessage: Make = (step, key, scope) => {
  const map = argument(step, key);
  const vector = scope.vector(map, 'vector', map['vector']);
  const address = map['address'] === undefined ? {} : { address: scope.read.u64(map, 'address') };
  const data =
    map['data'] === undefined ? {} : { data: scope.read.number(map, 'data', 0, 2 ** 32 - 1) };
  return vector === undefined ? undefined : { op: 'write-message', vector, ...address, ...data };
};

const onDevice =
  (op: 'suspend' | 'restore' | 'unplug' | 'plug'): Make =>
  (step, key, scope) => {
    const device = scope.device(step, key, step[key]);
    return device === undefined ? undefined : { op, device };
  };

const onCpu =
  (op: 'cpu-offline' | 'cpu-online'): Make =>
  (step, key, scope) => ({ op, cpu: scope.read.number(step, key, 0, scope.topology.cpus - 1) });

const release: Make = (step, key, scope) => {
  const vector = scope.usedVector(step, key, step[key]);
  if (vector === undefined) return undefined;
  const device = scope.topology.devices[vector.device];
  if (device?.bus !== 'platform' || device.level !== true) {
    scope.read.error(
      'DB306',
      step,
      key,
      `"${vector.device}" has no level-triggered MSIs`,
      'level: true',
    );
  }
  return { op: 'release', vector };
};

const teardown: Make = (step, key, scope) => {
  const text = String(step[key]);
  if (text.includes('/')) {
    const vector = scope.usedVector(step, key, text);
    return vector === undefined
      ? undefined
      : { op: 'teardown', device: vector.device, index: vector.index };
  }
  const device = scope.device(step, key, text);
  if (device === undefined) return undefined;
  scope.mustBeSetUp(step, key, device);
  return { op: 'teardown', device };
};

const map: Make = (step, key, scope) => {
  const m = argument(step, key);
  const domain = scope.domain(m, 'domain', m['domain']);
  const iova = scope.read.u64(m, 'iova');
  const pa = scope.read.u64(m, 'pa');
  const size = scope.read.u64(m, 'size');
  const prot = scope.read.word(m, 'prot', ['R', 'W', 'RW'], 'RW');
  if (domain === undefined) return undefined;
  return { op: 'map', domain, iova, pa, size, prot: { read: prot !== 'W', write: prot !== 'R' } };
};

const unmap: Make = (step, key, scope) => {
  const m = argument(step, key);
  const domain = scope.domain(m, 'domain', m['domain']);
  const iova = scope.read.u64(m, 'iova');
  const size = scope.read.u64(m, 'size');
  return domain === undefined ? undefined : { op: 'unmap', domain, iova, size };
};

const registerWindow: Make = (step, key, scope) => {
  const m = argument(step, key);
  const domain = scope.domain(m, 'domain', m['domain']);
  const base = scope.read.u64(m, 'base');
  const size = scope.read.u64(m, 'size');
  return domain === undefined ? undefined : { op: 'register-window', domain, base, size };
};

const freeWindow: Make = (step, key, scope) => {
  const domain = scope.domain(step, key, step[key]);
  return domain === undefined ? undefined : { op: 'free-window', domain };
};

const flush: Make = (step, key, scope) => {
  const domain = scope.domain(step, key, step[key]);
  return domain === undefined ? undefined : { op: 'flush', domain };
};

const freeDomain: Make = (step, key, scope) => {
  const domain = scope.domain(step, key, step[key]);
  return domain === undefined ? undefined : { op: 'free-domain', domain };
};

const dmaWrite: Make = (step, key, scope) => {
  const m = argument(step, key);
  const device = scope.device(m, 'device', m['device']);
  const address = scope.read.u64(m, 'address');
  const data = scope.read.number(m, 'data', 0, 0xffff_ffff, 0);
  return device === undefined ? undefined : { op: 'dma-write', device, address, data };
};

const forward: Make = (step, key, scope) => {
  const m = argument(step, key);
  const vector = scope.usedVector(m, 'vector', m['vector']);
  const vcpu = scope.vcpu(m, 'vcpu', m['vcpu']);
  const last = 8191 + (scope.topology.guests?.[vcpu?.guest ?? '']?.lpis ?? 8192);
  const intid = scope.read.number(m, 'intid', 8192, last);
  return vector === undefined || vcpu === undefined
    ? undefined
    : { op: 'forward', vector, vcpu, intid };
};

const unforward: Make = (step, key, scope) => {
  const vector = scope.usedVector(step, key, step[key]);
  return vector === undefined ? undefined : { op: 'unforward', vector };
};

const moveVcpu: Make = (step, key, scope) => {
  const m = argument(step, key);
  const vcpu = scope.vcpu(m, 'vcpu', m['vcpu']);
  const cpu = scope.read.number(m, 'cpu', 0, scope.topology.cpus - 1);
  return vcpu === undefined ? undefined : { op: 'move-vcpu', vcpu, cpu };
};

const endGuest: Make = (step, key, scope) => {
  const guest = scope.guest(step, key, step[key]);
  return guest === undefined ? undefined : { op: 'end-guest', guest };
};

const OPERATIONS: Readonly<Record<string, Make>> = {
  attach,
  detach,
  setup,
  affinity,
  mask: maskOrUnmask('mask'),
  unmask: maskOrUnmask('unmask'),
  fire,
  release,
  reset,
  suspend: onDevice('suspend'),
  restore: onDevice('restore'),
  unplug: onDevice('unplug'),
  plug: onDevice('plug'),
  'cpu-offline': onCpu('cpu-offline'),
  'cpu-online': onCpu('cpu-online'),
  teardown,
  map,
  unmap,
  'register-window': registerWindow,
  'free-window': freeWindow,
  flush,
  'free-domain': freeDomain,
  'dma-write': dmaWrite,
  'write-message': writeMessage,
  forward,
  unforward,
  'move-vcpu': moveVcpu,
  'end-guest': endGuest,
} satisfies Record<OperationName, Make>;
