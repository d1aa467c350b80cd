/**
 * Finds nearly all words that ever change before a search begins (LiveWords): it walks through the
 * plan along a few ways and notes what steps change that could be taken on them. What it misses is
 * found by the search itself, which then begins anew.
 */
import { Judge } from './judge.ts';
import {
  arriveLabel,
  beginLabel,
  fireLabel,
  forgetLabel,
  labelOf,
  LABELS,
  readLabel,
  stepLabel,
} from './labels.ts';
import { addChanges, inOrder } from './live-words.ts';
import type { ExploreMachine } from './machine.ts';

/**
 * So many steps without a new word are the end of a way: to find the few that are left, a search is
 * cheaper.
 */
const PATIENCE = 100;
const MOST_WAYS = 8;
/** So many ways without a new word, and there is hardly one. */
const ENOUGH_WAYS = 2;

export function scoutLiveWords(machine: ExploreMachine): number[] {
  const live = new Set<number>();
  const judge = new Judge(machine);
  for (let way = 0, since = 0; way < MOST_WAYS && since < ENOUGH_WAYS; way++, since++) {
    const known = live.size;
    walk(machine, judge, live, way);
    if (live.size > known) since = 0;
  }
  return inOrder(live);
}

function walk(machine: ExploreMachine, judge: Judge, live: Set<number>, way: number): void {
  machine.reset();
  const { store } = machine;
  const looked = new Set<number>();
  for (let n = 0, since = 0; since < PATIENCE; n++, since++) {
    const known = live.size;
    const labels = enabled(machine);
    if (labels.length === 0) return;
    const taken = labels[choose(n, way, labels.length)] as number;
    for (const label of labels) {
      const kind = kindOf(machine, label);
      if (label === taken || looked.has(kind)) continue;
      looked.add(kind);
      const mark = store.mark();
      machine.take(label);
      addChanges(store, mark, live);
      store.undo(mark);
    }
    machine.log.clear();
    const mark = store.mark();
    machine.take(taken);
    addChanges(store, mark, live);
    // As in a search: what a broken machine does is not looked at.
    if (judge.step(-1) !== 0 || judge.state() !== 0) return;
    store.commit();
    if (live.size > known) since = 0;
  }
}

/**
 * On one way, steps of a kind mostly change the same words: those of one instruction, or of one
 * device.
 */
function kindOf(machine: ExploreMachine, label: number): number {
  const what = labelOf(label);
  const pc = what.kind === 'step' ? (machine.threads[what.thread]?.pc ?? 0) : 0;
  return label + LABELS * pc;
}

function enabled(machine: ExploreMachine): number[] {
  const { fires, hardware, inFlight, threads } = machine;
  const labels: number[] = [];
  for (let thread = 0; thread < threads.length; thread++) {
    if (machine.current(thread) < 0) {
      for (const choice of machine.choices(thread))
        if (machine.mayBegin(thread, choice)) labels.push(beginLabel(thread, choice));
    } else if (machine.mayStep(thread)) labels.push(stepLabel(thread));
  }
  for (let n = 0; n < fires.length; n++) if (machine.mayFire(n)) labels.push(fireLabel(n));
  for (let device = 0; device < inFlight.length; device++)
    if (inFlight.get(device) !== 0) labels.push(arriveLabel(device));
  hardware.queues.forEach(({ fifo }, n) => {
    if (fifo.length > 0) labels.push(readLabel(n));
  });
  if (machine.plan.caches === 'kept') hardware.forEachStale((n) => labels.push(forgetLabel(n)));
  return labels;
}

/** Spread, and the same each time. */
const choose = (n: number, way: number, among: number): number =>
  (Math.imul(Math.imul(n + 1, 0x9e37_79b1) ^ Math.imul(way + 1, 0x85eb_ca6b), 0x2c1b_3c6d) >>> 16) %
  among;
