/** `doorbell check`: what a reviewer of a board's firmware would say about its MSIs and IOMMUs. */
import { resolve } from 'node:path';
import type { Finding } from '../../src/firmware/finding.ts';
import { openFirmware } from '../firmware/open.ts';
import { EXIT } from '../run/exit-codes.ts';
import { count, printable, styleFor, type Style } from '../report/style.ts';
import { printFirmware } from './explain-command.ts';
import type { CheckFlags } from './flags.ts';
import { environment, wantsColour } from './terminal.ts';

/** The exit code is 1 when there is an error; warnings and notes are for people. */
export function checkCommand(file: string, { era, json, color }: CheckFlags): number {
  const firmware = openFirmware(resolve(file));
  const diagnostics = 'code' in firmware ? [firmware] : firmware.diagnostics;
  printFirmware(file, diagnostics, color);
  if ('code' in firmware || diagnostics.some(({ severity }) => severity === 'error'))
    return EXIT.usage;
  const findings = firmware.check(era);
  if (json) console.log(JSON.stringify({ version: 1, findings }, undefined, 2));
  else console.log(text(findings, styleFor(wantsColour(environment(), color))));
  return findings.some(({ severity }) => severity === 'error') ? EXIT.checkFailed : EXIT.passed;
}

function text(findings: readonly Finding[], style: Style): string {
  const colour = { error: style.red, warning: style.yellow, note: style.dim };
  const blocks = findings.map(({ severity, rule, node, property, message, linux, meant }) =>
    [
      `${colour[severity](severity.padEnd(7))} ${printable(node)}${property === undefined ? '' : ` ${property}`}   ${style.dim(rule)}`,
      `  ${printable(message)}`,
      `  ${style.dim('Linux:')} ${printable(linux)}`,
      `  ${style.dim('meant:')} ${printable(meant)}`,
    ].join('\n'),
  );
  const of = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const summary = `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}, ${count(of('note'), 'note')}`;
  return [...blocks, summary].join('\n\n');
}
