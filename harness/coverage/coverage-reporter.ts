/** `--coverage`: a line in the summary, the names that were never reached, or all of it as JSON. */
import { ASPECTS } from '../../src/observe/universe.ts';
import type { Reporter, RunEvent } from '../run/events.ts';
import type { Output } from '../report/output.ts';
import { filled, hanging } from '../report/wrap.ts';
import { type Coverage, Tally } from './tally.ts';

const MAX_COLUMNS = 100;

/**
 * `terminal` gets the short form; `file`, where there is one, the JSON, and then the terminal no
 * names.
 */
export function coverageReporter(terminal: Output, file: Output | undefined): Reporter {
  const tally = new Tally();
  return {
    on(event: RunEvent): void {
      if (event.type === 'step') tally.step(event.case, event.result);
      if (event.type !== 'run-end') return;
      const coverage = tally.coverage();
      file?.write(`${JSON.stringify({ version: 1, ...coverage }, undefined, 2)}\n`);
      terminal.write(`\n${coverageText(coverage, file === undefined)}\n`);
    },
    async close() {},
  };
}

export function coverageText(coverage: Coverage, names: boolean): string {
  const parts = ASPECTS.map((aspect) => {
    const { total, never } = coverage[aspect];
    return `${aspect} ${total - never.length}/${total}`;
  });
  const lines = [`coverage  ${parts.join(', ')}`];
  if (!names) return lines.join('\n');
  for (const aspect of ASPECTS) {
    const { never, reasons } = coverage[aspect];
    if (never.length === 0) continue;
    lines.push('', `  ${aspect} that were never reached`);
    const left = never.filter((name) => reasons[name] === undefined);
    const names = left.map((name, i) => (i < left.length - 1 ? `${name},` : name));
    if (left.length > 0) lines.push(...filled('    ', names, ' ', '    ', MAX_COLUMNS));
    for (const [name, reason] of Object.entries(reasons))
      lines.push(...hanging(`    ${name}: `, reason, '      ', MAX_COLUMNS));
  }
  return lines.join('\n');
}
