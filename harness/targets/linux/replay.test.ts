/**
 * Whole cases from recordings of booted kernels: the planner, the requests, the readers of what the
 * kernel and QEMU told, and the checks, without a guest. The model must see the same.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { targetsSideBySide } from '../../compare/columns.ts';
import { compareCase } from '../../compare/compare-case.ts';
import { runCase } from '../../run/run-case.ts';
import type { Verdict } from '../../run/events.ts';
import type { Case } from '../../spec/case.ts';
import { loadSpec } from '../../spec/load.ts';
import { modelTarget } from '../model.ts';
import { LinuxTarget } from './linux-target.ts';
import { type Recording, recordingOf, replayedGuests } from './testing/replayed-guest.ts';

const FOLDER = join(__dirname, 'testing/recordings');
const SPECS = join(__dirname, '../../../specs/linux');
const NAMES = readdirSync(FOLDER).map((file) => basename(file, '.txt'));

function recorded(name: string): { readonly recording: Recording; readonly spec: Case } {
  const recording = recordingOf(readFileSync(join(FOLDER, `${name}.txt`), 'utf8'));
  const file = name.replace(/-[\d.]+$/, '');
  const spec = loadSpec(join(SPECS, `${file}.spec.yaml`)).cases.find(
    ({ id }) => id === recording.id,
  );
  if (spec === undefined) throw new Error(`${name} is of ${recording.id}, which is no case`);
  return { recording, spec };
}

interface Replayed {
  readonly verdict: Verdict;
  /** Lines of the recording that nobody asked for. */
  readonly left: readonly string[];
}

async function replay(
  name: string,
  change: (lines: readonly string[]) => readonly string[] = (lines) => lines,
): Promise<Replayed> {
  const { recording, spec } = recorded(name);
  const guests = replayedGuests({ ...recording, lines: change(recording.lines) });
  const target = new LinuxTarget({ guests, most: 1, notice: () => {} });
  const now = (): number => performance.now();
  const verdict = await runCase(spec, target, { verbose: false, now, onStep: () => {} });
  const left = guests.guests[0]?.left() ?? [];
  await target.close();
  return { verdict, left };
}

describe.each(NAMES)('%s', (name) => {
  test('passes, and nothing of the recording is left', async () => {
    const { verdict, left } = await replay(name);
    expect([verdict.status, verdict.reason, verdict.failures]).toEqual(['PASS', undefined, []]);
    expect(left).toEqual([]);
  });

  test('the model sees the same', async () => {
    const { recording, spec } = recorded(name);
    const target = new LinuxTarget({
      guests: replayedGuests(recording),
      most: 1,
      notice: () => {},
    });
    const [group] = targetsSideBySide([spec], [modelTarget, target]);
    const { differences, columns, steps } = await compareCase(spec.id, group?.columns ?? []);
    await target.close();
    expect(columns.map(({ died, missing }) => [died, missing])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
    expect(steps.length).toBe(spec.steps.length);
    expect(differences).toBe(0);
  });
});

describe('a recording in which something else was told', () => {
  const instead =
    (from: RegExp, to: string) =>
    (lines: readonly string[]): readonly string[] => {
      if (!lines.some((line) => from.test(line))) throw new Error(`no line with ${from.source}`);
      return lines.map((line) => line.replace(from, to)).filter((line) => line !== '');
    };

  test.each([
    ['another message', 'closed-in-any-order-6.1', /lo=0x8000040 /, 'lo=0x8000080 '],
    [
      'another mapping',
      'closed-in-any-order-6.1',
      /(map: IOMMU: iova=0x0*)8000000 - \S+/,
      '$19000000 - 0x9001000',
    ],
  ])('%s: the case fails', async (_, name, from, to) => {
    const { verdict } = await replay(name, instead(from, to));
    expect([verdict.status, verdict.reason]).toEqual(['FAIL', undefined]);
  });

  test.each([
    [
      'a fault that QEMU does not tell',
      'dma-faults-6.1',
      /^Q smmuv3_record_event.*$/,
      '',
      /the kernel took nothing, and logged F_PERMISSION/,
    ],
    [
      'a fault of another kind',
      'dma-faults-6.1',
      /^Q smmuv3_record_event \S+/,
      'Q smmuv3_record_event SMMU_EVT_C_BAD_STE',
      /QEMU recorded C_BAD_STE/,
    ],
    [
      'events that were lost',
      'vfio-retarget-6.12',
      /^ {2}\| .* map: .*$/,
      '  | CPU:1 [LOST 5 EVENTS]',
      /lost 5 events/,
    ],
    [
      'another request',
      'vfio-retarget-6.12',
      /^> copen vm$/,
      '> copen box',
      /where the recording has/,
    ],
  ])('%s: the case is aborted', async (_, name, from, to, why) => {
    const { verdict } = await replay(name, instead(from, to));
    expect([verdict.status, verdict.reason]).toEqual(['ABORT', expect.stringMatching(why)]);
  });
});
