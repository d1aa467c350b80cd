/**
 * What may change names on the model, and that a renaming is one: for each state met, the steps of the renamed state are the
 * renamed steps, and what representatives stand for is the count of the full search.
 */
import { describe, expect, test } from '@jest/globals';
import { BreadthFirst } from '../../src/explore/engine/breadth-first.ts';
import { Successors } from '../../src/explore/engine/successors.ts';
import type { System } from '../../src/explore/engine/system.ts';
import type { Report } from '../../src/explore/engine/verdict.ts';
import { ExploreMachine } from '../../src/explore/model/machine.ts';
import type { ModelSystem } from '../../src/explore/model/model-system.ts';
import type { ModelSymmetry, SymmetryNote } from '../../src/explore/model/renaming.ts';
import { scoutLiveWords } from '../../src/explore/model/scout.ts';
import { withLiveWords } from './explore-case.ts';
import {
  CONTROLLERS,
  either,
  moves,
  onOne,
  once,
  planFor,
  type Sample,
  setUp,
} from './symmetry-samples.ts';
import { modelSystem } from './system-source.ts';

const MOVING =
  '{ any-of: [ { attach: { device: a, domain: other } }, { attach: { device: a, domain: vm } } ] }';

/** Whether renamings take steps to steps, looked at in the states met first. */
const STATES_LOOKED_AT = 400;

function mistakes(system: ModelSystem, symmetry: ModelSymmetry): string[] {
  const { width } = system;
  const found: string[] = [];
  const stepsOf = (words: Int32Array): { to: Int32Array; blame: number }[] => {
    const out = new Successors(width, 64);
    system.expand(words, 0, out);
    return Array.from({ length: out.count }, (_, n) => ({
      to: out.words.slice(n * width, (n + 1) * width),
      blame: out.blames[n] as number,
    }));
  };
  const first = new Successors(width);
  system.initial(first);
  const queue: Int32Array[] = [first.words.slice(0, width)];
  const known = new Set([String(queue[0])]);
  for (let n = 0; n < Math.min(queue.length, STATES_LOOKED_AT); n++) {
    const words = queue[n] as Int32Array;
    const steps = stepsOf(words);
    const images = steps.map(({ to, blame }) => ({ to: symmetry.imagesOf(to, 0), blame }));
    symmetry.imagesOf(words, 0).forEach((image, g) => {
      const wanted = images.map(({ to, blame }) => `${String(to[g])} ${blame}`).sort();
      const there = stepsOf(image).map(({ to, blame }) => `${String(to)} ${blame}`);
      if (wanted.join() !== there.sort().join())
        found.push(`the steps of state ${n}, renaming ${g}`);
      if (system.check(image, 0) !== system.check(words, 0)) found.push(`what is wrong with ${n}`);
    });
    for (const { to, blame } of steps) {
      if (blame !== 0 || known.has(String(to)) || system.check(to, 0) !== 0) continue;
      known.add(String(to));
      queue.push(to);
    }
  }
  return found;
}

/** The same system, begun in every renaming of its first state, and with a count of what a state stands for. */
function begunInAll(system: ModelSystem, symmetry: ModelSymmetry): System {
  const images = (words: Int32Array, at: number): Map<string, Int32Array> => {
    const all = [Int32Array.from(words.subarray(at, at + system.width))];
    all.push(...symmetry.imagesOf(words, at).map((image) => Int32Array.from(image)));
    return new Map(all.map((image) => [String(image), image]));
  };
  return {
    name: system.name,
    width: system.width,
    properties: system.properties,
    situations: system.situations,
    initial: (out) => {
      const own = new Successors(system.width);
      system.initial(own);
      for (const image of images(own.words, 0).values()) out.push(0, image);
    },
    expand: (words, at, out) => system.expand(words, at, out),
    check: (words, at) => system.check(words, at),
    quiescent: (words, at) => system.quiescent(words, at),
    describeStep: (label, words, at) => system.describeStep(label, words, at),
    describeState: (words, at) => system.describeState(words, at),
    symmetry: {
      group: symmetry.group,
      canonicalize: (words, at) => symmetry.canonicalize(words, at),
      orbit: (words, at) => images(words, at).size,
    },
  };
}

function searched(system: System, symmetry: boolean): Report {
  const search = new BreadthFirst(system, { symmetry, limits: { states: 30_000 } });
  while (search.run(10_000));
  return search.report();
}

interface Looked {
  readonly note: SymmetryNote | undefined;
  readonly mistakes: readonly string[];
  readonly full: Report;
  readonly reduced: Report;
  /** From every renaming of the first state: all states, and what the representatives of these stand for. */
  readonly union: readonly [number, number | undefined];
}

