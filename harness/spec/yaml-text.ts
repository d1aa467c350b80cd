/** From data to text: a spec as a person would have written it. */
import {
  Document,
  isCollection,
  isMap,
  isSeq,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from './yaml-library.ts';
import type { DataMap } from './data.ts';

/** As wide as a reader's window may be; a collection that fits into it is written on one line. */
const FLOW_WIDTH = 96;
/** From here on a number is an address or a size rather than a count. */
const HEX_FROM = 0x1000;

/**
 * Data as YAML in the manner of hand-written specs: short collections on one line, addresses in
 * hexadecimal.
 */
export function yamlText(data: DataMap, comment: string): string {
  const document = new Document(data, { aliasDuplicateObjects: false });
  document.commentBefore = comment;
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'number' && node.value >= HEX_FROM) node.format = 'HEX';
    },
    Collection(_, node, path) {
      const holders = path.filter((each) => isCollection(each));
      const holder = holders.at(-1);
      if (holder === undefined) return;
      node.flow = holder.flow === true || (!isOutline(node, holder) && fitsALine(node, holders));
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** What reads better line by line: sections, lists of steps, a step with its one key. */
function isOutline(node: YAMLMap | YAMLSeq, holder: YAMLMap | YAMLSeq): boolean {
  if (isMap(node) && isSeq(holder)) return true;
  const values = isMap(node) ? node.items.map(({ value }) => value) : node.items;
  return values.every((value) => isCollection(value));
}

const fitsALine = (node: YAMLMap | YAMLSeq, holders: readonly unknown[]): boolean =>
  JSON.stringify(node.toJSON()).length + 2 * holders.length < FLOW_WIDTH;
