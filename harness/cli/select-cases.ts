/**
 * Which cases of a file are meant: --grep, --tag, --not-tag and --design, all of which must agree.
 */
import type { Case } from '../spec/case.ts';
import type { FilterFlags } from './flags.ts';

export function caseFilter({ grep, tag, notTag, design }: FilterFlags): (spec: Case) => boolean {
  return (spec) =>
    (grep === undefined || grep.test(spec.id) || grep.test(spec.title)) &&
    (tag.length === 0 || tag.some((name) => spec.tags.includes(name))) &&
    !notTag.some((name) => spec.tags.includes(name)) &&
    (design.length === 0 ||
      design.some((name) => name === spec.designLabel || name === spec.design.name));
}
