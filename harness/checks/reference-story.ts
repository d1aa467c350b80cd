/** Who took a reference and never dropped it: from the events of the case to steps of the spec. */
import type { Scene } from './finding.ts';
import { count, some } from './text.ts';

type Taken = { readonly step: string; readonly vector: string };

/** A note for the row of a mapping, or undefined where nothing is held or nobody counts. */
export function referenceNote(scene: Scene, domain: string, iova: bigint): string | undefined {
  const held: Taken[] = [];
  for (const { kind, who, operation, reference } of scene.observation.history()) {
    if (kind !== 'ref' || who !== domain || reference === undefined) continue;
    const { iova: page, before, after, vector } = reference;
    if (page !== iova) continue;
    for (let n = before; n < after; n++) held.push({ step: stepText(scene, operation), vector });
    for (let n = after; n < before; n++) drop(held, vector);
  }
  if (held.length === 0) return undefined;
  const steps = new Map<string, number>();
  for (const { step } of held) steps.set(step, (steps.get(step) ?? 0) + 1);
  const parts = [...steps].map(([step, n]) => (n === 1 ? step : `${step} ${count(n, 'time')}`));
  return `taken by ${some(parts)}, not dropped`;
}

/** A put gives back the newest reference that the same vector took. */
function drop(held: Taken[], vector: string): void {
  const own = held.findLastIndex((taken) => taken.vector === vector);
  held.splice(own < 0 ? held.length - 1 : own, 1);
}

/** Operations count from 1; each step is one. */
function stepText(scene: Scene, operation: number): string {
  const step = scene.case.steps[operation - 1];
  return step === undefined ? 'boot' : `${step.label} (step ${operation})`;
}
