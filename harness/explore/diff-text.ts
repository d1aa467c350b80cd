/** The difference of two designs, for a terminal or a mail. */
import type { Style } from '../report/style.ts';
import type { DesignDiff, Difference, Outcomes } from './design-diff.ts';
import { storyText } from './story-text.ts';

/** Stories beyond this, of one side, are counted: the first ones are the shortest. */
const MAX_STORIES = 10;

const number = (n: number): string => n.toLocaleString('en-US');

export const outcomesText = ({ outcomes, states, represented, complete }: Outcomes): string => {
  const all = represented !== undefined && represented > states;
  const standing = all ? ` that stand for ${number(represented)}` : '';
  return `${number(outcomes.size)} outcomes in ${number(states)} states${standing}${complete ? '' : ', not all'}`;
};

export function diffText(
  { found, only, common }: DesignDiff,
  names: readonly [string, string],
  style: Style,
  width: number,
): string[] {
  const [a, b] = names;
  return [
    ...sideText(a, b, only[0], found[1].complete, style, width),
    ...sideText(b, a, only[1], found[0].complete, style, width),
    `  ${style.dim(`${number(common.length)} outcomes with both`)}`,
  ];
}

function sideText(
  name: string,
  other: string,
  differences: readonly Difference[],
  proven: boolean,
  style: Style,
  width: number,
): string[] {
  if (differences.length === 0) return [];
  const why = proven ? '' : `  (not found with ${other}, of which not every state was met)`;
  const more = differences.length - MAX_STORIES;
  return [
    `  ${style.bold(`only with ${name}`)}${style.dim(why)}`,
    ...differences
      .slice(0, MAX_STORIES)
      .flatMap(({ outcomes, story }) => [
        '',
        ...outcomes.map((outcome) => `    ${outcome}`),
        '',
        ...(story.length > 0
          ? storyText(story, style, width - 2).map((line) => `  ${line}`)
          : [style.dim('    (a shortest story was not found within the bound)')]),
      ]),
    ...(more > 0 ? ['', `    and ${more} more; --json has them`] : []),
    '',
  ];
}
