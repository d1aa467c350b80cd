/**
 * The events of a run, one a line as it happens, for programs that follow it. docs/json-format.md.
 */
import type { Reporter, RunEvent } from '../run/events.ts';
import { jsonText, namedJson, stepJson, verdictJson } from './case-json.ts';
import { JSON_VERSION } from './json.ts';
import type { Output } from './output.ts';

export function ndjsonReporter(output: Output): Reporter {
  return {
    on: (event) => output.write(`${jsonText(lineOf(event))}\n`),
    close: () => Promise.resolve(),
  };
}

function lineOf(event: RunEvent): object {
  const { type } = event;
  switch (type) {
    case 'run-start': {
      const { paths, seed, shard } = event;
      return { event: type, version: JSON_VERSION, seed, shard, paths };
    }
    case 'file-start':
      return { event: type, file: event.file, cases: event.list.map(({ id }) => id) };
    case 'case-start':
      return { event: type, ...namedJson(event.case) };
    case 'step':
      return { event: type, id: event.case.id, ...stepJson(event.result) };
    case 'case-end': {
      const { verdict } = event;
      return { event: type, ...namedJson(verdict.case), ...verdictJson(verdict) };
    }
    case 'file-end':
      return { event: type, file: event.file };
    case 'diagnostic':
      return { event: type, ...event.diagnostic };
    case 'run-end':
      return { event: type, summary: event.summary };
  }
}
