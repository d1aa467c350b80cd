/**
 * The scenario family against SPIN and Rumur, in one run: from the model to the verdict, with
 * compilation and start-up counted for all. Every tool must come to the same counts, or there is no
 * figure. EXPLORE_SIZES=1e5,1e6 takes fewer sizes (xl takes SPIN some minutes).
 */
import { availableParallelism } from 'node:os';
import { measure } from './explore/measure.mjs';
import { doorbell, rumur, spin } from './explore/tools.mjs';
import { median } from './measure.mjs';

const size = (cpus, devices, vectors, slots, pages, strategy = 'tracked') => ({
  ...{ cpus, devices, vectors, slots, pages, strategy },
});
const FULL = {
  '1e5': [size(3, 3, 1, 3, 3), 177_625],
  '1e6': [size(2, 3, 2, 2, 2), 1_062_881],
  '1e7': [size(3, 4, 1, 3, 3), 5_535_505],
  xl: [size(2, 6, 1, 2, 2), 22_781_249],
};
const DEFECTS = {
  'rfc-v3 leak': [size(2, 3, 2, 2, 2, 'rfc-v3')],
  'early release': [size(2, 3, 2, 2, 2, 'early-release')],
};
/** Runs of what is over in a moment; the median counts. */
const TIMES = 5;

const seconds = (value) => `${value.toFixed(2)} s`;
const missing = (name, tool) => ({
  name,
  figure: `${tool} is not installed`,
  target: '',
  ok: true,
});

async function several(run) {
  const runs = [];
  for (let n = 0; n < TIMES; n++) runs.push(await run());
  return { ...runs[0], seconds: median(runs.map((one) => one.seconds)) };
}

function sameCount(name, tool, counted, states) {
  if (counted !== states) throw new Error(`${name}: ${tool} counts ${counted}, not ${states}`);
}

/** Ours to theirs; below 1 we are ahead. */
function against(name, ours, tool, theirs) {
  if (theirs === undefined) return missing(name, tool);
  const ratio = ours.seconds / theirs.seconds;
  // Who was stopped would have taken longer.
  const [below, least] = theirs.late ? ['< ', 'more than '] : ['', ''];
  const figure = `${below}${ratio.toFixed(3)} (${seconds(ours.seconds)} to ${least}${seconds(theirs.seconds)})`;
  return { name, figure, target: '< 1', ok: ratio < 1 };
}

const atMost = (name, figure, limit, unit) => ({
  name,
  figure: `${figure.toFixed(2)} ${unit}`,
  target: `<= ${limit}`,
  ok: figure <= limit,
});

/** What is ours first: SPIN takes minutes where we take seconds. */
async function* fullSearch(name, [parameters, states]) {
  const ours = await doorbell(parameters);
  sameCount(name, 'doorbell', ours.states, states);
  const rate = states / ours.searching / 1e6;
  // Below, one would measure how the compiler of Node warms up.
  if (states > 1e6)
    yield {
      name: `explore ${name}, full: states a second in one thread`,
      figure: `${rate.toFixed(2)} M`,
      target: '>= 2.5',
      ok: rate >= 2.5,
    };
  const workers = availableParallelism();
  const team = workers > 1 ? await doorbell(parameters, { workers }) : ours;
  sameCount(name, 'doorbell with workers', team.states, states);
  // Below, one would measure the process itself (45 MB).
  if (states > 5e6) {
    yield atMost(`explore ${name}, full: bytes a state, all in all`, ours.bytes / states, 40, 'B');
    const shared = against(`explore ${name}, full: ${workers} workers : 1`, team, '', ours);
    // Below, there is too little to share for what it costs (docs/explorer-engine.md).
    yield states > 1e7 ? shared : { ...shared, target: '', ok: true };
  }
  for (const [tool, run] of [
    ['Rumur', rumur],
    ['SPIN', spin],
  ]) {
    const theirs = await run(parameters);
    if (theirs && !theirs.late) sameCount(name, tool, theirs.states, states);
    yield against(`explore ${name}, full: doorbell : ${tool}`, ours, tool, theirs);
  }
}

async function symmetric(name, [parameters, states]) {
  const ours = await several(() => doorbell(parameters, { symmetry: true }));
  const rumurs = await rumur(parameters, 'heuristic');
  sameCount(name, 'doorbell with symmetry, by orbits,', ours.represented, states);
  return [
    atMost(`explore ${name}, symmetry: total`, ours.seconds, 0.3, 's'),
    against(`explore ${name}, symmetry: doorbell : Rumur with symmetry`, ours, 'Rumur', rumurs),
  ];
}

async function defect(name, [parameters]) {
  const ours = await several(() => doorbell(parameters, { symmetry: true }));
  const spins = await spin(parameters);
  if (!ours.violated || spins?.violated === false) throw new Error(`${name} was not found`);
  return [
    atMost(`explore ${name}: total`, ours.seconds, 0.15, 's'),
    against(`explore ${name}: doorbell : SPIN`, ours, 'SPIN', spins),
  ];
}

export async function* run() {
  const asked = process.env.EXPLORE_SIZES?.split(',') ?? Object.keys(FULL);
  const { seconds: bare } = await several(() => measure(process.execPath, ['-e', '0']));
  yield {
    name: 'explore: node -e 0, of which each total has one',
    figure: seconds(bare),
    target: '',
    ok: true,
  };
  for (const [name, entry] of Object.entries(DEFECTS)) yield* await defect(name, entry);
  for (const name of asked) yield* await symmetric(name, FULL[name]);
  for (const name of asked) yield* fullSearch(name, FULL[name]);
}
