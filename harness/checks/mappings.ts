/** `mappings`: what a domain's tables hold. */
import type { Mapping } from '../../src/observation.ts';
import type { ExpectMappings, MappingPattern } from '../spec/case.ts';
import { assign, type Assignment, GAVE_UP } from './assignment.ts';
import type { Captures } from './captures.ts';
import { failed, HELD, moment, type Outcome, type Row, type Scene, unseen } from './finding.ts';
import { referenceNote } from './reference-story.ts';
import { address, size } from './text.ts';

export function checkMappings(expectation: ExpectMappings, scene: Scene): Outcome[] {
  const domains = expectation.domain === '*' ? scene.domains : [expectation.domain];
  return domains.map((domain) => checkDomain(expectation, domain, scene));
}

function checkDomain(expectation: ExpectMappings, domain: string, scene: Scene): Outcome {
  const { captures } = scene;
  const { entries, mode } = expectation;
  const observed = scene.observation.mappings(domain);
  if (!observed.seen) return unseen(observed.reason);
  const mappings = observed.value;
  // Beside a count, the entries are some of those mappings.
  const exact = mode === 'exact' && expectation.count === undefined;
  const assignment = assign<MappingPattern, Mapping>({
    patterns: entries,
    items: mappings,
    captures,
    exact,
    match: (pattern, mapping) => fits(pattern, mapping, captures),
    isFree: ({ iova, pa, size: bytes, refs }) =>
      [iova, pa, bytes, refs].some((value) => captures.isFree(value)),
    demand: () => ONE,
    supply: () => 1,
  });
  const counted = captures.meets(expectation.count, BigInt(mappings.length));
  if (!assignment.met || (exact && !assignment.complete) || !counted) {
    return failed(
      {
        code: 'DB402',
        place: expectation.place,
        message: messageOf(expectation, domain, mappings.length, scene),
        ...(assignment.gaveUp ? { hint: GAVE_UP } : {}),
        table: {
          title: `domain ${domain}`,
          rows: rowsOf(expectation, mappings, assignment, exact, domain, scene),
        },
      },
      expectation.why,
    );
  }
  return unseenReferences(entries, mappings, assignment) ?? HELD;
}

const ONE = { min: 1, max: 1 };

function fits(pattern: MappingPattern, mapping: Mapping, captures: Captures): boolean {
  return (
    captures.meets(pattern.pa, mapping.pa) &&
    captures.meets(pattern.size, mapping.size) &&
    (pattern.prot === undefined || sameNames(pattern.prot, mapping.prot)) &&
    (pattern.pte === undefined || pattern.pte === mapping.pte) &&
    fitsReferences(pattern, mapping, captures) &&
    captures.meets(pattern.iova, mapping.iova)
  );
}

/**
 * Nobody counts a mapping of user space; of a doorbell the count may be out of the target's sight.
 */
function fitsReferences(pattern: MappingPattern, mapping: Mapping, captures: Captures): boolean {
  if (pattern.refs === undefined) return true;
  return mapping.refs.seen
    ? captures.meets(pattern.refs, BigInt(mapping.refs.value))
    : mapping.doorbell;
}

const sameNames = (a: string, b: string): boolean =>
  a.split('|').sort().join('|') === b.split('|').sort().join('|');

function unseenReferences(
  entries: readonly MappingPattern[],
  mappings: readonly Mapping[],
  { flow }: Assignment,
): Outcome | undefined {
  for (const [p, pattern] of entries.entries()) {
    if (pattern.refs === undefined) continue;
    const refs = mappings.find((_, i) => (flow[p]?.[i] ?? 0) > 0)?.refs;
    if (refs !== undefined && !refs.seen) return unseen(refs.reason);
  }
  return undefined;
}

function messageOf(expectation: ExpectMappings, domain: string, n: number, scene: Scene): string {
  const has = n === 0 ? 'it has none' : `it has ${n}`;
  return `${moment(scene)}, ${domain} should have ${wanted(expectation, scene.captures)}; ${has}`;
}

