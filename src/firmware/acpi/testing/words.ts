/** Short forms for tests: nodes of an IORT, and answers as text. */
import type { Era } from '../../explanation.ts';
import type { IommuAnswer, MsiAnswer, Range } from '../answers.ts';
import { readMachine, type AcpiMachine } from '../machine.ts';
import { nodeName } from '../names.ts';
import { writeIort, writeMadt, type MadtSpec, type NodeSpec } from './write-tables.ts';

const SMMU = 0x905_0000n;
export const its = (...ids: number[]): NodeSpec => ({ kind: 'its', ids });
export const smmu = (maps: NodeSpec['maps'], rest: object = {}): NodeSpec => ({
  kind: 'smmu-v3',
  base: SMMU,
  ...(maps === undefined ? {} : { maps }),
  ...rest,
});
export const rc = (maps: NodeSpec['maps'], rest: object = {}): NodeSpec => ({
  kind: 'rc',
  ...(maps === undefined ? {} : { maps }),
  ...rest,
});
export const GIC3: MadtSpec = { its: [[0, 0x808_0000n]] };

export interface Options {
  readonly madt?: MadtSpec | null;
  readonly era?: Era;
  readonly segment?: number;
  readonly revision?: number;
}

export function machine(
  nodes: readonly NodeSpec[],
  { madt = GIC3, revision = 3 }: Options = {},
): AcpiMachine {
  return readMachine([
    { name: 'IORT', bytes: writeIort(nodes, { revision }) },
    ...(madt === null ? [] : [{ name: 'APIC', bytes: writeMadt(madt) }]),
  ]);
}

export const rid = (value: number): string => `0x${value.toString(16)}`;
const span = ({ first, last }: { first: number; last: number }): string =>
  first === last ? rid(first) : `${rid(first)}-${rid(last)}`;

export function msiText({ answer, ...range }: Range<MsiAnswer>): string {
  const what =
    answer.kind === 'its'
      ? `its${answer.itsId} ${rid(answer.deviceId)}${answer.constant ? ' (all)' : ''}`
      : answer.kind === 'gicv2m'
        ? `gicv2m instead of ${answer.instead}`
        : answer.why;
  return `${span(range)}: ${what}`;
}

export function iommuText({ answer, ...range }: Range<IommuAnswer>): string {
  const what =
    answer.kind === 'smmu'
      ? `${nodeName(answer.smmu)} ${rid(answer.streamId)}${answer.constant ? ' (all)' : ''}`
      : answer.why;
  return `${span(range)}: ${what}`;
}
