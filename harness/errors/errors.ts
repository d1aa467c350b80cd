/**
 * Every code with what it means, an example and what to do: for `doorbell errors` and
 * docs/errors.md.
 */
import { FIRMWARE_CODES } from '../firmware/codes.ts';
import { RUN_CODES } from '../run/codes.ts';
import { type CodeText, SPEC_CODES } from '../spec/codes.ts';
import type { Example } from './example.ts';
import { FIRMWARE_EXAMPLES } from './firmware-examples.ts';
import { RUN_EXAMPLES } from './run-examples.ts';
import { SPEC_EXAMPLES } from './spec-examples.ts';

export interface ErrorEntry extends CodeText {
  readonly code: string;
  readonly example: Example;
}

export interface ErrorGroup {
  readonly title: string;
  readonly entries: readonly ErrorEntry[];
}

const group = <C extends string>(
  title: string,
  codes: Readonly<Record<C, CodeText>>,
  examples: Readonly<Record<C, Example>>,
): ErrorGroup => ({
  title,
  entries: (Object.keys(codes) as C[]).map((code) => ({
    code,
    ...codes[code],
    example: examples[code],
  })),
});

export const ERROR_GROUPS: readonly ErrorGroup[] = [
  group('A spec that cannot be run', SPEC_CODES, SPEC_EXAMPLES),
  group('A run', RUN_CODES, RUN_EXAMPLES),
  group('Firmware', FIRMWARE_CODES, FIRMWARE_EXAMPLES),
];
