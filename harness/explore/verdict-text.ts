/** An exploration's verdict, in words. */
import type { Verdict } from '../../src/explore/engine/verdict.ts';
import type { Style } from '../report/style.ts';
import type { CaseExploration } from './explore-case.ts';
import type { TimedReport } from './exploration.ts';
import { stateText, storyText } from './story-text.ts';

const number = (n: number): string => n.toLocaleString('en-US');

export function countsText({ states, transitions, depth, seconds }: TimedReport): string {
  const time = seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
  return `${number(states)} states, ${number(transitions)} transitions, depth ${depth}, ${time}`;
}

/** Of a search of fewer states nobody asks why it has so many. */
const MANY = 1_000;

/** What a long search took for alike, and why it could not the rest. */
export function symmetryText({ report, symmetry }: CaseExploration): string[] {
  const note = report.states < MANY ? undefined : symmetry?.();
  if (note === undefined) return [];
  const { renamed, kept } = note;
  const full = report.represented;
  const count = full === undefined ? '' : `; these stand for ${number(full)} states`;
  return [
    ...(renamed.length === 0 ? [] : [`alike: ${renamed.join(', ')}${count}`]),
    ...kept.map(({ of, why }) => `not alike: ${of} (${why})`),
  ];
}

/** One word for it, as the table of a run has it. */
export const verdictWord = ({ kind }: Verdict): 'HOLDS' | 'VIOLATED' | 'INCOMPLETE' =>
  kind === 'holds'
    ? 'HOLDS'
    : kind === 'violated' || kind === 'deadlock'
      ? 'VIOLATED'
      : 'INCOMPLETE';

export function reasonOf(verdict: Verdict): string | undefined {
  switch (verdict.kind) {
    case 'holds':
      return undefined;
    case 'violated':
      return `does not hold: ${verdict.property}`;
    case 'deadlock':
      return 'no thread can go on, and not all have finished';
    case 'unreached':
      return `never reached, so that the rest says little: ${verdict.situations.join('; ')}`;
    case 'incomplete':
      return `not every state was met: ${verdict.message}`;
  }
}

/** The counterexample: steps, and the state before and after the last. */
export function counterexampleText(
  { story, before, after }: CaseExploration,
  style: Style,
  width: number,
): string[] {
  if (story.length === 0) return [];
  return [
    ...storyText(story, style, width - 2).map((line) => `  ${line}`),
    '',
    `  ${style.dim('the state after it (-/+ what the last step changed)')}`,
    ...stateText(before, after, style),
  ];
}
