/**
 * A counterexample as a spec that repeats it: the case's machine, its steps before the
 * interleaving, its threads, and the order in `schedule:`. Whole in one file, whatever the original
 * included.
 */
import { operationText } from '../../src/operation-text.ts';
import { FREEDOM_NAMES } from '../../src/explore/model/freedoms.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import type { Case } from '../spec/case.ts';
import { inlineSteps, matrixPoints, substitute, type Values } from '../spec/expand.ts';
import type { ParsedSpec } from '../spec/load.ts';
import { operationData } from '../spec/operation-data.ts';
import { isMap } from '../spec/reader.ts';
import { Report } from '../spec/report.ts';
import type { Data, DataMap } from '../spec/data.ts';
import { yamlText } from '../spec/yaml-text.ts';
import { usualFreedom } from './plan-of.ts';
import { scheduleData } from './schedule-data.ts';

export function writtenSpec(
  parsed: ParsedSpec,
  spec: Case,
  plan: ExplorePlan,
  story: readonly StoryStep[],
  reason: string,
): string {
  // What could be wrong with the data was reported when it was loaded.
  const report = new Report(new Map());
  const point = valuesOf(parsed.spec, spec);
  const interleaved = plan.before.length > 0;
  const before = inlineSteps(
    (parsed.spec['steps'] ?? []) as DataMap[],
    parsed.named,
    point,
    report,
  );
  const { changes } = parsed.spec;
  const usual = usualFreedom(spec);
  const unusual = FREEDOM_NAMES.filter((name) => plan[name] !== usual[name]);
  const data: DataMap = {
    title: `${spec.title} (counterexample)`,
    description: `What one order of the steps comes to: ${reason}.`,
    source: `doorbell explore, ${spec.id}`,
    tags: [...new Set([...spec.tags, 'counterexample'])],
    topology: withoutPlaces(substitute(parsed.topology, point, report)),
    ...(spec.kernel?.version === undefined ? {} : { kernel: spec.kernel.version }),
    ...(changes === undefined
      ? {}
      : { changes: withoutPlaces(substitute(changes, point, report)) }),
    designs: [designData(spec)],
    ...(interleaved ? { steps: before.map((step) => stepData(step, spec, point, report)) } : {}),
    interleave: Object.fromEntries(
      plan.threads.map(({ name, operations, free, atMost }) => {
        const list = operations.map(operationData);
        const most = atMost === undefined ? {} : { 'at-most': atMost };
        return [name, free ? { 'any-of': list, ...most } : list];
      }),
    ),
    explore: {
      writes: plan.writes,
      ...Object.fromEntries(unusual.map((name) => [name, plan[name]])),
      fires: plan.fires.map(({ device, index }) => `${device}/${index}`),
      ...ownData(parsed.spec['explore'], spec, point, report),
    },
    schedule: scheduleData(story, (thread, text) => {
      const { operations = [] } = plan.threads.find(({ name }) => name === thread) ?? {};
      const found = operations.find((operation) => operationText(operation) === text);
      if (found === undefined) throw new Error(`IMPOSSIBLE: ${thread} does not do ${text}`);
      return operationData(found);
    }),
  };
  return yamlText(
    data,
    ' Written by doorbell explore --spec. doorbell run follows the schedule and fails as the exploration did.',
  );
}

function designData({ design }: Case): Data {
  if (design.initialCount === 1) return design.name;
  return { [design.name]: { 'initial-count': design.initialCount } };
}

/** The values of the case's point as they stand in the matrix: a number is not its text. */
function valuesOf(spec: DataMap, { point }: Case): Values {
  const matrix = isMap(spec['matrix']) ? (spec['matrix'] as Record<string, Data[]>) : {};
  const found = matrixPoints(matrix)?.find((values) =>
    Object.entries(values).every(([name, value]) => String(value) === point[name]),
  );
  return { ...point, ...found };
}

/** A step with the expectations that count for the case, as one block each. */
function stepData(step: DataMap, spec: Case, point: Values, report: Report): DataMap {
  const { expect, ...operation } = step;
  if (expect === undefined) return withoutPlaces(operation) as DataMap;
  const blocks = blocksData(expect, spec, point, report);
  const data = withoutPlaces(operation) as DataMap;
  return blocks.length === 0 ? data : { ...data, expect: blocks };
}

/**
 * Properties that the counterexample may break; what is to be seen is not to be seen in one order.
 */
function ownData(
  explore: Data | undefined,
  spec: Case,
  point: Values,
  report: Report,
): Record<string, Data[]> {
  const kinds = isMap(explore) ? ['always', 'eventually'].filter((kind) => kind in explore) : [];
  return Object.fromEntries(
    kinds
      .map((kind) => [kind, blocksData((explore as DataMap)[kind], spec, point, report)] as const)
      .filter(([, blocks]) => blocks.length > 0),
  );
}

/** The blocks of expectations that count for the case. */
function blocksData(data: Data | undefined, spec: Case, point: Values, report: Report): Data[] {
  return listOf(data)
    .filter((block): block is DataMap => isMap(block) && counts(block, spec))
    .map((block) =>
      withoutPlaces(
        Object.fromEntries(
          Object.entries(substitute(block, point, report)).filter(([key]) => !SELECTORS.has(key)),
        ),
      ),
    );
}

/** What says for which cases a block counts: the written spec is one case. */
const SELECTORS = new Set(['design', 'when']);

const listOf = (data: Data | undefined): Data[] =>
  data === undefined ? [] : Array.isArray(data) ? data : [data];

function counts({ design, when }: DataMap, { designLabel, point }: Case): boolean {
  return (
    (design === undefined || listOf(design).map(String).includes(designLabel)) &&
    Object.entries((when ?? {}) as DataMap).every(([name, wanted]) =>
      listOf(wanted)
        .map(String)
        .includes(point[name] ?? ''),
    )
  );
}

/**
 * A copy that holds values and nothing of where they came from, which the writer would take for
 * values.
 */
function withoutPlaces(data: Data): Data {
  if (Array.isArray(data)) return data.map(withoutPlaces);
  if (!isMap(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, withoutPlaces(value)]),
  );
}
