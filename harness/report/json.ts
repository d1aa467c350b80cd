/**
 * The JSON report, docs/json-format.md. Cases are written as they end, one a line, so that a run of
 * any length takes the same memory; the summary comes last because it is known last.
 */
import type { Reporter, RunEvent } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { jsonText, namedJson, stepJson, verdictJson } from './case-json.ts';
import type { Output } from './output.ts';

/**
 * Of the JSON report and of ndjson. Rises when a reader of the old format could misunderstand the
 * new one.
 */
export const JSON_VERSION = 1;

export function jsonReporter(output: Output): Reporter {
  let first = true;
  let steps: object[] = [];
  const diagnostics: Diagnostic[] = [];
  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start': {
          const { seed, shard } = event;
          const head = jsonText({ version: JSON_VERSION, seed, shard }).slice(0, -1);
          output.write(`${head},"cases":[`);
          return;
        }
        case 'case-start':
          steps = [];
          return;
        case 'step':
          steps.push(stepJson(event.result));
          return;
        case 'case-end': {
          const { verdict } = event;
          const all = { ...namedJson(verdict.case), ...verdictJson(verdict), steps };
          output.write(`${first ? '' : ','}\n${jsonText(all)}`);
          first = false;
          return;
        }
        case 'diagnostic':
          diagnostics.push(event.diagnostic);
          return;
        case 'run-end':
          output.write(
            `\n],"diagnostics":${jsonText(diagnostics)},"summary":${jsonText(event.summary)}}\n`,
          );
          return;
        case 'file-start':
        case 'file-end':
          return;
      }
    },
    close: () => Promise.resolve(),
  };
}
