/** The cases of a spec: one for each point of its matrix and each design. */
import { DESIGN_NAMES, type DesignChoice, type DesignName } from '../../src/designs/design.ts';
import type { KernelChoice } from '../../src/kernel/changes/changes.ts';
import type { Topology } from '../../src/topology/topology.ts';
import type { Case, Expectation, ExploreSpec, Place, Step } from './case.ts';
import { caseName } from './case-name.ts';
import { type Chosen, type Owned, ownPropertiesOf } from './own-properties-of.ts';
import { inlineSteps, matrixPoints, type NamedSteps, substitute, type Values } from './expand.ts';
import { exploreOf } from './explore-of.ts';
import { expectationsOf, SELECTORS } from './expectations-of.ts';
import { checkDesign, impliedDesign, KERNEL, kernelOf, withKernelAxis } from './kernel-of.ts';
import { isMap, Reader } from './reader.ts';
import type { Report } from './report.ts';
import { Scope } from './scope.ts';
import { Selector } from './selector.ts';
import type { SourceFile } from './source-file.ts';
import { type ReadStep, stepOf } from './steps-of.ts';
import { topologyOf } from './topology-of.ts';
import { type Data, type DataMap, placeOf } from './data.ts';

interface Design {
  readonly choice: DesignChoice;
  readonly label: string;
}

export function casesOf(
  spec: DataMap,
  topology: DataMap,
  named: ReadonlyMap<string, NamedSteps>,
  file: SourceFile,
  report: Report,
): Case[] {
  const read = new Reader(report);
  const matrix = withKernelAxis(spec, read);
  const points = matrixPoints(matrix);
  for (const [name, values] of Object.entries(matrix)) {
    const again = values.findIndex((value, i) => values.indexOf(value) < i);
    // Two cases would have one name.
    if (again >= 0) report.error('DB305', placeOf(values, again), `${name} takes this value twice`);
  }
  if (points === undefined) {
    report.error('DB309', placeOf(spec, 'matrix'), 'the matrix has more than 256 points');
    return [];
  }
  if (report.failed && matrix[KERNEL] !== undefined) return [];
  const written = spec['designs'] === undefined ? undefined : designsOf(spec, read);
  const machines = points.map((point): Machine => {
    const kernel = kernelOf(substituted(spec, 'changes', point, report), point, read);
    return { point, kernel, designs: written ?? implied(kernel, spec, read) };
  });
  for (const { kernel } of machines) {
    written?.forEach(({ choice }, i) => checkDesign(spec, i, choice.name, kernel, read));
  }
  const labels = machines.flatMap(({ designs }) => designs.map(({ label }) => label));
  const selector = new Selector([...new Set(labels)], matrix, report);
  return machines.flatMap((machine) =>
    atPoint({ spec, topology, named, file, report, selector, ...machine }),
  );
}

/** What runs at a point of the matrix. */
interface Machine {
  readonly point: Values;
  readonly kernel: KernelChoice | undefined;
  readonly designs: readonly Design[];
}

/** The spec with the parameters of one of its keys replaced. */
function substituted(spec: DataMap, key: string, point: Values, report: Report): DataMap {
  const data = spec[key];
  return data === undefined ? spec : { ...spec, [key]: substitute(data, point, report) };
}

/** The design that the kernel's version implies, where the spec names none. */
function implied(kernel: KernelChoice | undefined, spec: DataMap, read: Reader): Design[] {
  if (kernel?.version === undefined) {
    read.error(
      'DB202',
      spec,
      undefined,
      'a spec needs designs, or a kernel',
      'kernel: 6.12, or designs: [linux-5.2, tracked]; docs/designs.md has them all',
    );
    return [];
  }
  const name = impliedDesign(kernel);
  return [{ choice: { name, initialCount: 1 }, label: name }];
}

interface Context {
  readonly spec: DataMap;
  readonly topology: DataMap;
  readonly named: ReadonlyMap<string, NamedSteps>;
  readonly file: SourceFile;
  readonly report: Report;
  readonly designs: readonly Design[];
  readonly kernel: KernelChoice | undefined;
  readonly selector: Selector;
  readonly point: Values;
}

/**
 * Steps in their order: what was closed of a device in a container is not there for a later one.
 */
function checkDescriptors(step: DataMap, { operation, key }: ReadStep, scope: Scope): void {
  const device =
    'device' in operation
      ? operation.device
      : 'vector' in operation
        ? operation.vector.device
        : undefined;
  if (device === undefined) return;
  const closed = scope.closed.get(device);
  const partly = operation.op === 'detach' ? operation.only : undefined;
  const leaves = operation.op === 'attach' || (operation.op === 'detach' && partly === undefined);
  if (closed !== undefined && (partly !== undefined || (closed === 'device' && !leaves)))
    scope.read.error(
      'DB312',
      step,
      key,
      `the ${closed} of "${device}" was closed by an earlier step`,
      `detach: ${device} closes what is left`,
    );
  if (leaves) scope.closed.delete(device);
  else if (partly !== undefined) scope.closed.set(device, partly);
}

