/**
 * Finds nearly all words that ever change before a search begins (LiveWords): it walks one way through the plan and
 * notes what every step changes that could be taken on it. What it misses is found by the search itself, which then begins anew.
 */
import { Judge } from './judge.ts';
import { addChanges, inOrder } from './live-words.ts';
import type { ExploreMachine } from './machine.ts';

/** So many steps without a new word are the end of the walk: to find the few that are left, a search is cheaper. */
const PATIENCE = 100;

export function scoutLiveWords(machine: ExploreMachine): number[] {
  machine.reset();
  const { store } = machine;
  const judge = new Judge(machine);
  const live = new Set<number>();
  const fired = new Set<number>();
  /** Notes what a step changes, and takes it back. */
  const look = (take: () => void): void => {
    const mark = store.mark();
    take();
    addChanges(store, mark, live);
    store.undo(mark);
  };
  let known = 0;
  for (let n = 0, since = 0; since < PATIENCE; n++, since++) {
    machine.log.clear();
    machine.fires.forEach(({ device }, fire) => {
      if (fired.has(fire) || !machine.mayFire(fire)) return;
      look(() => {
        machine.fire(fire);
        if (machine.inFlight.get(device) !== 0) machine.arrive(device);
      });
      fired.add(fire);
    });
    const moves = threadMoves(machine);
    for (const move of moves) look(move);
    if (live.size > known) since = 0;
    known = live.size;
    if (moves.length === 0) break;
    machine.log.clear();
    (moves[choose(n, moves.length)] as () => void)();
    // As in a search: what a broken machine does is not looked at.
    if (judge.step(-1) !== 0 || judge.state() !== 0) break;
    store.commit();
  }
  return inOrder(live);
}

function threadMoves(machine: ExploreMachine): (() => void)[] {
  return machine.threads.flatMap((_, thread) => {
    if (machine.current(thread) >= 0)
      return machine.mayStep(thread) ? [(): void => machine.step(thread)] : [];
    return machine
      .choices(thread)
      .filter((choice) => machine.mayBegin(thread, choice))
      .map((choice) => (): void => machine.begin(thread, choice));
  });
}

/** Spread, and the same each time. */
const choose = (n: number, among: number): number => (Math.imul(n + 1, 0x9e37_79b1) >>> 16) % among;
