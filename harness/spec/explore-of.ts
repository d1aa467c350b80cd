/**
 * `interleave:` and `explore:` of a spec: the threads, and what else an exploration leaves open.
 */
import { type Freedom, FREEDOM_NAMES } from '../../src/explore/model/freedoms.ts';
import { isKernelOperation } from '../../src/operation-kinds.ts';
import type { VectorName } from '../../src/operation.ts';
import type { ExploreSpec, Place } from './case.ts';
import { inlineSteps, type NamedSteps, substitute, type Values } from './expand.ts';
import { isMap } from './reader.ts';
import { scheduleOf } from './schedule-of.ts';
import type { Scope } from './scope.ts';
import { stepOf } from './steps-of.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

export function exploreOf(
  spec: DataMap,
  named: ReadonlyMap<string, NamedSteps>,
  point: Values,
  scope: Scope,
): ExploreSpec | undefined {
  const { interleave, explore, schedule } = spec;
  if (interleave === undefined && explore === undefined && schedule === undefined) return undefined;
  // In which order they run nobody knows: a device that some thread sets up counts as set up in
  // all.
  for (const data of Object.values((interleave ?? {}) as DataMap))
    for (const step of inlineSteps(writtenSteps(data), named, point, scope.read.report)) {
      const setup = step['setup'];
      if (isMap(setup)) scope.setUp.add(String(setup['device']));
    }
  const threads = Object.entries((interleave ?? {}) as DataMap).map(([name, data]) => ({
    name,
    place: placeOf(interleave as object, name, 'key') as Place,
    ...threadOf(data, named, point, scope),
  }));
  const options = isMap(explore) ? substitute(explore, point, scope.read.report) : {};
  const { fires } = options;
  const scheduled = scheduleOf(spec, threads, point, scope);
  return {
    threads,
    ...(scheduled === undefined ? {} : { schedule: scheduled }),
    ...freedomOf(options),
    ...(Array.isArray(fires) ? { fires: fires.flatMap((_, i) => vectorOf(fires, i, scope)) } : {}),
  };
}

/** Those that the spec says something of; the schema knows their words. */
const freedomOf = (options: DataMap): Partial<Freedom> =>
  Object.fromEntries(
    FREEDOM_NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );

function vectorOf(fires: Data[], i: number, scope: Scope): VectorName[] {
  const found = scope.vector(fires, String(i), fires[i]);
  return found === undefined ? [] : [found];
}

const writtenSteps = (data: Data): DataMap[] => (isMap(data) ? data['any-of'] : data) as DataMap[];

function threadOf(
  data: Data,
  named: ReadonlyMap<string, NamedSteps>,
  point: Values,
  scope: Scope,
): Pick<ExploreSpec['threads'][number], 'operations' | 'free' | 'atMost'> {
  const free = isMap(data);
  const { report } = scope.read;
  const operations = inlineSteps(writtenSteps(data), named, point, report).flatMap((step) => {
    const found = stepOf(step, scope);
    if (step['expect'] !== undefined)
      report.error(
        'DB306',
        placeOf(step, 'expect', 'key'),
        'expect in a thread: which order of steps would it be about?',
        'expect what holds before, in steps:',
      );
    if (found === undefined) return [];
    // What a device does is the explorer's to choose.
    if (!isKernelOperation(found.operation)) {
      report.error(
        'DB306',
        placeOf(step, found.key, 'key'),
        `${found.key} is the device's doing, not a thread's`,
        'vectors are raised at any moment: explore: { fires: [...] }',
      );
      return [];
    }
    return [found.operation];
  });
  const atMost = free && data['at-most'] !== undefined ? { atMost: Number(data['at-most']) } : {};
  return { operations, free, ...atMost };
}
