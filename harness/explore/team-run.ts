/**
 * Runs a team of workers: starts them, watches them, saves them, and puts together what they found.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Progress } from '../../src/explore/engine/search.ts';
import { NO_PARENT } from '../../src/explore/engine/shard.ts';
import type { System } from '../../src/explore/engine/system.ts';
import { FOUND, REPORT, REPORT_LENGTH, type Decision } from '../../src/explore/engine/team.ts';
import { TraceBuilder } from '../../src/explore/engine/trace.ts';
import { LiveWordFound } from '../../src/explore/model/live-words.ts';
import { incomplete, propertyName, type Verdict } from '../../src/explore/engine/verdict.ts';
import { isResumable, readHeader, writeHeader } from './checkpoint.ts';
import {
  ExplorationError,
  ProgressMeter,
  type Exploration,
  type TimedReport,
} from './exploration.ts';
import { openSystem } from './system-source.ts';
import {
  CONTROL,
  CONTROL_WORDS,
  type FromMember,
  type MemberData,
  type ToMember,
} from './team-messages.ts';

/**
 * Words of all mailboxes from one worker: long turns, for at the end of each all wait for the
 * slowest.
 */
const MAILBOX_WORDS = 1 << 20;
const PROGRESS_SECONDS = 0.5;

type Halted = Extract<FromMember, { say: 'halted' }>;

export async function exploreWithTeam(exploration: Exploration): Promise<TimedReport> {
  const team = new Team(exploration);
  try {
    return await team.finish();
  } finally {
    await team.close();
  }
}

class Team {
  private readonly exploration: Exploration;
  private readonly system: System;
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  private readonly reports: Float64Array;
  private readonly members: readonly Worker[];
  private readonly meter = new ProgressMeter();
  /** Rejects when a worker fails; it can come at any time. */
  private readonly failure: Promise<never>;

  constructor(exploration: Exploration) {
    const { workers, workerFile } = exploration;
    if (workerFile === undefined) throw new ExplorationError('several workers need a worker file');
    const header = readHeader(exploration);
    const mailboxes = ranks(workers).map((from) =>
      ranks(workers).map((to) => {
        const words = from === to ? 0 : Math.ceil(MAILBOX_WORDS / workers);
        return new SharedArrayBuffer(4 * words);
      }),
    );
    this.exploration = exploration;
    this.system = openSystem(exploration.system);
    this.reports = new Float64Array(new SharedArrayBuffer(16 * workers * REPORT_LENGTH));
    this.members = ranks(workers).map((rank) => {
      const image = header?.members[rank];
      const workerData: MemberData = {
        exploration: sendable(exploration),
        rank,
        control: this.control.buffer,
        reports: this.reports.buffer as SharedArrayBuffer,
        mailboxes,
        resume: header && image && { depth: header.depth, image },
      };
      return new Worker(workerFile, { workerData });
    });
    this.failure = Promise.race(
      this.members.map(async (member) => {
        const [error] = (await once(member, 'error')) as [Error];
        throw error;
      }),
    );
    this.failure.catch(() => undefined);
  }

