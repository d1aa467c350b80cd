/** `mappings`: what a domain's tables hold. */
import type { Mapping, Observation } from '../../src/observation.ts';
import type { ExpectMappings, MappingPattern } from '../spec/case.ts';
import { assign } from './match-list.ts';
import { failed, HELD, type Outcome, row, unobservable } from './outcome.ts';
import { type Captures, hex, holds, valueText } from './values.ts';

function fits(pattern: MappingPattern, mapping: Mapping, captures: Captures): boolean {
  return (
    holds(pattern.iova, mapping.iova, captures) &&
    holds(pattern.pa, mapping.pa, captures) &&
    holds(pattern.size, mapping.size, captures) &&
    (pattern.prot === undefined || sameNames(pattern.prot, mapping.prot)) &&
    (pattern.pte === undefined || pattern.pte === mapping.pte) &&
    (!mapping.refs.seen || holds(pattern.refs, BigInt(mapping.refs.value), captures))
  );
}

const sameNames = (a: string, b: string): boolean => a.split('|').sort().join('|') === b.split('|').sort().join('|');

export function checkMappings(
  expectation: ExpectMappings,
  observation: Observation,
  domains: readonly string[],
  captures: Captures,
): Outcome[] {
  const named = expectation.domain === '*' ? domains : [expectation.domain];
  return named.flatMap((domain) => checkDomain(expectation, domain, observation, captures));
}

function checkDomain(expectation: ExpectMappings, domain: string, observation: Observation, captures: Captures): Outcome[] {
  const seen = observation.mappings(domain);
  if (!seen.seen) return [unobservable(expectation.place, seen.reason)];
  const mappings = seen.value;
  const { partner, extra } = assign(expectation.entries, mappings, captures, fits);
  const missing = partner.filter((p) => p < 0).length;
  const tooMany = expectation.mode === 'exact' ? extra.length : 0;
  const counted = expectation.count === undefined || holds(expectation.count, BigInt(mappings.length), captures);
  if (missing > 0 || tooMany > 0 || !counted) {
    const rows = expectation.entries.map((pattern, i) => {
      const found = mappings[partner[i] ?? -1];
      return found ? { ...row(mappingText(found), mappingText(found)) } : row(patternText(pattern, captures), '-');
    });
    const unexpected = extra.map((i) => ({
      ...row(expectation.mode === 'exact' ? '-' : '(others may be there)', mappingText(mappings[i] as Mapping)),
      differs: expectation.mode === 'exact',
    }));
    const wanted = expectation.count ? `${valueText(expectation.count, captures)} mappings` : wantedText(expectation);
    const message = `${domain} should have ${wanted}; it has ${mappings.length === 0 ? 'none' : mappings.length}`;
    return [failed('DB402', expectation, message, { title: `domain ${domain}`, rows: [...rows, ...unexpected] })];
  }
  const unseen = partner
    .map((p, i) => ({ pattern: expectation.entries[i] as MappingPattern, refs: mappings[p]?.refs }))
    .filter(({ pattern, refs }) => pattern.refs !== undefined && refs !== undefined && !refs.seen);
  return unseen.length === 0
    ? [HELD]
    : unseen.map(({ pattern, refs }) => unobservable(pattern.place, refs !== undefined && !refs.seen ? refs.reason : ''));
}

function wantedText({ mode, entries }: ExpectMappings): string {
  if (entries.length === 0) return 'no mappings';
  const n = `${entries.length} mapping${entries.length === 1 ? '' : 's'}`;
  return mode === 'exact' ? `exactly ${n}` : `these ${n} among others`;
}

export function mappingText(m: Mapping): string {
  const refs = m.refs.seen ? `  refs ${m.refs.value}` : '';
  return `${hex(m.iova)} -> ${hex(m.pa)}  ${sizeText(m.size)}  ${m.prot} (${m.pte})${refs}`;
}

function patternText(p: MappingPattern, captures: Captures): string {
  const parts = [`${valueText(p.iova, captures)} -> ${valueText(p.pa, captures)}`];
  if (p.size) parts.push(p.size.kind === 'value' ? sizeText(p.size.value) : valueText(p.size, captures));
  if (p.prot) parts.push(p.prot);
  if (p.pte) parts.push(`(${p.pte})`);
  if (p.refs) parts.push(`refs ${valueText(p.refs, captures)}`);
  return parts.join('  ');
}

export const sizeText = (size: bigint): string =>
  size >= 1n << 20n && size % (1n << 20n) === 0n ? `${size >> 20n}M` : size % 1024n === 0n ? `${size >> 10n}K` : `${size}`;
