/** From the words of an expect block to expectations. */
import { ERRNO, type ErrnoName } from '../../src/observation.ts';
import { FAULT } from '../../src/hardware/smmu/smmu.ts';
import type {
  CommandPattern,
  Expectation,
  FaultPattern,
  ListMode,
  MappingPattern,
  Place,
  ValueExpr,
} from './case.ts';
import { parseValue } from './numbers.ts';
import { isMap } from './reader.ts';
import type { Scope } from './scope.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

const ONE: ValueExpr = { kind: 'value', value: 1n, text: '1' };
const ZERO: ValueExpr = { kind: 'value', value: 0n, text: '0' };
const ERRORS: readonly (ErrnoName | 'none')[] = ['none', ...(Object.keys(ERRNO) as ErrnoName[])];
/** ABORT ends a write without an event: expecting it would wait for ever. */
const FAULTS = Object.keys(FAULT).filter((name) => name !== 'ABORT');
/** Keys of a block that say for which cases it counts, not what must be seen. */
export const SELECTORS = new Set(['design', 'when', 'why']);

export function expectationsOf(block: DataMap, scope: Scope): Expectation[] {
  return new Block(block, scope).read();
}

class Block {
  private readonly block: DataMap;
  private readonly scope: Scope;
  private readonly why: { why?: string };

  constructor(block: DataMap, scope: Scope) {
    this.block = block;
    this.scope = scope;
    this.why = typeof block['why'] === 'string' ? { why: block['why'] } : {};
  }

  read(): Expectation[] {
    return Object.keys(this.block)
      .filter((kind) => !SELECTORS.has(kind))
      .flatMap((kind) => this.kind(kind, this.block[kind] as Data));
  }

  private kind(kind: string, data: Data): Expectation[] {
    const base = { place: this.place(this.block, kind, 'key'), ...this.why };
    switch (kind) {
      case 'error':
        return [
          { ...base, kind, error: this.scope.read.word(this.block, 'error', ERRORS, 'none') },
        ];
      case 'mappings':
        return isMap(data)
          ? this.mappings(data)
          : [{ ...base, kind, domain: '*', mode: 'exact', entries: [] }];
      case 'messages':
        return this.messages(data as DataMap);
      case 'affinity':
        return this.affinities(data as DataMap);
      case 'interrupts':
        return isMap(data)
          ? this.interrupts(data)
          : [{ ...base, kind, vector: '*', deliveries: [] }];
      case 'faults': {
        const { mode, list } = listOf(data);
        return [
          { ...base, kind, mode, entries: list.map((entry) => this.fault(entry as DataMap)) },
        ];
      }
      case 'commands':
      case 'invalidations': {
        const { mode, list } = listOf(data);
        return [{ ...base, kind, mode, entries: list.map((_, i) => this.command(list, i)) }];
      }
      case 'leaks':
        return isMap(data) ? this.leaks(data) : [{ ...base, kind, domain: '*', count: ZERO }];
      default:
        return this.windows(data as DataMap);
    }
  }

  private mappings(map: DataMap): Expectation[] {
    return Object.entries(map).flatMap(([name, data]): Expectation[] => {
      const domain = this.scope.seenDomain(map, name);
      if (domain === undefined) return [];
      const base = {
        kind: 'mappings' as const,
        place: this.place(map, name, 'key'),
        ...this.why,
        domain,
      };
      if (!isMap(data)) {
        const list = Array.isArray(data) ? data : [];
        return [
          { ...base, mode: 'exact', entries: list.map((entry) => this.mapping(entry as DataMap)) },
        ];
      }
      const list = Array.isArray(data['includes']) ? data['includes'] : [];
      const count = this.value(data, 'count');
      return [
        {
          ...base,
          mode: 'includes',
          entries: list.map((entry) => this.mapping(entry as DataMap)),
          ...count,
        },
      ];
    });
  }

  private mapping(map: DataMap): MappingPattern {
    return {
      place: this.place(map),
      ...this.value(map, 'iova'),
      ...this.value(map, 'pa'),
      ...this.value(map, 'size'),
      ...this.value(map, 'refs'),
      ...(map['prot'] === undefined ? {} : { prot: String(map['prot']) }),
      ...(map['pte'] === undefined ? {} : { pte: String(map['pte']) }),
    };
  }

  private messages(map: DataMap): Expectation[] {
    return Object.entries(map).flatMap(([name, data]): Expectation[] => {
      const vector = this.scope.vector(map, name, name, 'key');
      if (vector === undefined) return [];
      const base = {
        kind: 'message' as const,
        place: this.place(map, name, 'key'),
        ...this.why,
        ...vector,
      };
      if (!isMap(data)) return [{ ...base, none: true }];
      return [
        { ...base, none: false, ...this.value(data, 'address'), ...this.value(data, 'data') },
      ];
    });
  }

  private affinities(map: DataMap): Expectation[] {
    return Object.entries(map).flatMap(([name, data]): Expectation[] => {
      const vector = this.scope.vector(map, name, name, 'key');
      if (vector === undefined) return [];
      const base = {
        kind: 'affinity' as const,
        place: this.place(map, name, 'key'),
        ...this.why,
        ...vector,
      };
      if (!isMap(data)) return [{ ...base, none: true }];
      const effective =
        data['effective'] === 'none'
          ? { effective: 'none' as const }
          : this.value(data, 'effective');
      return [{ ...base, none: false, ...this.cpus(data), ...effective }];
    });
  }

