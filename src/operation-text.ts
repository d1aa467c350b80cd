/** An operation as a reader would say it: in task lists, failures and counterexamples. */
import type { Operation } from './operation.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const cpuText = (cpus: readonly number[]): string => `cpu ${cpus.join(',')}`;

export function operationText(operation: Operation): string {
  switch (operation.op) {
    case 'attach':
      return `attach ${operation.device} -> ${operation.domain}`;
    case 'detach':
      return `detach ${operation.device}${operation.only === undefined ? '' : `, only its ${operation.only}`}`;
    case 'setup': {
      const plural = operation.vectors === 1 ? 'vector' : 'vectors';
      const on = operation.cpus ? `, ${cpuText(operation.cpus)}` : '';
      const from = operation.start === undefined ? '' : ` from ${operation.start} on`;
      return `setup ${operation.device}, ${operation.vectors} ${plural}${from}${on}${operation.managed === true ? ', managed' : ''}`;
    }
    case 'affinity':
      return `affinity ${operation.vector.device}/${operation.vector.index} -> ${cpuText(operation.cpus)}`;
    case 'mask':
    case 'unmask':
    case 'release':
      return `${operation.op} ${operation.vector.device}/${operation.vector.index}`;
    case 'fire':
      return `fire ${operation.vector.device}/${operation.vector.index}${operation.times > 1 ? `, ${operation.times} times` : ''}`;
    case 'teardown':
      return `teardown ${operation.device}${operation.index === undefined ? '' : `/${operation.index}`}`;
    case 'map':
      return `map ${operation.domain} ${hex(operation.iova)} -> ${hex(operation.pa)}`;
    case 'unmap':
      return `unmap ${operation.domain} ${hex(operation.iova)}`;
    case 'register-window':
      return `register-window ${operation.domain} ${hex(operation.base)}`;
    case 'reset':
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug':
      return `${operation.op} ${operation.device}`;
    case 'cpu-offline':
    case 'cpu-online':
      return `${operation.op} ${operation.cpu}`;
    case 'free-window':
    case 'flush':
    case 'free-domain':
      return `${operation.op} ${operation.domain}`;
    case 'forward': {
      const { vector, vcpu, intid } = operation;
      return `forward ${vector.device}/${vector.index} -> vCPU ${vcpu.guest}/${vcpu.index}, INTID ${intid}`;
    }
    case 'unforward':
      return `unforward ${operation.vector.device}/${operation.vector.index}`;
    case 'move-vcpu':
      return `move-vcpu ${operation.vcpu.guest}/${operation.vcpu.index} -> cpu ${operation.cpu}`;
    case 'end-guest':
      return `end-guest ${operation.guest}`;
    case 'write-message': {
      const { vector, address, data } = operation;
      const parts = [
        ...(address === undefined ? [] : [`address ${hex(address)}`]),
        ...(data === undefined ? [] : [`data ${hex(BigInt(data))}`]),
      ];
      return `write-message ${vector.device}/${vector.index}, ${parts.join(', ')}`;
    }
    case 'dma-write':
      return `dma-write ${operation.device} ${hex(operation.address)} data ${hex(BigInt(operation.data))}`;
  }
}
