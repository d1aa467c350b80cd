/** What answers are made from: a tree, the era, and the controllers and IOMMUs found once. */
import type { Era, Stage } from '../explanation.ts';
import { Controllers } from './controllers.ts';
import { Iommus } from './iommus.ts';
import { IdMap, type MapEntry, type MapName, type MapResult } from './map-id.ts';
import type { DtNode, DtTree } from './tree.ts';

export class Board {
  readonly tree: DtTree;
  readonly era: Era;
  readonly controllers: Controllers;
  readonly iommus: Iommus;
  readonly #maps = new Map<string, IdMap>();

  constructor(tree: DtTree, era: Era) {
    this.tree = tree;
    this.era = era;
    this.controllers = new Controllers(tree);
    this.iommus = new Iommus(tree, era);
  }

  map(node: DtNode, name: MapName): IdMap {
    const key = `${name} ${node.index}`;
    const known = this.#maps.get(key);
    if (known !== undefined) return known;
    const map = new IdMap(node, name, this.era);
    this.#maps.set(key, map);
    return map;
  }
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** An entry as the source of a tree would have it. */
export function entryText({ base, phandle, target, outputs, length }: MapEntry): string {
  const to = target === undefined ? hex(phandle) : `&{${target.path}}`;
  return `<${hex(base)} ${to} ${[...outputs, length].map(hex).join(' ')}>`;
}

/** The stage at which a map decided. */
export function mapStage(map: IdMap, id: number, result: MapResult): Stage {
  const { node, name, mask } = map;
  const masked = (id & mask) >>> 0;
  const input = masked === id ? hex(id) : `${hex(id)} & ${name}-mask ${hex(mask)} = ${hex(masked)}`;
  const base = { node: node.path, property: name };
  if (result.kind === 'absent') return { ...base, says: `there is no ${name}` };
  if (result.kind === 'no-match') return { ...base, says: `no entry takes ${input}` };
  if (result.kind === 'match')
    return {
      ...base,
      value: entryText(result.entry),
      says: `${input} -> ${result.cells.map(hex).join(' ')} at ${result.target.path}`,
    };
  const entry = map.entries.find(({ at }) => at === result.at);
  const value = entry === undefined ? {} : { value: entryText(entry) };
  const bytes = node.lengthOf(name) ?? 0;
  const says = {
    'bad-length': `${bytes} bytes are not a whole number of entries: Linux gives the map up (-EINVAL)`,
    'base-outside-mask': `an entry's base has bits outside of ${name}-mask ${hex(mask)}: Linux stops there (-EFAULT)`,
    'bad-phandle': `${input} goes to a phandle that no node has (-ENODEV)`,
    'bad-cells': `a range of IDs to a target of several cells: Linux cannot count there (-EINVAL)`,
  }[result.why as string];
  return { ...base, ...value, says: says ?? result.why };
}