function wanted({ entries, mode, count: number }: ExpectMappings, captures: Captures): string {
  const n = number === undefined ? '' : `${captures.text(number)} mappings`;
  if (number !== undefined && entries.length === 0) return n;
  if (entries.length === 0) return mode === 'exact' ? 'no mappings' : 'anything';
  const these = entries.length === 1 ? 'this mapping' : `these ${entries.length} mappings`;
  if (number !== undefined) return `${n}, among them ${these}`;
  return mode === 'exact' ? `${these} and no other` : these;
}

function rowsOf(
  { entries }: ExpectMappings,
  mappings: readonly Mapping[],
  { flow }: Assignment,
  exact: boolean,
  domain: string,
  scene: Scene,
): Row[] {
  const free = new Set(mappings.keys());
  const partners = entries.map((_, p) => mappings.findIndex((_m, i) => (flow[p]?.[i] ?? 0) > 0));
  for (const i of partners) free.delete(i);
  const rows = entries.map((pattern, p): Row => {
    const matched = mappings[partners[p] ?? -1];
    const expected = patternText(pattern, scene.captures);
    if (matched !== undefined) return { expected, observed: mappingText(matched), differs: false };
    const near = nearest(pattern, mappings, free, scene.captures);
    if (near === undefined) return { expected, observed: '-', differs: true };
    free.delete(near);
    return { expected, ...unexpected(mappings[near] as Mapping, true, domain, scene) };
  });
  const others = [...free].map((i): Row => {
    const expected = exact ? '-' : '(others may be there)';
    return { expected, ...unexpected(mappings[i] as Mapping, exact, domain, scene) };
  });
  return [...rows, ...others];
}

function unexpected(
  mapping: Mapping,
  differs: boolean,
  domain: string,
  scene: Scene,
): Omit<Row, 'expected'> {
  const note = differs ? referenceNote(scene, domain, mapping.iova) : undefined;
  return { observed: mappingText(mapping), differs, ...(note === undefined ? {} : { note }) };
}

/** The mapping that was probably meant: most fields agree. */
function nearest(
  pattern: MappingPattern,
  mappings: readonly Mapping[],
  free: ReadonlySet<number>,
  captures: Captures,
): number | undefined {
  let best: number | undefined;
  let bestScore = 0;
  for (const i of free) {
    const { iova, pa, size: bytes } = mappings[i] as Mapping;
    const score =
      Number(pattern.iova !== undefined && captures.wouldMeet(pattern.iova, iova)) +
      2 * Number(pattern.pa !== undefined && captures.wouldMeet(pattern.pa, pa)) +
      Number(pattern.size !== undefined && captures.wouldMeet(pattern.size, bytes));
    if (score > bestScore) [best, bestScore] = [i, score];
  }
  return best ?? (free.size === 1 ? [...free][0] : undefined);
}

export function mappingText(mapping: Mapping): string {
  const { iova, pa, size: bytes, prot, pte, refs } = mapping;
  const counted = refs.seen ? `  refs ${refs.value}` : '';
  return `${address(iova)} -> ${address(pa)}  ${size(bytes)}  ${prot} (${pte})${counted}`;
}

function patternText(pattern: MappingPattern, captures: Captures): string {
  const { iova, pa, size: bytes, prot, pte, refs } = pattern;
  const value = (expr: MappingPattern['iova'], form = address): string =>
    expr === undefined ? '*' : expr.kind === 'value' ? form(expr.value) : captures.text(expr);
  const parts = [`${value(iova)} -> ${value(pa)}`];
  if (bytes !== undefined) parts.push(value(bytes, size));
  if (prot !== undefined) parts.push(prot);
  if (pte !== undefined) parts.push(`(${pte})`);
  if (refs !== undefined) parts.push(`refs ${captures.text(refs)}`);
  return parts.join('  ');
}
