/**
 * `schedule:` of a spec: one order of the steps of its threads. Threads, operations, vectors and
 * devices are checked here; whether the kernel's steps are those that the schedule names is seen
 * when it is followed.
 */
import { REDISTRIBUTORS } from '../../src/explore/model/hardware-steps.ts';
import { operationText } from '../../src/operation-text.ts';
import type { ScheduledStep } from '../../src/explore/model/schedule.ts';
import type { ExploreSpec, Place, PlacedStep } from './case.ts';
import { substitute, type Values } from './expand.ts';
import { isMap } from './reader.ts';
import { didYouMean, listKnown } from './report.ts';
import type { Scope } from './scope.ts';
import { stepOf } from './steps-of.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

type Threads = ExploreSpec['threads'];

/** Words of a scheduled step that are no threads. */
const DEVICES_OWN = ['raise', 'arrive', 'reads', 'drops'];

export function scheduleOf(
  spec: DataMap,
  threads: Threads,
  point: Values,
  scope: Scope,
): PlacedStep[] | undefined {
  if (spec['schedule'] === undefined) return undefined;
  const { report } = scope.read;
  if (threads.length === 0) {
    const place = placeOf(spec, 'schedule', 'key');
    report.error(
      'DB306',
      place,
      'schedule without interleave',
      'it says in which order its threads go on',
    );
    return undefined;
  }
  for (const { name, place } of threads)
    if (DEVICES_OWN.includes(name))
      report.error(
        'DB305',
        place,
        `a thread called "${name}" beside schedule:`,
        `there ${name} is what hardware does`,
      );
  const reader = new ScheduleReader(threads, scope);
  const list = substitute(spec['schedule'] as Data[], point, report);
  list.forEach((_, i) => reader.entry(list, i));
  return reader.steps;
}

class ScheduleReader {
  readonly steps: PlacedStep[] = [];
  private readonly threads: Threads;
  private readonly scope: Scope;
  /** By thread: operations begun, and whether one may still be under way. */
  private readonly begun = new Map<string, number>();

  constructor(threads: Threads, scope: Scope) {
    this.threads = threads;
    this.scope = scope;
  }

  entry(list: readonly Data[], i: number): void {
    const entry = list[i];
    if (!isMap(entry)) return;
    const [key = ''] = Object.keys(entry);
    const place = (placeOf(entry, key, 'key') ?? placeOf(list, i)) as Place;
    if (key === 'raise') {
      const found = this.scope.vector(entry, key, entry[key]);
      if (found) this.add(place, { kind: 'raise', vector: `${found.device}/${found.index}` });
    } else if (key === 'arrive') {
      const device = this.scope.device(entry, key, entry[key]);
      if (device !== undefined) this.add(place, { kind: 'arrive', device });
    } else if (key === 'reads') {
      const { iommus, msiControllers } = this.scope.topology;
      const owners = [...Object.keys(iommus), ...Object.keys(msiControllers)];
      const owner = this.scope.read.name(entry, key, entry[key], 'IOMMU or controller', owners);
      if (owner !== undefined) this.add(place, { kind: 'reads', owner });
    } else if (key === 'drops') {
      for (const [iommu, what] of Object.entries(entry[key] as DataMap)) {
        const map = entry[key] as DataMap;
        const known = [...Object.keys(this.scope.topology.iommus), REDISTRIBUTORS];
        const owner = this.scope.read.name(map, iommu, iommu, 'IOMMU', known, 'key');
        if (owner !== undefined) this.add(place, { kind: 'drops', owner, what: String(what) });
      }
    } else this.thread(entry, key, place);
  }

  private thread(entry: DataMap, key: string, place: Place): void {
    const names = this.threads.map(({ name }) => name);
    const thread = this.threads.find(({ name }) => name === key);
    if (thread === undefined) {
      const near = didYouMean(key, [...names, ...DEVICES_OWN]);
      this.scope.read.report.error(
        'DB301',
        place,
        `no thread "${key}"${near}`,
        `${listKnown(names)}; or raise: a vector, arrive: a device, reads: an IOMMU or controller, drops: what an IOMMU has cached`,
      );
      return;
    }
    const what = entry[key];
    if (Array.isArray(what)) what.forEach((_, i) => this.item(thread, what, i));
    else if (isMap(what)) {
      this.begin(thread, what);
      this.add(place, { kind: 'finish', thread: key });
    } else if (this.isUnderWay(thread, place)) this.add(place, { kind: 'finish', thread: key });
  }

  private item(thread: Threads[number], list: readonly Data[], i: number): void {
    const item = list[i];
    if (isMap(item)) return this.begin(thread, item);
    const place = placeOf(list, i) as Place;
    if (this.isUnderWay(thread, place))
      this.add(place, { kind: 'step', thread: thread.name, name: String(item) });
  }

  private isUnderWay({ name }: Threads[number], place: Place): boolean {
    if (this.begun.has(name)) return true;
    this.scope.read.report.error(
      'DB430',
      place,
      `${name} has begun no operation that it could go on with`,
      `${name}: [ { the operation: ... }, its steps ]`,
    );
    return false;
  }

  private begin(thread: Threads[number], data: DataMap): void {
    const found = stepOf(data, this.scope);
    if (found === undefined) return;
    const { name, operations, free } = thread;
    const { report } = this.scope.read;
    const place = placeOf(data, found.key, 'key') as Place;
    const texts = operations.map(operationText);
    const operation = operationText(found.operation);
    const done = this.begun.get(name) ?? 0;
    this.begun.set(name, done + 1);
    const expected = free ? texts : texts.slice(done, done + 1);
    if (data['expect'] !== undefined)
      report.error(
        'DB306',
        placeOf(data, 'expect', 'key'),
        'expect in a schedule',
        'expect what holds before, in steps:',
      );
    if (!expected.includes(operation)) {
      const hint = free
        ? `any of: ${texts.join('; ')}`
        : expected.length > 0
          ? `the next one of ${name}: ${String(expected[0])}`
          : `${name} has done all of its operations`;
      report.error('DB430', place, `${name} cannot begin ${operation} here`, hint);
      return;
    }
    this.add(place, { kind: 'begin', thread: name, operation });
  }

  private add(place: Place, step: ScheduledStep): void {
    this.steps.push({ place, step });
  }
}
