/** Teams in one thread: their turns one after another, with mailboxes that are soon full. */
import { describe, expect, test } from '@jest/globals';
import { SIZES, type Parameters } from '../scenario/parameters.ts';
import { Scenario } from '../scenario/scenario.ts';
import { BreadthFirst } from './breadth-first.ts';
import { Mailbox } from './mailbox.ts';
import type { SearchOptions } from './search.ts';
import { decide, FOUND, REPORT, REPORT_LENGTH, TeamMember, type Decision } from './team.ts';

interface Outcome {
  readonly decision: Decision;
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  /** Turns after which a worker still had states that did not fit into a mailbox. */
  readonly overflows: number;
}

/** `capacity`: states that a mailbox holds. */
function run(
  parameters: Parameters,
  workers: number,
  capacity: number,
  options: SearchOptions = {},
  pauseAt = Infinity,
): Outcome {
  const system = new Scenario(parameters);
  const ranks = Array.from({ length: workers }, (_, rank) => rank);
  const words = 1 + capacity * (system.width + 1);
  const boxes = ranks.map((from) =>
    ranks.map((to) => (from === to ? undefined : new Mailbox(new Int32Array(words), system.width))),
  );
  const members = ranks.map(
    (rank) =>
      new TeamMember(
        new Scenario(parameters),
        rank,
        boxes[rank] ?? [],
        boxes.map((row) => row[rank]),
        options,
      ),
  );
  const reports = new Float64Array(workers * REPORT_LENGTH);
  const sum = (field: number): number =>
    ranks.reduce((total, rank) => total + (reports[rank * REPORT_LENGTH + field] as number), 0);
  members.forEach((member) => member.start());
  let [depth, overflows] = [0, 0];
  let decision: Decision = { next: 'turn' };
  for (let turn = 0; decision.next !== 'end' && decision.next !== 'pause'; turn++) {
    const onlyDeliver = decision.next === 'deliver';
    members.forEach((member) => member.expand(onlyDeliver));
    members.forEach((member) => member.receive());
    members.forEach((member, rank) => member.report(reports, rank * REPORT_LENGTH));
    if (sum(REPORT.pending) > 0) overflows++;
    decision = decide(system, reports, depth, options.limits ?? {}, turn >= pauseAt);
    if (decision.next !== 'level') continue;
    depth++;
    members.forEach((member) => member.nextLevel());
  }
  if (decision.next === 'pause') expect(sum(REPORT.pending)).toBe(0);
  return {
    decision,
    depth,
    states: sum(REPORT.states),
    transitions: sum(REPORT.transitions),
    overflows,
  };
}

describe('a team', () => {
  test.each([
    [2, 10_000],
    [2, 7],
    [5, 3],
  ])('of %i with room for %i in a mailbox meets every state once', (workers, capacity) => {
    const { overflows, ...outcome } = run(SIZES['1e4'], workers, capacity);
    expect(outcome).toEqual({
      decision: { next: 'end', verdict: { kind: 'holds' } },
      depth: 18,
      states: 13_121,
      transitions: 66_096,
    });
    expect(overflows > 0).toBe(capacity < 100);
  });

  test('finds a violation no later than one worker does', () => {
    const alone = new BreadthFirst(new Scenario(SIZES.bugW));
    alone.run(Infinity);
    const { decision, depth } = run(SIZES.bugW, 3, 20);
    expect(decision).toMatchObject({ next: 'end', found: FOUND.state, property: 3 });
    expect(depth + 1).toBe(alone.report().depth);
  });

  test('pauses and stops at a bound with nothing on its way', () => {
    expect(run(SIZES['1e4'], 3, 5, {}, 200).decision).toEqual({ next: 'pause' });
    const bounded = run(SIZES['1e4'], 3, 5, { limits: { states: 4_000 } });
    expect(bounded.decision).toMatchObject({ verdict: { kind: 'incomplete', bound: 'states' } });
  });

  test('loses nothing with both reductions', () => {
    const both = { symmetry: true, partialOrder: true };
    const alone = new BreadthFirst(new Scenario(SIZES['1e4']), both);
    alone.run(Infinity);
    const { states, transitions } = alone.report();
    expect(run(SIZES['1e4'], 4, 9, both)).toMatchObject({ states, transitions });
  });
});
