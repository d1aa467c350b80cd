/**
 * Which cases stand side by side. Cases of one spec and one matrix point make a comparison; the
 * columns are its designs, or its kernels where it names several, or those that were asked for;
 * with several targets, the targets, each with the design that it can carry.
 */
import { designOf, behaviourOf } from '../../src/kernel/changes/changes.ts';
import type { KernelVersion } from '../../src/kernel/changes/change.ts';
import type { Case, Place } from '../spec/case.ts';
import { KERNEL } from '../spec/kernel-of.ts';
import { usedPart } from '../targets/linux/support.ts';
import type { Target } from '../targets/target.ts';
import type { Column } from './compare-case.ts';

export interface Group {
  readonly id: string;
  readonly columns: readonly Column[];
}

export function designsSideBySide(cases: readonly Case[], target: Target): Group[] {
  return [...grouped(cases, pointId)].map(([id, members]) => ({
    id,
    columns: members.map((spec) => ({ label: spec.designLabel, spec, target })),
  }));
}

/**
 * Kernels where a spec names several; a spec that runs designs of its own on each gets a comparison
 * for each design.
 */
export function casesSideBySide(cases: readonly Case[], target: Target): Group[] {
  return [...grouped(cases, kernellessId)].flatMap(([id, members]) => {
    const kernels = new Set(members.map(({ point }) => point[KERNEL]));
    if (kernels.size < 2) return designsSideBySide(members, target);
    if (kernels.size === members.length) return [kernelGroup(id, members, target)];
    return [...grouped(members, ({ designLabel }) => designLabel)].map(([label, each]) =>
      kernelGroup(`${id} [${label}]`, each, target),
    );
  });
}

/**
 * The steps of each spec and point as these versions of Linux would do them, whatever designs the
 * spec names.
 */
export function kernelsSideBySide(
  cases: readonly Case[],
  versions: readonly KernelVersion[],
  target: Target,
): Group[] {
  return [...grouped(cases, kernellessId)].flatMap(([id, [spec]]) =>
    spec === undefined
      ? []
      : [
          kernelGroup(
            id,
            versions.map((version) => asLinux(spec, version)),
            target,
          ),
        ],
  );
}

/** The design is in the label where it is not the same for all. */
function kernelGroup(id: string, members: readonly Case[], target: Target): Group {
  const designs = new Set(members.map(({ designLabel }) => designLabel));
  const columns = members.map((spec) => {
    const version = spec.kernel?.version ?? '';
    return { label: designs.size > 1 ? `${version} ${spec.designLabel}` : version, spec, target };
  });
  return { id, columns };
}

function asLinux(spec: Case, version: KernelVersion): Case {
  const kernel = { version, switches: spec.kernel?.switches ?? {} };
  const name = designOf(behaviourOf(kernel));
  return { ...spec, kernel, design: { name, initialCount: 1 }, designLabel: name };
}

function grouped(cases: readonly Case[], key: (spec: Case) => string): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const spec of cases) {
    const members = groups.get(key(spec));
    if (members === undefined) groups.set(key(spec), [spec]);
    else members.push(spec);
  }
  return groups;
}

/** One comparison for each case: the design is the same in all columns. */
export function targetsSideBySide(cases: readonly Case[], targets: readonly Target[]): Group[] {
  const release = targets.find((target) => target.release !== undefined)?.release;
  const version = release === undefined ? undefined : /^\d+\.\d+(\.\d+)?/.exec(release)?.[0];
  return cases.map((spec) => ({
    id: spec.id,
    columns: targets.map((target) => ({
      label: target.name,
      spec: target.release === undefined ? asBooted(spec, version) : spec,
      target,
    })),
  }));
}

/**
 * The model is compared as the kernel that was booted, unless the spec names another, on the
 * machine that it was booted on: a controller that no device uses is not in it.
 */
function asBooted(spec: Case, version: string | undefined): Case {
  if (version === undefined) return spec;
  const kernel = spec.kernel ?? { version, switches: {} };
  return { ...spec, kernel, topology: usedPart(spec.topology) };
}

const pointId = ({ place, point }: Case): string => placeId(place, Object.entries(point));

const kernellessId = ({ place, point }: Case): string =>
  placeId(
    place,
    Object.entries(point).filter(([name]) => name !== KERNEL),
  );

const placeId = ({ file }: Place, values: readonly (readonly [string, string])[]): string =>
  `${file}${values.map(([name, value]) => ` ${name}=${value}`).join('')}`;
