/**
 * Breadth-first search by several workers. Each is responsible for the states that hash to it: it
 * stores them and expands them. Successors of others go into mailboxes.
 *
 * Turns: all expand until the level is done or a mailbox is full; then all take their mail; then
 * all come to the same decision from what each reports. No level begins before the one before is
 * done, so counterexamples stay shortest; and no result depends on how fast a worker is.
 */
import { complete, incomplete, outOfMemory, type Limits, type Verdict } from './verdict.ts';
import type { Mailbox } from './mailbox.ts';
import type { SearchOptions } from './search.ts';
import { Shard } from './shard.ts';
import { hashKey } from './state-set.ts';
import { Successors } from './successors.ts';
import type { System } from './system.ts';

/** What a member reports after each turn: places in a row of numbers. */
export const REPORT = {
  states: 0,
  expanded: 1,
  /** States of its own before which the level ends. */
  levelEnd: 2,
  transitions: 3,
  bytes: 4,
  situations: 5,
  represented: 6,
  /** One of FOUND; with the state, and the property, that it is about. */
  found: 7,
  state: 8,
  property: 9,
  /** States that are not in a mailbox yet. */
  pending: 10,
  putOff: 11,
} as const;
export const REPORT_LENGTH = 12;

export const FOUND = { nothing: 0, state: 1, step: 2, deadlock: 3, memory: 4 } as const;

/** States on their way to others, and the state that each comes from. */
class Waiting {
  readonly states: Successors;
  origins = new Int32Array(1024);
  /** Whose each is. */
  owners = new Int32Array(1024);

  constructor(width: number) {
    this.states = new Successors(width);
  }

  clear(): void {
    this.states.clear();
  }

  add(from: Successors, n: number, origin: number, owner: number): void {
    const { states } = this;
    states.push(0, from.words, n * from.width);
    if (this.origins.length < states.count) {
      this.origins = twice(this.origins);
      this.owners = twice(this.owners);
    }
    this.origins[states.count - 1] = origin;
    this.owners[states.count - 1] = owner;
  }
}

function twice(old: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * old.length);
  longer.set(old);
  return longer;
}

/**
 * Who is responsible for a state. Unlike the hash of the state set, or a worker's set would be half
 * empty.
 */
export function ownerOf(words: Int32Array, at: number, width: number, workers: number): number {
  let h = 1;
  for (let w = 0; w < width; w++) h = hashKey(h, words[at + w] as number);
  return (h >>> 3) % workers;
}

export class TeamMember {
  readonly shard: Shard;
  private readonly system: System;
  private readonly rank: number;
  private readonly bytes: number;
  /** To each worker, and from each; to and from itself, none. */
  private readonly outboxes: readonly (Mailbox | undefined)[];
  private readonly inboxes: readonly (Mailbox | undefined)[];
  levelEnd = 0;
  /** States of others for which there was no room in a mailbox. */
  private readonly waiting: Waiting;
  private readonly mail: Successors;
  /** The first of them that is not in a mailbox yet. */
  private pending = 0;
  private found: number = FOUND.nothing;
  private foundState = 0;
  private foundProperty = 0;

  constructor(
    system: System,
    rank: number,
    outboxes: readonly (Mailbox | undefined)[],
    inboxes: readonly (Mailbox | undefined)[],
    options: SearchOptions,
  ) {
    const workers = outboxes.length;
    this.system = system;
    this.rank = rank;
    this.outboxes = outboxes;
    this.inboxes = inboxes;
    this.bytes = (options.limits?.bytes ?? Infinity) / workers;
    this.waiting = new Waiting(system.width);
    this.mail = new Successors(system.width);
    this.shard = new Shard(system, options, {
      rank,
      workers,
      isOwn: (words, at) => this.ownerOf(words, at) === rank,
    });
  }

  /** The initial states that are its own. */
  start(): void {
    this.shard.start();
    this.keepOwn();
    this.admit(this.shard.out, this.shard.origins);
    this.levelEnd = this.shard.states;
  }

  /**
   * First half of a turn: the level's states, until it is done or a mailbox is full. With
   * `onlyDeliver`, what was found before goes out and nothing is added to it.
   */
  expand(onlyDeliver: boolean): void {
    const { shard } = this;
    while (this.found === FOUND.nothing && this.deliver()) {
      if (onlyDeliver || shard.head === this.levelEnd) return;
      shard.expand(this.levelEnd);
      this.judgeSteps();
      this.sort();
      this.admit(shard.out, shard.origins);
    }
  }

  /** Second half, when all mailboxes are at rest. */
  receive(): void {
    for (const inbox of this.inboxes) {
      if (inbox === undefined) continue;
      this.mail.clear();
      this.admit(this.mail, inbox.take(this.mail));
    }
  }

  nextLevel(): void {
    this.levelEnd = this.shard.states;
  }

