import { describe, expect, test } from '@jest/globals';
import { specText } from '../testing/samples.ts';
import { casesAt } from './cases-at.ts';
import { loadSpecText } from './load.ts';

const text = specText(
  `matrix:
  vectors: [1, 2] # axis
  cpu:
    - 0 # cpu-0
    - 1 # cpu-1
xfail:
  - reason: one of many # reason
    design: rfc-v3
    when: { cpu: 1, vectors: 2 }
steps:
  - attach: { device: nic, domain: vm } # attach
  - setup: { device: nic, vectors: "\${vectors}", cpu: "\${cpu}" }
    expect:
      - design: tracked # block
        leaks: none
      - when: { cpu: 1 }
        leaks: none # when

  - teardown: nic`,
  `designs:
  - tracked # tracked
  - rfc-v3 # rfc-v3`,
);
const { cases, parsed, diagnostics } = loadSpecText(text, { file: '/p/a.spec.yaml', root: '/p' });
const lines = text.split('\n');
const names = (line: number): string[] =>
  casesAt(cases, parsed?.spec ?? {}, line).map(
    ({ designLabel, point }) => `${designLabel} ${point['vectors'] ?? ''}${point['cpu'] ?? ''}`,
  );
const at = (mark: string): string[] =>
  names(lines.findIndex((line) => line.endsWith(mark)) + 1).sort();
const all = ['rfc-v3 10', 'rfc-v3 11', 'rfc-v3 20', 'rfc-v3 21'].flatMap((name) => [
  name,
  name.replace('rfc-v3', 'tracked'),
]);
const having = (part: string): string[] => all.filter((name) => name.includes(part)).sort();

describe('a line selects', () => {
  test('the sample is a valid spec', () => {
    expect([diagnostics, cases.length]).toEqual([[], 8]);
  });

  test.each([
    ['a design', '# tracked', having('tracked')],
    ['another design', '# rfc-v3', having('rfc-v3')],
    ['a value of the matrix', '# cpu-1', having('1').filter((name) => name.endsWith('1'))],
    ['all values that share its line', '# axis', all.sort()],
    ['what an xfail is for', '# reason', ['rfc-v3 21']],
    ['what a block is for', '# block', having('tracked')],
    ['what a block with when: is for', '# when', having('1').filter((name) => name.endsWith('1'))],
    ['all cases, of a step', '# attach', all.sort()],
    ['all cases, of the list itself', 'steps:', all.sort()],
    ['all cases, of the title', 'title: A sample', all.sort()],
  ])('%s', (_, mark, wanted) => {
    expect(at(mark)).toEqual(wanted);
  });

  test('every line something', () => {
    for (const i of lines.keys()) expect(names(i + 1)).not.toEqual([]);
  });
});
