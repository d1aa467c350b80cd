/** `doorbell check`: what a reviewer of a board's firmware would say about its MSIs and IOMMUs. */
import { resolve } from 'node:path';
import type { Finding } from '../../src/firmware/finding.ts';
import type { UnknownSize } from '../../src/firmware/sizes.ts';
import { openFirmware } from '../firmware/open.ts';
import { review } from '../firmware/review.ts';
import { EXIT } from '../run/exit-codes.ts';
import { count, printable, styleFor, type Style } from '../report/style.ts';
import { hanging } from '../report/wrap.ts';
import { printFirmware } from './explain-command.ts';
import type { CheckFlags } from './flags.ts';
import { environment, wantsColour } from './terminal.ts';

/** The exit code is 1 when there is an error; warnings and notes are for people. */
export function checkCommand(file: string, flags: CheckFlags): number {
  const { era, json, color, sidBits: streamId, deviceIdBits: deviceId } = flags;
  const firmware = openFirmware(resolve(file));
  const diagnostics = 'code' in firmware ? [firmware] : firmware.diagnostics;
  printFirmware(file, diagnostics, color);
  if ('code' in firmware || diagnostics.some(({ severity }) => severity === 'error'))
    return EXIT.usage;
  const found = review(firmware, era, { streamId, deviceId });
  if ('code' in found) {
    printFirmware(file, [found], color);
    return EXIT.usage;
  }
  const { findings, unknown } = found;
  if (json) console.log(JSON.stringify({ version: 1, findings, unknown }, hexIds, 2));
  else console.log(text(findings, unknown, styleFor(wantsColour(environment(), color))));
  return findings.some(({ severity }) => severity === 'error') ? EXIT.checkFailed : EXIT.passed;
}

/** IDs as in the JSON of `explain`. */
const hexIds = (key: string, value: unknown): unknown =>
  key === 'highest' && typeof value === 'number' ? `0x${value.toString(16)}` : value;

function text(findings: readonly Finding[], unknown: readonly UnknownSize[], style: Style): string {
  const of = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const summary = `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}, ${count(of('note'), 'note')}`;
  return [
    ...findings.map((finding) => findingText(finding, style)),
    ...unknownText(unknown, style),
    summary,
  ].join('\n\n');
}

function findingText(finding: Finding, style: Style): string {
  const { severity, rule, node, property, message, linux, meant } = finding;
  const colour = { error: style.red, warning: style.yellow, note: style.dim };
  const where = `${printable(node)}${property === undefined ? '' : ` ${property}`}`;
  return [
    `${colour[severity](severity.padEnd(7))} ${where}   ${style.dim(rule)}`,
    ...hanging('  ', printable(message)),
    ...hanging('  Linux: ', printable(linux)),
    ...hanging('  meant: ', printable(meant)),
  ].join('\n');
}

/** So many tables are named; the JSON has all. */
const MAX_UNKNOWN = 12;

function unknownText(unknown: readonly UnknownSize[], style: Style): string[] {
  if (unknown.length === 0) return [];
  const lines = unknown.slice(0, MAX_UNKNOWN).flatMap(({ node, id, highest, bits }) => {
    const option = id === 'StreamID' ? '--sid-bits' : '--device-id-bits';
    const ids = `${id}s up to 0x${highest.toString(16)}: ${count(bits, 'bit')} or more (${option})`;
    return [`  ${printable(node)}`, ...hanging('    ', ids)];
  });
  const left = unknown.length - MAX_UNKNOWN;
  return [
    [
      style.dim('not judged, for only hardware knows the width of'),
      ...lines,
      ...(left > 0 ? [`  and ${left} more`] : []),
    ].join('\n'),
  ];
}
