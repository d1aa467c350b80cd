/**
 * One observation as rows of text that can be laid side by side. The key says what is looked at and
 * is the same in every column; the text says what was seen of it. Commands are a sequence and are
 * aligned elsewhere.
 */
import type { Command, Mapping, Observation, Observed } from '../../src/observation.ts';
import { defaultDomainName, vectorCapacity } from '../../src/topology/resolve.ts';
import type { Case } from '../spec/case.ts';

export interface Cell {
  readonly text: string;
  /** False: the target cannot see it, which is no difference. */
  readonly seen: boolean;
}

export interface Snapshot {
  /** By key, such as `message nic/0`. A key that is missing was looked for and not there. */
  readonly cells: ReadonlyMap<string, Cell>;
  /** Keys begin with one of these when the whole kind could not be seen: `faults` -> the reason. */
  readonly blind: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
  /** What the SMMUs were told to forget. */
  readonly invalidations: readonly string[];
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export function snapshot(spec: Case, observation: Observation): Snapshot {
  const cells = new Map<string, Cell>();
  const blind = new Map<string, string>();
  const put = (key: string, text: string): void => void cells.set(key, { text, seen: true });
  const read = <T>(kind: string, seen: Observed<readonly T[]>): readonly T[] => {
    if (seen.seen) return seen.value;
    blind.set(kind, seen.reason);
    return [];
  };
  put('error', observation.error ?? 'none');
  for (const domain of domainsOf(spec)) {
    const list = read(`map ${domain}`, observation.mappings(domain));
    for (const [name, mapping] of numbered(list, ({ pa }) => `map ${domain} ${hex(pa)}`)) {
      put(name, mappingText(mapping));
      if (mapping.refs.seen) put(`${name} refs`, String(mapping.refs.value));
      else cells.set(`${name} refs`, { text: mapping.refs.reason, seen: false });
    }
    const leaks = observation.leaks(domain);
    if (leaks.seen) put(`leaks ${domain}`, String(leaks.value));
    else cells.set(`leaks ${domain}`, { text: leaks.reason, seen: false });
    const window = observation.window(domain);
    if (!window.seen) cells.set(`window ${domain}`, { text: window.reason, seen: false });
    else if (window.value)
      put(`window ${domain}`, `${window.value.pages} pages, ${window.value.free} free`);
  }
  for (const { device, index } of vectorsOf(spec)) {
    const message = observation.message(device, index);
    const key = `message ${device}/${index}`;
    if (!message.seen) cells.set(key, { text: message.reason, seen: false });
    else {
      const { address, data } = message.value;
      put(key, address === 0n && data === 0 ? 'none' : `${hex(address)} / ${hex(data)}`);
    }
    const cpus = observation.affinity(device, index);
    put(`affinity ${device}/${index}`, cpus.length === 0 ? 'not set up' : `cpu ${cpus.join(',')}`);
    const target = observation.target(device, index);
    put(`target ${device}/${index}`, target === undefined ? 'none' : `cpu ${target}`);
  }
  for (const { device, iova, pa } of read('translation', observation.translations()))
    put(`translation ${device} ${hex(iova)}`, hex(pa));
  for (const { vector, cpu, vcpu, count } of read('interrupt', observation.interrupts()))
    put(`interrupt ${vector} cpu ${cpu}${vcpu === undefined ? '' : ` vcpu ${vcpu}`}`, `x${count}`);
  for (const [key, { count, why }] of numbered(
    read('lost', observation.losses()),
    ({ vector }) => `lost ${vector}`,
  ))
    put(key, `x${count} ${why}`);
  for (const [key, { name, address, streamId }] of numbered(
    read('fault', observation.faults()),
    ({ device }) => `fault ${device}`,
  ))
    put(key, `${name} sid ${hex(streamId)} ${address === undefined ? 'no address' : hex(address)}`);
  const commands = read('command', observation.commands()).map(commandText);
  const invalidations = read('invalidation', observation.invalidations()).map(wordsOf);
  return { cells, blind, commands, invalidations };
}

const mappingText = ({ iova, size, prot, pte }: Mapping): string =>
  `at ${hex(iova)} ${sizeText(size)} ${prot} ${pte}`;

const sizeText = (size: bigint): string => (size % 1024n === 0n ? `${size / 1024n}K` : hex(size));

/** In the order of the manual, whatever order a target tells them in. */
const FIELDS = ['deviceId', 'eventId', 'intid', 'icid', 'rd', 'size', 'valid', 'error'];

/**
 * What SYNC and INVALL are about cannot be seen on Linux (QEMU does not trace it): left out
 * everywhere.
 */
const UNSEEN_ON_LINUX = new Set(['SYNC', 'INVALL']);

function commandText({ name, fields }: Command): string {
  const known = UNSEEN_ON_LINUX.has(name) ? [] : Object.entries(fields);
  known.sort(([a], [b]) => FIELDS.indexOf(a) - FIELDS.indexOf(b));
  const values = known.map(([field, value]) => {
    const shown = typeof value === 'number' && /Id$/.test(field) ? hex(value) : String(value);
    return `${field}=${shown}`;
  });
  return [name, ...values].join(' ');
}

const wordsOf = ({ name, fields }: Command): string =>
  [
    name,
    ...Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'number' ? hex(value) : String(value)}`,
    ),
  ].join(' ');

/** The second of the same name is `name #2`. */
function numbered<T>(list: readonly T[], name: (item: T) => string): [string, T][] {
  const met = new Map<string, number>();
  return list.map((item) => {
    const key = name(item);
    const n = (met.get(key) ?? 0) + 1;
    met.set(key, n);
    return [n === 1 ? key : `${key} #${n}`, item];
  });
}

export function domainsOf({ topology: { domains, devices } }: Case): string[] {
  const behind = Object.entries(devices).filter(([, { iommu }]) => iommu !== undefined);
  return [...Object.keys(domains), ...behind.map(([name]) => defaultDomainName(name))];
}

/** The vectors that the case ever names, by set-up or by themselves. */
function vectorsOf(spec: Case): { device: string; index: number }[] {
  const most = new Map<string, number>();
  const see = (device: string, vectors: number): void =>
    void most.set(device, Math.max(vectors, most.get(device) ?? 0));
  for (const { operation } of spec.steps) {
    if (operation.op === 'setup') {
      const device = spec.topology.devices[operation.device];
      const capacity = device === undefined ? 0 : vectorCapacity(device);
      see(operation.device, Math.min((operation.start ?? 0) + operation.vectors, capacity));
    } else if ('vector' in operation) see(operation.vector.device, operation.vector.index + 1);
  }
  return [...most].flatMap(([device, vectors]) =>
    Array.from({ length: vectors }, (_, index) => ({ device, index })),
  );
}
