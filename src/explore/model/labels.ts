/** Steps as small integers: who takes it, and what. */
import { MAX_CHOICES, MAX_DEVICES, MAX_FIRES, MAX_QUEUES, MAX_THREADS } from './plan.ts';

export type Label =
  /** The idle thread begins an operation of its plan. */
  | { readonly kind: 'begin'; readonly thread: number; readonly choice: number }
  | { readonly kind: 'step'; readonly thread: number }
  /** The device raises the nth vector of plan.fires. */
  | { readonly kind: 'fire'; readonly fire: number }
  /** The device's write in flight reaches the SMMU. */
  | { readonly kind: 'arrive'; readonly device: number }
  /** The owner of a queue reads its oldest command (HardwareSteps.queues). */
  | { readonly kind: 'read'; readonly queue: number }
  /** An SMMU drops something that it has cached and that is out of date (HardwareSteps.stale). */
  | { readonly kind: 'forget'; readonly cached: number };

const STEPS = MAX_THREADS * MAX_CHOICES;
const FIRES = STEPS + MAX_THREADS;
const ARRIVALS = FIRES + MAX_FIRES;
const READS = ARRIVALS + MAX_DEVICES;
const FORGETS = READS + MAX_QUEUES;
/** More than there are. */
export const LABELS = 2 ** 32;

export const beginLabel = (thread: number, choice: number): number => thread * MAX_CHOICES + choice;
export const stepLabel = (thread: number): number => STEPS + thread;
export const fireLabel = (fire: number): number => FIRES + fire;
export const arriveLabel = (device: number): number => ARRIVALS + device;
export const readLabel = (queue: number): number => READS + queue;
export const forgetLabel = (cached: number): number => FORGETS + cached;

const decoded: Label[] = [];

/** Asked for each step several times. */
export const labelOf = (label: number): Label => (decoded[label] ??= decode(label));

function decode(label: number): Label {
  if (label >= FORGETS) return { kind: 'forget', cached: label - FORGETS };
  if (label >= READS) return { kind: 'read', queue: label - READS };
  if (label >= ARRIVALS) return { kind: 'arrive', device: label - ARRIVALS };
  if (label >= FIRES) return { kind: 'fire', fire: label - FIRES };
  if (label >= STEPS) return { kind: 'step', thread: label - STEPS };
  return { kind: 'begin', thread: Math.floor(label / MAX_CHOICES), choice: label % MAX_CHOICES };
}
