/** Whether Linux looks at a node. */
import type { DtNode } from './tree.ts';

/**
 * `of_device_is_available`: the node's own status. Only `okay` and `ok` count; an empty or
 * unterminated one does not (drivers/of/base.c: `__of_device_is_available`, and seen on booted 6.1
 * and 6.12).
 */
export function isAvailable(node: DtNode): boolean {
  if (!node.has('status')) return true;
  const status = node.string('status');
  return status === 'okay' || status === 'ok';
}

/**
 * The node that keeps `node` from becoming a device: itself or the nearest one above that is not
 * available, since Linux makes no devices below a disabled bus. Nothing when all are.
 */
export function disabledBy(node: DtNode): DtNode | undefined {
  for (let at: DtNode | undefined = node; at !== undefined; at = at.parent)
    if (!isAvailable(at)) return at;
  return undefined;
}
