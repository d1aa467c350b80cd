/** A board as a maker of guests: one connection for all cases, and a new one when it broke. */
import type { GuestMaker, RunningGuest } from '../guest-port.ts';
import { Recorded, told } from '../launched-guests.ts';
import { BoardGuest, type BoardOptions } from './board-guest.ts';
import { type BoardFacts, checkBoard, factsOf, QUESTIONS, recipesOf } from './facts.ts';

/** Connects at once: which kernel it is, and what there is, decides which cases can run. */
export async function boardGuests(options: BoardOptions): Promise<GuestMaker> {
  const first = await connect(options);
  const facts = await ask(first);
  let waiting: BoardGuest | undefined = first;
  return {
    release: first.release,
    place: {
      check: (topology) => checkBoard(topology, facts),
      recipes: (topology) => recipesOf(topology, facts),
      isGuest: false,
    },
    key: () => 'board',
    keepers: () => [],
    boot: async (): Promise<RunningGuest> => {
      const guest = waiting ?? (await connect(options));
      waiting = undefined;
      return new Recorded(guest, false);
    },
    close: async () => {
      await waiting?.close();
      waiting = undefined;
    },
  };
}

async function connect(options: BoardOptions): Promise<BoardGuest> {
  try {
    return await BoardGuest.connect(options);
  } catch (error) {
    throw told(error);
  }
}

async function ask(board: BoardGuest): Promise<BoardFacts> {
  const lines: string[] = [];
  for (const question of QUESTIONS) lines.push(...(await board.request(`sh ${question}`)).lines);
  return factsOf(board, lines);
}