const lookAt = (sample: Sample): Promise<Looked> => {
  const plan = planFor(sample);
  return withLiveWords(plan, (live) => {
    const system = modelSystem(plan, live);
    const { symmetry, note } = system;
    const full = searched(system, false);
    const reduced = searched(system, true);
    if (symmetry === undefined)
      return Promise.resolve({ note, mistakes: [], full, reduced, union: [0, 0] });
    const all = begunInAll(system, symmetry);
    return Promise.resolve({
      note,
      mistakes: mistakes(system, symmetry),
      full,
      reduced,
      union: [searched(all, false).states, searched(all, true).represented],
    });
  });
};

type Expected = readonly [
  sample: Sample,
  renamed: readonly string[],
  states: readonly [number, number],
];

const renamed: Readonly<Record<string, Expected>> = {
  'two devices': [{ threads: { a: onOne('a'), b: onOne('b') } }, ['devices a, b'], [1241, 622]],
  'two CPUs': [{ devices: { a: {} }, threads: { a: either('a') } }, ['CPUs 0, 1'], [153, 77]],
  'two CPUs, a design that counts nothing': [
    { devices: { a: {} }, design: 'linux-4.9', threads: { a: either('a') } },
    ['CPUs 0, 1'],
    [253, 127],
  ],
  'two CPUs whose doorbells are not translated': [
    { devices: { a: { in: 'through' } }, threads: { a: either('a') } },
    ['CPUs 0, 1'],
    [87, 44],
  ],
  'two CPUs behind GICv2m': [
    { controller: CONTROLLERS.v2m, devices: { a: {} }, threads: { a: either('a') } },
    ['CPUs 0, 1'],
    [115, 58],
  ],
  'two harts': [
    {
      controller: CONTROLLERS.imsic,
      threads: { a: `{ any-of: [ ${moves('a/0')} ] }`, b: `{ any-of: [ ${moves('b/0')} ] }` },
      steps: `${setUp('a', 0)}\n${setUp('b', 1)}`,
      explore: 'fires: []',
    },
    ['devices a, b', 'CPUs 0, 1'],
    [4_316, 2_158],
  ],
  'two CPUs behind an ITS': [
    {
      controller: CONTROLLERS.its,
      devices: { a: {} },
      threads: { a: `{ any-of: [ ${moves('a/0')} ] }` },
      steps: setUp('a', 0),
    },
    ['CPUs 0, 1'],
    [12, 6],
  ],
  'devices and CPUs, each only with the other': [
    { threads: { a: onOne('a', 0), b: onOne('b', 1) } },
    ['devices a, b', 'CPUs 0, 1'],
    [1169, 589],
  ],
  'devices and CPUs, also alone': [
    {
      threads: {
        a: `{ any-of: [ ${moves('a/0')} ] }`,
        b: `{ any-of: [ ${moves('b/0')} ] }`,
      },
      steps: `${setUp('a', 0)}\n${setUp('b', 0)}`,
      explore: 'writes: posted, fires: [ a/0, b/0 ]',
    },
    ['devices a, b', 'CPUs 0, 1'],
    [9072, 4536],
  ],
  'devices whose STEs are kept': [
    {
      threads: { a: once('a'), b: once('b') },
      explore: 'writes: atomic, caches: kept, fires: [ a/0, b/0 ]',
    },
    ['devices a, b'],
    [2425, 1215],
  ],
  "two CPUs, and a spec's own property": [
    {
      devices: { a: {} },
      threads: { a: either('a') },
      explore: 'writes: posted, always: { why: two, windows: { vm: { free: 14..16 } } }',
    },
    ['CPUs 0, 1'],
    [153, 77],
  ],
  'devices behind an ITS': [
    {
      controller: CONTROLLERS.its,
      threads: { a: onOne('a'), b: onOne('b') },
      explore: 'writes: atomic, fires: [ a/0, b/0 ]',
    },
    ['devices a, b'],
    [3476, 1741],
  ],
  'two CPUs, while the device moves between domains': [
    { devices: { a: {} }, threads: { a: either('a'), vfio: MOVING } },
    ['CPUs 0, 1'],
    [1440, 729],
  ],
  'two CPUs, while the device moves and its vectors are live': [
    {
      design: 'linux-6.15',
      devices: { a: {} },
      threads: { a: either('a'), vfio: '[ { attach: { device: a, domain: other } } ]' },
      explore: 'fires: []',
    },
    ['CPUs 0, 1'],
    [4368, 2186],
  ],
  'vectors, while their device moves': [
    {
      devices: { a: { msix: 2 } },
      threads: {
        x: '[ { affinity: { vector: a/0, cpu: 1 } } ]',
        y: '[ { affinity: { vector: a/1, cpu: 1 } } ]',
        vfio: '[ { detach: a } ]',
      },
      steps: setUp('a', 0, 2),
    },
    ['vectors of a'],
    [2628, 2619],
  ],
  'vectors that are set up': [
    {
      devices: { a: { msix: 2 } },
      threads: { x: `{ any-of: [ ${moves('a/0')} ] }`, y: `{ any-of: [ ${moves('a/1')} ] }` },
      steps: setUp('a', 0, 2),
    },
    ['CPUs 0, 1', 'vectors of a'],
    [8084, 4042],
  ],
};

