/**
 * The HTML report: one page for readers, without a server. Specs with their titles, sources and
 * machines; cases with their steps; failures as the other reports show them. Written a spec at a
 * time, so that memory does not grow with the run.
 */
import type { Reporter, RunEvent, StepResult } from '../../run/events.ts';
import { diagnosticText } from '../diagnostic-text.ts';
import type { Output } from '../output.ts';
import { plain } from '../style.ts';
import { element, escaped } from './markup.ts';
import { pageEnd, pageStart } from './page.ts';
import { type EndedCase, specMarkup } from './spec-markup.ts';

export function htmlReporter(output: Output): Reporter {
  let steps: StepResult[] = [];
  let ended: EndedCase[] = [];
  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start':
          return output.write(pageStart());
        case 'case-start':
          steps = [];
          return;
        case 'step':
          steps.push(event.result);
          return;
        case 'case-end':
          ended.push({ verdict: event.verdict, steps });
          return;
        case 'diagnostic': {
          const text = escaped(diagnosticText(event.diagnostic, plain));
          return output.write(element('pre', 'class="error"', text));
        }
        case 'file-start':
          ended = [];
          return;
        case 'file-end':
          return output.write(specMarkup(event.file, ended));
        case 'run-end':
          return output.write(pageEnd(event.summary));
      }
    },
    close: () => Promise.resolve(),
  };
}