  private cpus(map: DataMap): { cpus?: number[] } {
    const list = map['cpus'];
    if (!Array.isArray(list)) return {};
    const last = this.scope.topology.cpus - 1;
    const cpus = list.map((_, i) =>
      this.scope.read.number(list as unknown as DataMap, String(i), 0, last),
    );
    return { cpus: [...new Set(cpus)].sort((a, b) => a - b) };
  }

  private interrupts(map: DataMap): Expectation[] {
    return Object.entries(map).flatMap(([name, data]): Expectation[] => {
      if (this.scope.vector(map, name, name, 'key') === undefined) return [];
      const list = Array.isArray(data) ? data : isMap(data) ? [data] : [];
      const deliveries = list.map((entry) => {
        const d = entry as DataMap;
        return {
          place: this.place(d),
          ...this.value(d, 'cpu'),
          ...this.vcpu(d),
          count: this.value(d, 'count').count ?? ONE,
        };
      });
      return [
        {
          kind: 'interrupts',
          place: this.place(map, name, 'key'),
          ...this.why,
          vector: name,
          deliveries,
        },
      ];
    });
  }

  private vcpu(map: DataMap): { vcpu?: string } {
    if (map['vcpu'] === undefined) return {};
    const vcpu = this.scope.vcpu(map, 'vcpu', map['vcpu']);
    return vcpu === undefined ? {} : { vcpu: `${vcpu.guest}/${vcpu.index}` };
  }

  private fault(map: DataMap): FaultPattern {
    if (map['name'] !== undefined) this.scope.read.word(map, 'name', FAULTS, '');
    const device =
      map['device'] === undefined ? undefined : this.scope.device(map, 'device', map['device']);
    return {
      place: this.place(map),
      ...(device === undefined ? {} : { device }),
      ...this.value(map, 'stream-id', 'streamId'),
      ...this.value(map, 'address'),
      ...(map['name'] === undefined ? {} : { name: String(map['name']) }),
      count: this.value(map, 'count').count ?? ONE,
    };
  }

  private command(list: Data[], i: number): CommandPattern {
    const entry = list[i] as Data;
    const place = this.place(list, i);
    if (!isMap(entry)) return { place, name: String(entry), fields: {} };
    const [name = ''] = Object.keys(entry);
    const map = entry[name] as DataMap;
    const fields: Record<string, ValueExpr | boolean> = {};
    for (const key of Object.keys(map)) {
      if (key === 'its' || key === 'smmu') continue;
      if (key === 'valid' || key === 'error') fields[key] = this.scope.read.flag(map, key, true);
      else Object.assign(fields, this.value(map, key, FIELD[key] ?? key));
    }
    const unit = map['its'] === undefined ? this.smmu(map) : this.scope.its(map, 'its');
    return { place, name, fields, ...(unit === undefined ? {} : { unit }) };
  }

  private smmu(map: DataMap): string | undefined {
    return map['smmu'] === undefined ? undefined : this.scope.smmu(map, 'smmu');
  }

  private leaks(map: DataMap): Expectation[] {
    return Object.keys(map).flatMap((name): Expectation[] => {
      const domain = this.scope.seenDomain(map, name);
      const count = this.value(map, name)[name as never] as ValueExpr | undefined;
      if (domain === undefined || count === undefined) return [];
      return [{ kind: 'leaks', place: this.place(map, name, 'key'), ...this.why, domain, count }];
    });
  }

  private windows(map: DataMap): Expectation[] {
    return Object.entries(map).flatMap(([name, data]): Expectation[] => {
      const domain = this.scope.seenDomain(map, name);
      if (domain === undefined) return [];
      const base = {
        kind: 'window' as const,
        place: this.place(map, name, 'key'),
        ...this.why,
        domain,
      };
      if (!isMap(data)) return [{ ...base, none: true }];
      return [{ ...base, none: false, ...this.value(data, 'pages'), ...this.value(data, 'free') }];
    });
  }

  /** `{ [as]: value }`, or nothing where the key is not there or (reported) no value. */
  private value<K extends string>(
    map: DataMap,
    key: K,
    as: string = key,
  ): { [P in K]?: ValueExpr } & Record<string, ValueExpr> {
    if (map[key] === undefined) return {};
    const value = parseValue(map[key]);
    if (value === undefined) {
      this.scope.read.error(
        'DB203',
        map,
        key,
        `${key}: "${String(map[key])}" is no number, range, capture or any`,
      );
      return {};
    }
    return { [as]: value } as never;
  }

  private place(container: object, key?: string | number, which: 'key' | 'value' = 'value'): Place {
    const place = placeOf(container, key, which) ?? placeOf(this.block);
    if (place === undefined) throw new Error('IMPOSSIBLE: an expectation without a place');
    return place;
  }
}

const FIELD: Readonly<Record<string, string>> = {
  'device-id': 'deviceId',
  'event-id': 'eventId',
  'vpe-id': 'vpeId',
  'stream-id': 'streamId',
};

function listOf(data: Data): { mode: ListMode; list: Data[] } {
  if (Array.isArray(data)) return { mode: 'exact', list: data };
  const includes = isMap(data) ? data['includes'] : undefined;
  return Array.isArray(includes)
    ? { mode: 'includes', list: includes }
    : { mode: 'exact', list: [] };
}
