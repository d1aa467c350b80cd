/**
 * Whose messages a platform MSI's are: the calls that a driver makes for them differ in little but
 * their names.
 */
import type { Kernel } from '../kernel.ts';
import { type Node, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';

const isVia =
  (kind: 'wired' | 'fsl-mc') =>
  (k: Kernel, t: Thread): boolean => {
    const { spec } = k.device(t.device);
    return spec.bus === 'platform' && spec.via?.kind === kind;
  };

export const isWired = isVia('wired');

/** A platform device's own messages, a wired-to-MSI bridge's, a fsl-mc bus's. */
export const byHolder = (platform: Node, wired: Node, fslMc: Node): Node[] => [
  when(isWired, [wired], [when(isVia('fsl-mc'), [fslMc], [platform])]),
];
