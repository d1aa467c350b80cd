/**
 * Diagnostics of a command that has no reporters: on standard error, in the form of the reports.
 */
import type { Diagnostic } from '../spec/diagnostic.ts';
import { diagnosticText } from '../report/diagnostic-text.ts';
import { styleFor } from '../report/style.ts';
import { environment, wantsColour } from './terminal.ts';

export function printDiagnostics(diagnostics: readonly Diagnostic[], color: boolean): void {
  const here = environment();
  const style = styleFor(wantsColour({ ...here, isTTY: process.stderr.isTTY }, color));
  if (diagnostics.length === 0) return;
  console.error(diagnostics.map((diagnostic) => diagnosticText(diagnostic, style)).join('\n\n'));
}
