/** Coverage: the universe is the code's, and what a run reaches is what it did. */
import { describe, expect, test } from '@jest/globals';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { ASPECTS, UNREACHABLE, universe } from '../../src/observe/universe.ts';
import { ATTACH, casesOf, runAll, specText } from '../testing/samples.ts';
import { coverageReporter, coverageText } from './coverage-reporter.ts';
import type { Coverage } from './tally.ts';

async function covered(steps: string): Promise<{ text: string; coverage: Coverage }> {
  const written = { text: '', json: '' };
  const to = (where: 'text' | 'json') => ({
    columns: 100,
    write: (part: string) => void (written[where] += part),
  });
  const reporters = [coverageReporter(to('text'), to('json'))];
  const cases = casesOf(specText(`steps:${steps}`));
  await runAll({ 'a.spec.yaml': cases }, { verbose: true, reporters });
  return { text: written.text, coverage: JSON.parse(written.json) as Coverage };
}

describe('the universe', () => {
  const all = universe();

  test('has names of the code, each once', () => {
    expect(all.procedures).toEqual(expect.arrayContaining(['attach', 'setup/gicv3-its']));
    expect(all.steps).toEqual(expect.arrayContaining(['pci_free_irq_vectors', 'migrate_one_irq']));
    expect(all.commands).toEqual(expect.arrayContaining(['MAPTI', 'VMOVP', 'CMD_SYNC', 'TLBIVA']));
    expect(all.faults).toEqual(expect.arrayContaining(['F_TRANSLATION', 'CB_FSR.TF']));
    for (const names of Object.values(all)) expect(new Set(names).size).toBe(names.length);
  });

  test('what nothing can reach is in it', () => {
    const names = ASPECTS.flatMap((aspect) => all[aspect]);
    expect(names).toEqual(expect.arrayContaining(Object.keys(UNREACHABLE)));
  });

  test('every design that maps doorbells has steps of its own', () => {
    const with_ = DESIGN_NAMES.filter((name) =>
      all.designs.some((step) => step.startsWith(`${name}: `)),
    );
    expect(with_).toEqual(DESIGN_NAMES.filter((name) => name !== 'unmapped'));
  });
});

describe('a run', () => {
  test('reaches what it did and nothing else', async () => {
    const { coverage } = await covered(`${ATTACH}
  - fire: nic/0
    expect: { interrupts: { nic/0: { count: 1 } } }
  - teardown: nic`);
    expect(coverage.procedures.reached).toEqual({
      attach: 1,
      'setup/percpu-doorbell': 1,
      'teardown/percpu-doorbell': 1,
    });
    expect(coverage.designs.reached).toHaveProperty(['tracked: msi_track_put']);
    expect(coverage.designs.never).toEqual(expect.arrayContaining([expect.stringMatching(/^rfc/)]));
    expect(coverage.faults.reached).toEqual({});
    expect(coverage.steps.never).toContain('migrate_one_irq');
    expect(coverage.steps.reached).toHaveProperty('pci_free_irq_vectors', 1);
  });

  test('a fault, a command and a lost write are each counted, and the line says so', async () => {
    const { text, coverage } = await covered(`
  - attach: { device: disk, domain: vm }
  - setup: { device: disk, vectors: 1, cpu: 0 }
    expect: { commands: { includes: [MAPD, MAPTI] } }
  - dma-write: { device: disk, address: 0x1000 }
    expect: { faults: [ { name: F_TRANSLATION } ] }
  - teardown: disk`);
    expect(coverage.faults.reached).toEqual({ F_TRANSLATION: 1 });
    expect(coverage.commands.reached).toMatchObject({ MAPTI: 1 });
    const { total, never } = coverage.steps;
    expect(text).toContain(`steps ${total - never.length}/${total}, `);
    expect(text).toContain(`faults 1/${coverage.faults.total}`);
    expect(coverage.faults.reasons).toEqual({ C_BAD_STE: UNREACHABLE['C_BAD_STE'] });
    // No file, so the names are said, and why.
    expect(coverageText(coverage, true)).toContain('    C_BAD_STE: every STE');
  });
});
