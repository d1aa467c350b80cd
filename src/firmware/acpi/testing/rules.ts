/** The rules that a machine of our own making breaks, for tests of the findings. */
import type { Era } from '../../explanation.ts';
import { findingsOf } from '../findings.ts';
import { readMachine } from '../machine.ts';
import {
  writeIort,
  writeMadt,
  writeMcfg,
  type MadtSpec,
  type MappingSpec,
  type NodeSpec,
  type TableOptions,
} from './write-tables.ts';

export const ITS: NodeSpec = { kind: 'its', ids: [0] };
export const smmu = (maps: readonly MappingSpec[], rest: object = {}): NodeSpec => ({
  kind: 'smmu-v3',
  base: 0x905_0000n,
  maps,
  ...rest,
});
export const rc = (maps: readonly MappingSpec[], rest: object = {}): NodeSpec => ({
  kind: 'rc',
  maps,
  ...rest,
});
export const com = (maps: readonly MappingSpec[], path = '\\_SB_.COM0'): NodeSpec => ({
  kind: 'named',
  path,
  maps,
});
export const GIC3: MadtSpec = { its: [[0, 0x808_0000n]] };
export const GIC2: MadtSpec = { gic: 2, frames: [[0x802_0000n, 80, 64]] };
export const GOOD = [ITS, smmu([{ to: 0 }]), rc([{ to: 1 }])];
export const SEGMENT_0 = [[0x40_1000_0000n, 0, 0, 0xff]] as const;

export interface Options extends TableOptions {
  readonly madt?: MadtSpec;
  readonly mcfg?: Parameters<typeof writeMcfg>[0];
  readonly era?: Era;
}

export function rules(nodes: readonly NodeSpec[], options: Options = {}): string[] {
  const { madt = GIC3, mcfg = SEGMENT_0, era = '6.12', ...iort } = options;
  const machine = readMachine([
    { name: 'IORT', bytes: writeIort(nodes, iort) },
    { name: 'APIC', bytes: writeMadt(madt, iort) },
    { name: 'MCFG', bytes: writeMcfg(mcfg) },
  ]);
  const findings = findingsOf(machine, era);
  for (const { message, linux, meant, node } of findings)
    for (const text of [message, linux, meant, node])
      if (text === '' || /undefined|NaN|\[object/.test(text))
        throw new Error(`a finding says: ${text}`);
  return findings.map(({ severity, rule }) => `${severity} ${rule}`);
}
