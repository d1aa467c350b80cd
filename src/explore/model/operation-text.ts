/** An operation as a reader would say it. */
import type { Operation } from '../../operation.ts';

const list = (cpus: readonly number[]): string => cpus.join(',');

export function operationText(operation: Operation): string {
  switch (operation.op) {
    case 'attach':
      return `attach ${operation.device} to ${operation.domain}`;
    case 'detach':
      return `detach ${operation.device}`;
    case 'setup': {
      const { device, vectors, cpus } = operation;
      const many = vectors === 1 ? '1 vector' : `${vectors} vectors`;
      return `setup ${device}, ${many}${cpus === undefined ? '' : `, cpu ${list(cpus)}`}`;
    }
    case 'affinity':
      return `affinity ${operation.vector.device}/${operation.vector.index} -> cpu ${list(operation.cpus)}`;
    case 'mask':
    case 'unmask':
    case 'fire':
      return `${operation.op} ${operation.vector.device}/${operation.vector.index}`;
    case 'teardown':
      return `teardown ${operation.device}${operation.index === undefined ? '' : `/${operation.index}`}`;
    case 'map':
    case 'unmap':
      return `${operation.op} 0x${operation.iova.toString(16)} in ${operation.domain}`;
    case 'register-window':
    case 'free-window':
    case 'free-domain':
      return `${operation.op} ${operation.domain}`;
    case 'dma-write':
      return `dma-write ${operation.device}`;
  }
}