  async finish(): Promise<TimedReport> {
    const { exploration } = this;
    const watch = setInterval(() => this.show(), 1000 * PROGRESS_SECONDS);
    const stop = (): void => void Atomics.store(this.control, CONTROL.wanted, 1);
    exploration.signal?.addEventListener('abort', stop);
    if (exploration.signal?.aborted === true) stop();
    try {
      for (;;) {
        const { decision, depth } = await this.go();
        const stopped = decision.next !== 'pause' || exploration.signal?.aborted === true;
        if (!stopped) {
          await this.save(depth);
          continue;
        }
        const report = await this.report(decision, depth);
        if (isResumable(report.verdict)) await this.save(depth);
        return report;
      }
    } finally {
      clearInterval(watch);
      exploration.signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.terminate()));
  }

  /** Until the search ends, is stopped, or is to be saved. */
  private async go(): Promise<Halted> {
    const { control, exploration } = this;
    const until = new AbortController();
    const seconds = exploration.checkpoint?.everySeconds ?? Infinity;
    if (exploration.signal?.aborted !== true) Atomics.store(control, CONTROL.wanted, 0);
    if (seconds < Infinity)
      sleep(1000 * seconds, undefined, until).then(
        () => Atomics.store(control, CONTROL.wanted, 1),
        () => undefined,
      );
    const halted = await Promise.all(this.members.map((member) => this.ask(member, { say: 'go' })));
    until.abort();
    return halted[0] as Halted;
  }

  private async ask(member: Worker, message: ToMember): Promise<FromMember> {
    const answer = once(member, 'message') as Promise<[FromMember]>;
    member.postMessage(message);
    const [reply] = await Promise.race([answer, this.failure]);
    if (reply.say === 'refused') throw new ExplorationError(reply.message);
    if (reply.say === 'outgrown') throw new LiveWordFound(reply.live);
    return reply;
  }

  private async save(depth: number): Promise<void> {
    if (this.exploration.checkpoint === undefined) return;
    const saved = await Promise.all(
      this.members.map((member) => this.ask(member, { say: 'save' })),
    );
    const images = saved.flatMap((answer) => (answer.say === 'saved' ? [answer.image] : []));
    writeHeader(this.exploration, depth, images);
  }

  private show(): void {
    const depth = Atomics.load(this.control, CONTROL.depth);
    this.exploration.onProgress?.(this.meter.read(this.progress(depth)));
  }

  /** The larger of each member's two last reports: these numbers only grow. */
  private sum(field: number): number {
    const half = this.members.length * REPORT_LENGTH;
    return ranks(this.members.length).reduce((total, rank) => {
      const at = rank * REPORT_LENGTH + field;
      return total + Math.max(this.reports[at] as number, this.reports[half + at] as number);
    }, 0);
  }

  private progress(depth: number): Progress {
    const states = this.sum(REPORT.states);
    const queue = states - this.sum(REPORT.expanded);
    return {
      states,
      transitions: this.sum(REPORT.transitions),
      depth,
      queue,
      bytes: this.sum(REPORT.bytes),
    };
  }

  private async report(decision: Decision, depth: number): Promise<TimedReport> {
    const { system, exploration, members } = this;
    const verdict = await this.verdict(decision);
    const reached = ranks(2 * members.length).reduce(
      (all, row) => all | (this.reports[row * REPORT_LENGTH + REPORT.situations] as number),
      0,
    );
    const symmetry = exploration.symmetry ? system.symmetry : undefined;
    const progress = this.progress(depth);
    return {
      ...progress,
      verdict,
      represented: symmetry?.orbit ? this.sum(REPORT.represented) : undefined,
      putOff: this.sum(REPORT.putOff),
      depth: depth + (progress.states > this.sum(REPORT.levelEnd) ? 1 : 0),
      reached: system.situations.filter((_, n) => reached & (1 << n)),
      seconds: this.meter.seconds,
    };
  }

  private async verdict(decision: Decision): Promise<Verdict> {
    if (decision.next !== 'end') return incomplete('cancelled', 'the search was stopped');
    if ('verdict' in decision) return decision.verdict;
    const { system, exploration } = this;
    const { rank, found, state, property } = decision;
    const path = await this.pathTo(state * this.members.length + rank);
    const symmetry = exploration.symmetry ? system.symmetry : undefined;
    const trace = new TraceBuilder(system, symmetry).through(path);
    if (found === FOUND.deadlock) return { kind: 'deadlock', trace: trace.build() };
    if (found === FOUND.step) trace.blamed(property);
    return { kind: 'violated', property: propertyName(system, property), trace: trace.build() };
  }

  private async pathTo(state: number): Promise<Int32Array[]> {
    const { members } = this;
    const path: Int32Array[] = [];
    for (let s = state; s !== NO_PARENT;) {
      const member = members[s % members.length] as Worker;
      const answer = await this.ask(member, { say: 'load', state: Math.floor(s / members.length) });
      if (answer.say !== 'loaded') throw new Error('IMPOSSIBLE: a worker answered something else');
      path.push(answer.words);
      s = answer.parent;
    }
    return path.reverse();
  }
}

/** Functions and signals cannot be sent to a worker. */
function sendable(exploration: Exploration): MemberData['exploration'] {
  const { signal, onProgress, ...rest } = exploration;
  void [signal, onProgress];
  return rest;
}

const ranks = (workers: number): number[] => Array.from({ length: workers }, (_, rank) => rank);
