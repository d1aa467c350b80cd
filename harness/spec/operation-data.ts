/** An operation in the words of the spec language: what `stepOf` reads, written. */
import type { Operation } from '../../src/operation.ts';
import type { DataMap } from './data.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** One CPU is `cpu`, several are `cpus`; left out where the operation leaves it out. */
function cpusData(cpus: readonly number[] | undefined): DataMap {
  if (cpus === undefined) return {};
  const [only] = cpus;
  return cpus.length === 1 && only !== undefined ? { cpu: only } : { cpus: [...cpus] };
}

export function operationData(operation: Operation): DataMap {
  const { op } = operation;
  switch (operation.op) {
    case 'attach':
      return { attach: { device: operation.device, domain: operation.domain } };
    case 'setup': {
      const { device, vectors, start, cpus, capability, managed } = operation;
      const from: DataMap = start === undefined ? {} : { start };
      const use: DataMap = capability === undefined ? {} : { use: capability };
      const spread: DataMap = managed === true ? { managed } : {};
      return { setup: { device, ...from, vectors, ...cpusData(cpus), ...use, ...spread } };
    }
    case 'affinity': {
      const { device, index } = operation.vector;
      return { affinity: { vector: `${device}/${index}`, ...cpusData(operation.cpus) } };
    }
    case 'mask':
    case 'unmask':
    case 'release':
      return { [op]: `${operation.vector.device}/${operation.vector.index}` };
    case 'fire': {
      const vector = `${operation.vector.device}/${operation.vector.index}`;
      return { fire: operation.times === 1 ? vector : { vector, times: operation.times } };
    }
    case 'reset':
      return operation.memory
        ? { reset: operation.device }
        : { reset: { device: operation.device, memory: false } };
    case 'detach': {
      const { device, only } = operation;
      return { detach: only === undefined ? device : { device, only } };
    }
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug':
      return { [op]: operation.device };
    case 'cpu-offline':
    case 'cpu-online':
      return { [op]: operation.cpu };
    case 'teardown': {
      const { device, index } = operation;
      return { teardown: index === undefined ? device : `${device}/${index}` };
    }
    case 'map': {
      const { domain, iova, pa, size, prot } = operation;
      const word = prot.read ? (prot.write ? 'RW' : 'R') : 'W';
      return { map: { domain, iova: hex(iova), pa: hex(pa), size: hex(size), prot: word } };
    }
    case 'unmap':
      return {
        unmap: {
          domain: operation.domain,
          iova: hex(operation.iova),
          size: hex(operation.size),
        },
      };
    case 'register-window':
      return {
        'register-window': {
          domain: operation.domain,
          base: hex(operation.base),
          size: hex(operation.size),
        },
      };
    case 'free-window':
    case 'flush':
    case 'free-domain':
      return { [op]: operation.domain };
    case 'forward': {
      const { vector, vcpu, intid } = operation;
      return {
        forward: {
          vector: `${vector.device}/${vector.index}`,
          vcpu: `${vcpu.guest}/${vcpu.index}`,
          intid,
        },
      };
    }
    case 'unforward':
      return { unforward: `${operation.vector.device}/${operation.vector.index}` };
    case 'move-vcpu': {
      const { vcpu, cpu } = operation;
      return { 'move-vcpu': { vcpu: `${vcpu.guest}/${vcpu.index}`, cpu } };
    }
    case 'end-guest':
      return { 'end-guest': operation.guest };
    case 'write-message': {
      const { vector, address, data } = operation;
      return {
        'write-message': {
          vector: `${vector.device}/${vector.index}`,
          ...(address === undefined ? {} : { address: hex(address) }),
          ...(data === undefined ? {} : { data }),
        },
      };
    }
    case 'dma-write': {
      const { device, address, data } = operation;
      return { 'dma-write': { device, address: hex(address), ...(data === 0 ? {} : { data }) } };
    }
  }
}
