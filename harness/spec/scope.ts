/**
 * What the steps and expectations of one case may name, and what the steps so far have done to it.
 */
import type { VcpuName, VectorName } from '../../src/operation.ts';
import { defaultDomainName, vectorCapacity } from '../../src/topology/resolve.ts';
import type { Topology } from '../../src/topology/topology.ts';
import type { Reader } from './reader.ts';
import { didYouMean, listKnown } from './report.ts';
import type { DataMap } from './data.ts';

export class Scope {
  readonly topology: Topology;
  readonly read: Reader;
  readonly domains: readonly string[];
  readonly devices: readonly string[];
  /** Domains that free-domain took. */
  readonly freed = new Set<string>();
  /** Devices of which one descriptor is closed before the other. */
  readonly closed = new Map<string, 'device' | 'group'>();
  /** Devices that some setup step named. */
  readonly setUp = new Set<string>();
  private readonly implicit: readonly string[];

  constructor(topology: Topology, read: Reader) {
    this.topology = topology;
    this.read = read;
    this.domains = Object.keys(topology.domains);
    this.devices = Object.keys(topology.devices);
    this.implicit = this.devices
      .filter((name) => topology.devices[name]?.iommu)
      .map(defaultDomainName);
  }

  device(container: object, key: string, name: unknown): string | undefined {
    return this.read.name(container, key, name, 'device', this.devices);
  }

  guest(container: object, key: string, name: unknown): string | undefined {
    const known = Object.keys(this.topology.guests ?? {});
    return this.read.name(container, key, name, 'guest', known);
  }

  /** `guest/0`, within what the guest has. */
  vcpu(container: object, key: string, text: unknown): VcpuName | undefined {
    const [name, index] = splitVector(String(text));
    const guest = this.guest(container, key, name);
    if (guest === undefined) return undefined;
    const vcpus = this.topology.guests?.[guest]?.vcpus ?? 0;
    if (/^(0|[1-9][0-9]*)$/.test(index) && Number(index) < vcpus)
      return { guest, index: Number(index) };
    const range = vcpus === 1 ? `${guest}/0 only` : `${guest}/0 to ${guest}/${vcpus - 1}`;
    this.read.error('DB310', container, key, `no vCPU "${String(text)}": there is ${range}`);
    return undefined;
  }

  /** A domain that a step uses: named in the topology, not freed. */
  domain(container: object, key: string, name: unknown): string | undefined {
    const found = this.read.name(container, key, name, 'domain', this.domains);
    if (found !== undefined && this.freed.has(found)) {
      this.read.error('DB312', container, key, `domain "${found}" was freed by an earlier step`);
    }
    return found;
  }

  /** A domain that is looked at: default domains and freed ones too. */
  seenDomain(container: object, key: string | number): string | undefined {
    return this.read.name(
      container,
      key,
      key,
      'domain',
      [...this.domains, ...this.implicit],
      'key',
    );
  }

  /** `nic/0`, within what the device has. `which`: whether it stands in the key or in the value. */
  vector(
    container: object,
    key: string,
    text: unknown,
    which: 'key' | 'value' = 'value',
  ): VectorName | undefined {
    const [device = '', index = ''] = splitVector(String(text));
    const spec = Object.hasOwn(this.topology.devices, device)
      ? this.topology.devices[device]
      : undefined;
    if (spec === undefined) {
      const near = didYouMean(device, this.devices);
      this.read.error(
        'DB301',
        container,
        key,
        `no device "${device}"${near}`,
        listKnown(this.devices),
        which,
      );
      return undefined;
    }
    const capacity = vectorCapacity(spec);
    // One spelling each: observations are compared by name, and nic/00 would never be seen.
    if (!/^(0|[1-9][0-9]*)$/.test(index) || Number(index) >= capacity) {
      const range =
        capacity === 1 ? `${device}/0 only` : `${device}/0 to ${device}/${capacity - 1}`;
      this.read.error(
        'DB310',
        container,
        key,
        `no vector "${String(text)}": there is ${range}`,
        undefined,
        which,
      );
      return undefined;
    }
    return { device, index: Number(index) };
  }

  /** A vector that an earlier step set up, perhaps to be torn down since. */
  usedVector(container: object, key: string, text: unknown): VectorName | undefined {
    const vector = this.vector(container, key, text);
    if (vector !== undefined) this.mustBeSetUp(container, key, vector.device);
    return vector;
  }

  /** An ITS that an expectation names. */
  smmu(map: DataMap, key: string): string | undefined {
    return this.read.name(map, key, map[key], 'SMMU', Object.keys(this.topology.iommus));
  }

  its(map: DataMap, key: string): string | undefined {
    const controllers = Object.entries(this.topology.msiControllers);
    const known = controllers.filter(([, { kind }]) => kind === 'gicv3-its').map(([name]) => name);
    return this.read.name(map, key, map[key], 'ITS', known);
  }

  mustBeSetUp(container: object, key: string, device: string): void {
    if (this.setUp.has(device)) return;
    this.read.error(
      'DB310',
      container,
      key,
      `no step before this one sets up vectors of "${device}"`,
      `- setup: { device: ${device}, vectors: 1 }`,
    );
  }
}

function splitVector(text: string): [string, string] {
  const at = text.lastIndexOf('/');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
