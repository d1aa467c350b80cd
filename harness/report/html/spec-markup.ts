/** One spec file and its cases. */
import type { ReportedCase, StepResult, Verdict } from '../../run/events.ts';
import { verdictText } from '../failure-text.ts';
import { plain } from '../style.ts';
import { caseText, isBad } from '../summary-text.ts';
import { machineMarkup } from './machine-markup.ts';
import { element, escaped, fold, span } from './markup.ts';

/** Of the events of one step, as in the other reports. */
const MAX_EVENTS = 200;

export interface EndedCase {
  readonly verdict: Verdict;
  readonly steps: readonly StepResult[];
}

export function specMarkup(file: string, ended: readonly EndedCase[]): string {
  const [first] = ended;
  if (first === undefined) return '';
  const { case: spec } = first.verdict;
  const bad = ended.some(({ verdict }) => isBad(verdict.status));
  const head = `${marks(ended)} ${element('b', '', escaped(spec.title))} ${span('note', file)}`;
  return fold(`spec${bad ? ' bad' : ''}`, bad, head, about(spec) + ended.map(caseMarkup).join(''));
}

/** A mark for each case: a file of many points is seen at a glance. */
function marks(ended: readonly EndedCase[]): string {
  const each = ended.map(({ verdict }) => {
    const title = escaped(`${verdict.status} ${caseText(verdict)}`);
    return `<i class="mark ${verdict.status}" title="${title}"></i>`;
  });
  return element('span', 'class="marks"', each.join(''));
}

function about({ description, source, tags, topology }: ReportedCase): string {
  const words = tags.map((tag) => span('tag', tag)).join(' ');
  return element(
    'div',
    'class="about"',
    (description === undefined ? '' : element('p', '', escaped(description.trim()))) +
      (source === undefined ? '' : element('p', 'class="note"', escaped(`source: ${source}`))) +
      (topology === undefined ? '' : machineMarkup(topology)) +
      (words === '' ? '' : element('p', '', words)),
  );
}

function caseMarkup({ verdict, steps }: EndedCase): string {
  const bad = isBad(verdict.status);
  const head = `${span(`status ${verdict.status}`, verdict.status)} ${escaped(caseText(verdict))}`;
  const failure = bad ? element('pre', '', escaped(verdictText(verdict, plain))) : '';
  const rows = element('table', '', steps.map(stepMarkup).join(''));
  const again = element(
    'p',
    'class="note"',
    `repeat: ${element('code', '', escaped(verdict.repeat))}`,
  );
  return fold('case', bad, head, failure + rows + (bad ? '' : again));
}

function stepMarkup({ step, index, error, checks, failed, trace }: StepResult): string {
  const outcome = error === undefined ? '' : span('error', error);
  const made = checks === 0 ? '' : `${checks - failed}/${checks} checks`;
  const cells = [
    element('td', 'class="note"', String(index + 1)),
    element('td', '', escaped(step.label)),
    element('td', '', outcome),
    element('td', `class="${failed > 0 ? 'error' : 'note'}"`, made),
    element('td', 'class="note"', `line ${step.place.line}`),
  ];
  const row = element('tr', '', cells.join(''));
  if (trace.length === 0) return row;
  const shown = trace.slice(0, MAX_EVENTS).map(({ who, text }) => `${who}  ${text}`);
  if (trace.length > shown.length) shown.push(`and ${trace.length - shown.length} more events`);
  const events = element('pre', '', escaped(shown.join('\n')));
  return `${row}<tr><td></td><td colspan="4">${events}</td></tr>`;
}
