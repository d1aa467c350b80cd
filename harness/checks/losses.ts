/** Why an MSI that was sent did not arrive, where the target knows. */
import type { Observation } from '../../src/observation.ts';
import { some } from './text.ts';

/** `: reason`, to put behind a message; empty where nothing is known. */
export function lossReasons(observation: Observation, vector: string): string {
  const losses = observation.losses();
  if (!losses.seen) return '';
  const reasons = losses.value.filter((loss) => loss.vector === vector).map(({ why }) => why);
  return reasons.length === 0 ? '' : `: ${some([...new Set(reasons)])}`;
}
