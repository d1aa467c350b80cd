/**
 * The reporters by name. Each is loaded when it is asked for: listr2 costs more than a small run.
 */
import type { Reporter } from '../run/events.ts';
import type { Output, ReportSettings } from './output.ts';

export const REPORTER_NAMES = [
  'tasks',
  'lines',
  'json',
  'ndjson',
  'junit',
  'tap',
  'github',
  'html',
] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];

export const isReporterName = (name: string): name is ReporterName =>
  REPORTER_NAMES.some((known) => known === name);

export async function makeReporter(
  name: ReporterName,
  output: Output,
  settings: ReportSettings,
): Promise<Reporter> {
  switch (name) {
    case 'tasks':
      return (await import('./tasks.ts')).tasksReporter(output, settings);
    case 'lines':
      return (await import('./lines.ts')).linesReporter(output, settings);
    case 'ndjson':
      return (await import('./ndjson.ts')).ndjsonReporter(output);
    case 'junit':
      return (await import('./junit.ts')).junitReporter(output);
    case 'tap':
      return (await import('./tap.ts')).tapReporter(output);
    case 'github':
      return (await import('./github.ts')).githubReporter(output, settings);
    case 'html':
      return (await import('./html/html.ts')).htmlReporter(output);
    case 'json':
      return (await import('./json.ts')).jsonReporter(output);
  }
}
