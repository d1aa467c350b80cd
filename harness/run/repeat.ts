/** The command that runs one case again. */
import type { Case } from '../spec/case.ts';

export function repeatLine(spec: Case, target: string): string {
  const grep = Object.keys(spec.point).length > 0 || spec.designLabel !== spec.design.name ? ` --grep ${quote(spec.id)}` : '';
  const on = target === 'model' ? '' : ` --target ${target}`;
  return `npx doorbell run ${spec.place.file} --design ${spec.design.name}${grep}${on}`;
}

/** A regular expression that matches the id as it is, quoted for a shell. */
const quote = (id: string): string => `'${id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll("'", `'\\''`)}'`;
