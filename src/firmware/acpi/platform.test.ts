/** Named components, and SMMUs and PMCGs with MSIs of their own. */
import { describe, expect, test } from '@jest/globals';
import type { Era } from '../explanation.ts';
import { StepBudget } from './map-id.ts';
import { nodeName } from './names.ts';
import { platformAnswers } from './platform.ts';
import type { NodeSpec } from './testing/write-tables.ts';
import { its, machine, msiText, rid, smmu } from './testing/words.ts';

describe('devices that are not PCI', () => {
  const platform = (nodes: readonly NodeSpec[], era: Era = '6.12'): string[] =>
    platformAnswers(machine(nodes), era, new StepBudget()).map(
      ({ node, msi: found, iommu: io }) => {
        const streams = io?.streams.map(({ streamId }) => rid(streamId)) ?? [];
        return `${nodeName(node)}: ${msiText({ first: 0, last: 0, hops: [], answer: found.answer }).slice(5)}; ${streams.join(' ')} ${io?.ended?.why ?? ''}`.trim();
      },
    );
  const com = (maps: NodeSpec['maps']): NodeSpec => ({
    kind: 'named',
    path: '\\_SB_.COM0',
    ...(maps === undefined ? {} : { maps }),
  });

  test('a named component through an SMMU', () => {
    const nodes = [its(0), smmu([{ to: 0 }]), com([{ to: 1, output: 0x42, single: true }])];
    expect(platform(nodes)).toEqual(['\\_SB_.COM0: its0 0x42 (all); 0x42']);
  });

  test('a path that Linux writes otherwise is never found', () => {
    const maps = [{ to: 1, output: 0x42, single: true }];
    const nodes = [its(0), smmu([{ to: 0 }]), { kind: 'named', path: '\\_SB.COM0', maps } as const];
    expect(platform(nodes)).toEqual(['\\_SB.COM0: wrong-path;  wrong-path']);
  });

  test('several StreamIDs; the first way to an ITS gives the DeviceID', () => {
    const nodes = [
      its(0),
      smmu([{ to: 0, output: 0x100 }]),
      com([
        { to: 1, output: 1, single: true },
        { to: 1, output: 2, single: true },
      ]),
    ];
    expect(platform(nodes)).toEqual(['\\_SB_.COM0: its0 0x101 (all); 0x1 0x2']);
  });

  test('a range is not looked at; a mapping to the ITS hides the SMMU behind it', () => {
    const nodes = [its(0), smmu([{ to: 0 }])];
    expect(platform([...nodes, com([{ to: 1 }])])).toEqual([
      '\\_SB_.COM0: not-single;  not-single',
    ]);
    const both = [
      { to: 0, output: 7, single: true },
      { to: 1, output: 7, single: true },
    ];
    expect(platform([...nodes, com(both)])).toEqual(['\\_SB_.COM0: its0 0x7 (all);  no-smmu']);
    expect(platform([...nodes, com(both.toReversed())])).toEqual([
      '\\_SB_.COM0: its0 0x7 (all); 0x7 no-smmu',
    ]);
  });

  test('the SMMU’s and the PMCG’s own MSIs', () => {
    const own = { to: 0, output: 0x33, single: true };
    expect(
      platform([its(0), smmu([{ to: 0 }, own], { gsivs: [0, 0, 0, 0], deviceIdIndex: 1 })]),
    ).toEqual(['smmuv3@0x9050000: its0 0x33 (all);']);
    expect(platform([its(0), { kind: 'pmcg', base: 0x10_0000n, maps: [own] }])).toEqual([
      'pmcg@0x100000: its0 0x33 (all);',
    ]);
    expect(platform([its(0), { kind: 'pmcg', base: 0x10_0000n, gsiv: 40, maps: [own] }])).toEqual(
      [],
    );
    expect(platform([its(0), smmu([{ to: 0 }], { gsivs: [0, 0, 0, 0] })])).toEqual([
      'smmuv3@0x9050000: not-single;',
    ]);
  });

  test('a GICv5 wire bridge counts from Linux 7.0 on', () => {
    const nodes: NodeSpec[] = [
      its(0),
      {
        kind: 'iwb',
        base: 0x1000n,
        path: '\\_SB_.IWB0',
        maps: [{ to: 0, output: 4, single: true }],
      },
    ];
    expect(platform(nodes)).toEqual([]);
    expect(platform(nodes, '7.x')).toEqual(['iwb@0x1000: its0 0x4 (all);']);
  });
});
