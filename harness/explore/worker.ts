/** A worker thread: a member of a team, its turns, and the barrier between them. */
import { parentPort, workerData } from 'node:worker_threads';
import { Mailbox } from '../../src/explore/engine/mailbox.ts';
import { decide, REPORT_LENGTH, TeamMember, type Decision } from '../../src/explore/engine/team.ts';
import { LiveWordFound } from '../../src/explore/model/live-words.ts';
import { ListWriter, readLists } from './checkpoint.ts';
import { ExplorationError } from './exploration.ts';
import { openSystem } from './system-source.ts';
import { CONTROL, type FromMember, type MemberData, type ToMember } from './team-messages.ts';

const data = workerData as MemberData;
const { exploration, rank } = data;
const { workers, limits, symmetry, partialOrder } = exploration;
const control = new Int32Array(data.control);
const reports = new Float64Array(data.reports);
const system = openSystem(exploration.system);
const box = (from: number, to: number): Mailbox | undefined => {
  const memory = data.mailboxes[from]?.[to];
  return memory && from !== to ? new Mailbox(new Int32Array(memory), system.width) : undefined;
};
const ranks = Array.from({ length: workers }, (_, n) => n);
const member = new TeamMember(
  system,
  rank,
  ranks.map((to) => box(rank, to)),
  ranks.map((from) => box(from, rank)),
  { symmetry, partialOrder, limits },
);
const lists = new ListWriter(exploration.checkpoint?.file ?? '', rank, data.resume?.image);
let depth = 0;
let turns = 0;

function begin(): void {
  if (data.resume === undefined) return member.start();
  const { image } = data.resume;
  const { shard } = member;
  readLists(exploration.checkpoint?.file ?? '', rank, image, shard.save().logs);
  shard.restore(image.counters);
  member.levelEnd = image.levelEnd;
  depth = data.resume.depth;
}

/** Returns when all workers have come. */
function barrier(): void {
  const opened = Atomics.load(control, CONTROL.opened);
  if (Atomics.add(control, CONTROL.arrived, 1) === workers - 1) {
    Atomics.store(control, CONTROL.arrived, 0);
    Atomics.add(control, CONTROL.opened, 1);
    Atomics.notify(control, CONTROL.opened);
  } else
    while (Atomics.load(control, CONTROL.opened) === opened)
      Atomics.wait(control, CONTROL.opened, opened);
}

/**
 * One turn of all. The reports of a turn are read while those of the next may be written: hence two
 * sets.
 */
function turn(onlyDeliver: boolean, mayPause: boolean): Decision {
  member.expand(onlyDeliver);
  if (rank === 0) Atomics.store(control, CONTROL.pause, Atomics.load(control, CONTROL.wanted));
  barrier();
  member.receive();
  const half = workers * REPORT_LENGTH;
  const set = (turns++ % 2) * half;
  member.report(reports, set + rank * REPORT_LENGTH);
  // Between the two barriers: after the second, member 0 may be in its next turn and write it anew,
  // and the others would decide otherwise than it did.
  const pause = mayPause && Atomics.load(control, CONTROL.pause) !== 0;
  barrier();
  return decide(system, reports.subarray(set, set + half), depth, limits, pause);
}

/**
 * Until the end or a pause; not before there was a turn, or pauses that come fast would stop all
 * progress.
 */
function go(): Decision {
  let decision: Decision = { next: 'turn' };
  for (let mayPause = false; decision.next !== 'end' && decision.next !== 'pause';) {
    decision = turn(decision.next === 'deliver', mayPause);
    mayPause = true;
    if (decision.next !== 'level') continue;
    depth++;
    member.nextLevel();
    if (rank === 0) Atomics.store(control, CONTROL.depth, depth);
  }
  return decision;
}

function answer(message: ToMember): FromMember {
  const { shard } = member;
  switch (message.say) {
    case 'go':
      return { say: 'halted', decision: go(), depth };
    case 'save':
      return { say: 'saved', image: lists.save(shard.save(), member.levelEnd) };
    case 'load': {
      const at = shard.load(message.state);
      const words = shard.codec.words.slice(at, at + system.width);
      return { say: 'loaded', words, parent: shard.parents.at(message.state) };
    }
  }
}

function answerOrFail(message: ToMember): FromMember {
  try {
    return answer(message);
  } catch (error) {
    if (error instanceof ExplorationError) return { say: 'refused', message: error.message };
    if (!(error instanceof LiveWordFound)) throw error;
    return { say: 'outgrown', live: error.live };
  }
}

begin();
parentPort?.on('message', (message: ToMember) => parentPort?.postMessage(answerOrFail(message)));
