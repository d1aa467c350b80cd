/** Values of options: what they may be, said when they are something else. */
import { InvalidArgumentError } from 'commander';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import type { Shard } from '../run/events.ts';
import { OLDEST, versionProblem } from '../spec/kernel-of.ts';

/** Of guests, or of threads. */
export function jobNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A number of jobs is from 1 to 99.');
}

export function bootSeconds(text: string): number {
  const n = Number(text);
  if (/^\d{1,3}(\.\d{1,3})?$/.test(text) && n > 0) return n;
  throw new InvalidArgumentError('Seconds, more than 0 and less than 1000, such as 60 or 0.5.');
}

export function kernelVersions(text: string): readonly string[] {
  const versions = text.split(',');
  for (const version of versions) {
    const problem = versionProblem(version);
    if (problem === 'form') throw new InvalidArgumentError('Versions are such as 5.1,6.12.');
    if (problem === 'too-old')
      throw new InvalidArgumentError(`The table of changes begins at ${OLDEST}.`);
  }
  if (new Set(versions).size < versions.length)
    throw new InvalidArgumentError('A version is named twice.');
  return versions;
}

export const each = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

/** A design by its name, or by the label of one with parameters: rfc-v3(initial-count=2). */
export function eachDesign(label: string, before: readonly string[]): readonly string[] {
  const name = label.replace(/\(.*/, '');
  if (DESIGN_NAMES.some((known) => known === name)) return [...before, label];
  throw new InvalidArgumentError(`There are ${DESIGN_NAMES.join(', ')}.`);
}

export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

export function wholeNumber(text: string): number {
  const n = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new InvalidArgumentError('A whole number from 1 on.');
}

export function seconds(text: string): number {
  const n = Number(text);
  if (/^[\d.]+$/.test(text) && n > 0) return n;
  throw new InvalidArgumentError('Seconds, more than 0.');
}

export function seedNumber(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('A seed is a whole number from 0 on.');
}

export function shard(text: string): Shard {
  const [, i = '', n = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const [index, of] = [Number(i), Number(n)];
  if (index >= 1 && index <= of) return { index, of };
  throw new InvalidArgumentError('A shard is 1/3, 2/3 or 3/3.');
}
