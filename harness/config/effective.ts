/** `--print-config`: what a command would run with, and where each value comes from. */
import type { Command } from 'commander';
import { keyOf, optionsOf } from './config-keys.ts';

const SOURCES: Readonly<Record<string, string>> = {
  cli: 'command line',
  default: 'default',
  implied: 'default',
};

/** `config`: the name of the configuration file, if there is one. */
export function effective(running: Command, config: string | undefined): string {
  const rows: [string, string, string][] = [];
  const [argument] = running.registeredArguments;
  if (argument !== undefined) {
    const given = running.args.length > 0;
    const value: unknown = (running.processedArgs as unknown[])[0];
    const none = Array.isArray(value) ? value.length === 0 : value === undefined;
    const source = given ? 'command line' : none ? 'default' : (config ?? 'default');
    rows.push([argument.name(), none ? '-' : written(value), source]);
  }
  for (const option of optionsOf(running)) {
    const name = option.attributeName();
    const source = running.getOptionValueSource(name) ?? 'default';
    const from = source === 'config' ? (config ?? source) : (SOURCES[source] ?? source);
    rows.push([keyOf(option), written(running.getOptionValue(name)), from]);
  }
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const head = config === undefined ? 'no configuration file' : `configuration file: ${config}`;
  const lines = rows.map(
    ([name, value, source]) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(Math.min(widths[1] ?? 0, 40))}  ${source}`,
  );
  return [head, '', ...lines].join('\n');
}

function written(value: unknown): string {
  if (value === undefined) return '-';
  if (value instanceof RegExp) return value.source;
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}