describe('what may change names', () => {
  test.each(Object.entries(renamed))('%s', async (_, [sample, kinds, states]) => {
    const { note, mistakes: wrong, full, reduced, union } = await lookAt(sample);
    expect(wrong).toEqual([]);
    expect(note?.renamed).toEqual(kinds);
    expect(reduced.verdict.kind).toBe(full.verdict.kind);
    expect(reduced.states).toBeLessThan(full.states);
    expect(union[1]).toBe(union[0]);
    expect([full.states, reduced.states]).toEqual(states);
  });
});

const kept: Readonly<Record<string, readonly [Sample, string, string]>> = {
  'a mask of two CPUs': [
    {
      devices: { a: {} },
      threads: {
        a: '{ any-of: [ { setup: { device: a, vectors: 1, cpus: [ 0, 1 ] } }, { teardown: a } ] }',
      },
    },
    'CPUs 0, 1',
    'in setup a, 1 vector, cpu 0,1 the kernel chooses, and takes the first that will do',
  ],
  'a design that maps all doorbells': [
    { devices: { a: {} }, design: 'msi-iommu', threads: { a: either('a') } },
    'CPUs 0, 1',
    'msi-iommu maps their doorbells in order',
  ],
  'CPUs behind an ITS': [
    { controller: CONTROLLERS.its, devices: { a: {} }, threads: { a: either('a') } },
    'CPUs 0, 1',
    'msis takes the first of all, or the one with most room, before it moves an interrupt',
  ],
  'doorbells in one page': [
    { granule: '64K', devices: { a: {} }, threads: { a: either('a') } },
    'CPUs 0, 1',
    'doorbells of several lie in one page of 64K',
  ],
  'a device of another kind': [
    { devices: { a: {}, b: { msix: 2 } }, threads: { a: onOne('a'), b: onOne('b') } },
    'devices a, b',
    'they are built differently, or share an IOMMU group',
  ],
  'another domain': [
    { devices: { a: {}, b: { in: 'other' } }, threads: { a: onOne('a'), b: onOne('b') } },
    'devices a, b',
    'they differ in what no step changes: stream',
  ],
  'another thread': [
    { threads: { a: onOne('a'), b: once('b') } },
    'devices a, b',
    'no thread does, in place of a: setup b, 1 vector, cpu 0; teardown b',
  ],
  'only one is raised': [
    { threads: { a: onOne('a'), b: onOne('b') }, explore: 'fires: [ a/0 ]' },
    'devices a, b',
    'the device raises only some of them',
  ],
  'vectors that are set up and torn down': [
    {
      devices: { a: { msix: 2 } },
      threads: {
        a: '{ any-of: [ { setup: { device: a, vectors: 2, cpu: 0 } }, { teardown: a } ] }',
      },
    },
    'vectors of a',
    'setup a, 2 vectors, cpu 0 takes them in order',
  ],
  'what a property names': [
    {
      devices: { a: {} },
      threads: { a: either('a') },
      explore: 'always: { mappings: { vm: { includes: [ { pa: 0x2c00_0000 } ] } } }',
    },
    'CPUs',
    "the spec's own properties tell them apart",
  ],
  'a move between domains': [
    {
      threads: {
        a: onOne('a'),
        b: onOne('b'),
        vfio: '[ { attach: { device: a, domain: other } } ]',
      },
    },
    'devices',
    'attach a -> other names a domain, and a domain takes the lowest ASID that is free',
  ],
};

describe('what keeps its name', () => {
  test.each(Object.entries(kept))('%s', (_, [sample, of, why]) => {
    const plan = planFor(sample);
    const { note, symmetry } = modelSystem(plan, scoutLiveWords(new ExploreMachine(plan)));
    expect(symmetry).toBeUndefined();
    expect(note?.kept.find((one) => one.of === of)?.why).toBe(why);
  });
});