  report(into: Float64Array, at: number): void {
    const { shard } = this;
    into[at + REPORT.states] = shard.states;
    into[at + REPORT.expanded] = shard.head;
    into[at + REPORT.levelEnd] = this.levelEnd;
    into[at + REPORT.transitions] = shard.transitions;
    into[at + REPORT.bytes] = shard.bytes;
    into[at + REPORT.situations] = shard.situations;
    into[at + REPORT.represented] = shard.represented;
    into[at + REPORT.putOff] = shard.putOff;
    into[at + REPORT.found] = this.found;
    into[at + REPORT.state] = this.foundState;
    into[at + REPORT.property] = this.foundProperty;
    into[at + REPORT.pending] = this.waiting.states.count - this.pending;
  }

  private ownerOf(words: Int32Array, at: number): number {
    return ownerOf(words, at, this.system.width, this.outboxes.length);
  }

  /** Every worker meets the initial states, so nothing is sent. */
  private keepOwn(): void {
    this.sort();
    for (const box of this.outboxes) box?.clear();
    this.pending = this.waiting.states.count;
  }

  /**
   * Of what was expanded last, keeps its own in shard.out; the rest goes into mailboxes, or waits
   * for room.
   */
  private sort(): void {
    const { waiting, rank } = this;
    const { out, origins } = this.shard;
    const { words, width } = out;
    waiting.clear();
    this.pending = 0;
    let kept = 0;
    for (let n = 0; n < out.count; n++) {
      const owner = this.ownerOf(words, n * width);
      const origin = origins[n] as number;
      if (owner !== rank) {
        if (
          waiting.states.count > 0 ||
          this.outboxes[owner]?.put(words, n * width, origin) !== true
        )
          waiting.add(out, n, origin, owner);
        continue;
      }
      for (let w = 0; w < width; w++) words[kept * width + w] = words[n * width + w] as number;
      origins[kept++] = origin;
    }
    out.count = kept;
  }

  /** Puts what waits into mailboxes; false if one is full. */
  private deliver(): boolean {
    const { states, origins, owners } = this.waiting;
    for (; this.pending < states.count; this.pending++) {
      const box = this.outboxes[owners[this.pending] as number];
      const at = this.pending * states.width;
      if (box?.put(states.words, at, origins[this.pending] as number) !== true) return false;
    }
    return true;
  }

  private admit(states: Successors, origins: Int32Array<ArrayBuffer>): void {
    const { shard, system } = this;
    if (this.found !== FOUND.nothing) return;
    if (!shard.reserve(states.count, this.bytes)) return this.find(FOUND.memory, 0, 0);
    const at = shard.admit(states, origins);
    if (at < 0) return;
    this.find(FOUND.state, shard.states - 1, system.check(states.words, at * system.width));
  }

  private judgeSteps(): void {
    const { out, origins, deadlock, workers } = this.shard;
    if (deadlock >= 0) return this.find(FOUND.deadlock, deadlock, 0);
    if (out.blamed === 0) return;
    const at = out.blames.findIndex((property) => property !== 0);
    const local = Math.floor((origins[at] as number) / workers);
    this.find(FOUND.step, local, out.blames[at] as number);
  }

  private find(found: number, state: number, property: number): void {
    this.found = found;
    this.foundState = state;
    this.foundProperty = property;
  }
}

/** What all do after a turn. Each comes to the same decision, for each sees the same reports. */
export type Decision =
  | { readonly next: 'turn' | 'deliver' | 'level' | 'pause' }
  | { readonly next: 'end'; readonly verdict: Verdict }
  /** A violation or a deadlock: the path to the state is still to be found. */
  | {
      readonly next: 'end';
      readonly found: number;
      readonly rank: number;
      readonly state: number;
      readonly property: number;
    };

export function decide(
  system: System,
  reports: Float64Array,
  depth: number,
  limits: Limits,
  pause: boolean,
): Decision {
  const workers = reports.length / REPORT_LENGTH;
  const of = (rank: number, field: number): number =>
    reports[rank * REPORT_LENGTH + field] as number;
  const ranks = Array.from({ length: workers }, (_, rank) => rank);
  const sum = (field: number): number => ranks.reduce((total, rank) => total + of(rank, field), 0);
  const states = sum(REPORT.states);
  for (const kind of [FOUND.deadlock, FOUND.step, FOUND.state]) {
    const rank = ranks.find((r) => of(r, REPORT.found) === kind);
    if (rank === undefined) continue;
    const [state, property] = [of(rank, REPORT.state), of(rank, REPORT.property)];
    return { next: 'end', found: kind, rank, state, property };
  }
  if (ranks.some((rank) => of(rank, REPORT.found) === FOUND.memory))
    return { next: 'end', verdict: outOfMemory(states, limits) };
  const full = states >= (limits.states ?? Infinity);
  if ((full || pause) && sum(REPORT.pending) > 0) return { next: 'deliver' };
  if (full) return { next: 'end', verdict: incomplete('states', `${states} states were met`) };
  if (pause) return { next: 'pause' };
  if (sum(REPORT.expanded) < sum(REPORT.levelEnd) || sum(REPORT.pending) > 0)
    return { next: 'turn' };
  if (states === sum(REPORT.levelEnd)) {
    const reached = ranks.reduce((all, rank) => all | of(rank, REPORT.situations), 0);
    return { next: 'end', verdict: complete(system, reached) };
  }
  if (depth === limits.depth)
    return { next: 'end', verdict: incomplete('depth', `${depth} steps were taken`) };
  return { next: 'level' };
}
