/** Targets by the names that --target gives them. */
import type { Diagnostic } from '../spec/diagnostic.ts';
import { TARGETS } from '../targets/model.ts';
import type { Target } from '../targets/target.ts';

type Opened = { readonly targets: readonly Target[] } | { readonly refused: Diagnostic };

export function openTargets(names: readonly string[]): Opened {
  const targets: Target[] = [];
  for (const name of names) {
    const target = TARGETS[name];
    if (target === undefined) {
      const known = Object.keys(TARGETS).join(', ');
      return refused(`no target "${name}"; there is ${known}`);
    }
    targets.push(target);
  }
  return { targets };
}

const refused = (message: string): Opened => ({
  refused: { code: 'DB603', severity: 'error', message },
});