function atPoint({
  spec,
  topology,
  named,
  file,
  report,
  designs,
  kernel,
  selector,
  point,
}: Context): Case[] {
  const read = new Reader(report);
  const scope = new Scope(machineOf(substitute(topology, point, report), read), read);
  const written = inlineSteps((spec['steps'] ?? []) as DataMap[], named, point, report);
  if (spec['steps'] === undefined && spec['interleave'] === undefined)
    read.error('DB202', spec, undefined, 'the spec needs "steps"', 'steps: or interleave:');
  else if (
    spec['expect'] === undefined &&
    spec['interleave'] === undefined &&
    !written.some((step) => step['expect'] !== undefined)
  ) {
    report.error(
      'DB330',
      placeOf(spec, 'steps', 'key'),
      'no step and no end of this spec expects anything',
      'say what must be seen: expect: { ... }',
    );
  }
  const steps = written.flatMap((step) => {
    const found = stepOf(step, scope);
    if (found === undefined) return [];
    checkDescriptors(step, found, scope);
    const chosen = chosenOf(step['expect'], point, scope, selector, report);
    if (found.operation.op === 'free-domain' && !chosen.some(expectsError))
      scope.freed.add(found.operation.domain);
    return [{ ...found, place: placeOf(step, found.key, 'key') as Place, chosen }];
  });
  const explore = exploreOf(spec, named, point, scope);
  const own = ownPropertiesOf(spec, (data) => chosenOf(data, point, scope, selector, report), read);
  const end = chosenOf(spec['expect'], point, scope, selector, report);
  const title = placeOf(spec, 'title') ?? file.place(0);
  const withOwn = (bare: ExploreSpec, list: readonly Owned[], label: string): ExploreSpec => {
    const properties = list
      .filter(({ block }) => selector.isForDesign(block, label))
      .map(({ property }) => property);
    return properties.length === 0 ? bare : { ...bare, properties };
  };
  return designs.map(({ choice, label }): Case => {
    const pick = (list: readonly Chosen[]): Expectation[] =>
      list.flatMap(({ block, expectations }) =>
        selector.isForDesign(block, label) ? expectations : [],
      );
    const skip = mark(spec['skip'], label, point, selector);
    const xfail = mark(spec['xfail'], label, point, selector);
    return {
      id: `${file.name} ${caseName({ designLabel: label, point })}`,
      title: String(spec['title']),
      ...(typeof spec['description'] === 'string' ? { description: spec['description'] } : {}),
      ...(typeof spec['source'] === 'string' ? { source: spec['source'] } : {}),
      // A copy, without its place: a case must not keep the document alive.
      tags: [...((spec['tags'] ?? []) as string[])],
      place: title,
      design: choice,
      designLabel: label,
      ...(kernel === undefined ? {} : { kernel }),
      point: Object.fromEntries(Object.entries(point).map(([key, value]) => [key, String(value)])),
      ...(skip ? { skip } : {}),
      ...(xfail ? { xfail } : {}),
      topology: scope.topology,
      steps: steps.map(({ operation, label: text, place, chosen }): Step => ({
        operation,
        label: text,
        place,
        expect: pick(chosen),
      })),
      ...(explore === undefined ? {} : { explore: withOwn(explore, own, label) }),
      expect: pick(end),
    };
  });
}

/** Topologies that had no error, by the data of their file: most specs of a folder share a few. */
const topologies = new WeakMap<DataMap, Topology>();

function machineOf(data: DataMap, read: Reader): Topology {
  const known = topologies.get(data);
  if (known) return known;
  const before = read.report.failed;
  const topology = topologyOf(data, read);
  if (!before && !read.report.failed) topologies.set(data, topology);
  return topology;
}

/** Some design refuses the step, so that the domain lives on. */
const expectsError = ({ expectations }: Chosen): boolean =>
  expectations.some((e) => e.kind === 'error' && e.error !== 'none');

/** Blocks that count at this point, for whichever design. */
function chosenOf(
  data: Data | undefined,
  point: Values,
  scope: Scope,
  selector: Selector,
  report: Report,
): Chosen[] {
  if (data === undefined) return [];
  const blocks = (Array.isArray(data) ? data : [data]) as DataMap[];
  return blocks.flatMap((raw) => {
    selector.check(raw);
    if (Object.keys(raw).every((key) => SELECTORS.has(key))) {
      report.error('DB330', placeOf(raw), 'a block that expects nothing', 'say what must be seen');
    }
    if (!selector.isForPoint(raw, point)) return [];
    const block = substitute(raw, point, report);
    return [{ block, expectations: expectationsOf(block, scope) }];
  });
}

function mark(
  data: Data | undefined,
  label: string,
  point: Values,
  selector: Selector,
): { reason: string; place: Place } | undefined {
  if (data === undefined) return undefined;
  const list = (Array.isArray(data) ? data : [data]) as DataMap[];
  for (const entry of list) {
    selector.check(entry);
    if (!selector.isForDesign(entry, label) || !selector.isForPoint(entry, point)) continue;
    return { reason: String(entry['reason']), place: placeOf(entry, 'reason') as Place };
  }
  return undefined;
}

function designsOf(spec: DataMap, read: Reader): Design[] {
  const list = spec['designs'] as Data[];
  const seen = new Set<string>();
  return list.flatMap((entry, i): Design[] => {
    const map = isMap(entry) ? entry : undefined;
    const text = map ? Object.keys(map)[0] : entry;
    const name = read.name(list, i, text, 'design', DESIGN_NAMES) as DesignName | undefined;
    if (name === undefined) return [];
    const parameters = map?.[name] as DataMap | undefined;
    const initialCount = parameters
      ? read.oneOf(parameters, 'initial-count', [1, 2] as const, 1)
      : 1;
    if (initialCount !== 1 && name !== 'rfc-v3' && name !== 'compose') {
      read.error('DB306', parameters as object, 'initial-count', `${name} has no initial-count`);
    }
    const label = initialCount === 1 ? name : `${name}(initial-count=${initialCount})`;
    if (seen.has(label)) read.error('DB305', list, i, `design "${label}" is named twice`);
    seen.add(label);
    return [{ choice: { name, initialCount }, label }];
  });
}
