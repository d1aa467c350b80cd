/**
 * An example of an error: something small that makes it come. The tests make every one of them
 * happen, so that what `doorbell errors` and docs/errors.md show is so.
 */
export interface Example {
  /** What to look at, where that is not plain. */
  readonly note?: string;
  /**
   * Top-level keys of a spec that stand for those of the spec that `doorbell init` writes; `null`
   * takes the key away.
   */
  readonly change?: string;
  readonly without?: readonly string[];
  /** Other files, by name. Bytes are told of in `note`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Shell commands; without them the changed spec is run: `doorbell run example.spec.yaml`. */
  readonly command?: string;
}

export const EXAMPLE_SPEC = 'example.spec.yaml';

/** The text's top-level blocks by key, in order; what stands before the first has the key ''. */
function blocksOf(text: string): Map<string, string> {
  const blocks = new Map<string, string>();
  let key = '';
  for (const line of text.split(/(?<=\n)/)) {
    const begins = /^([\w-]+):/.exec(line)?.[1];
    if (begins !== undefined) key = begins;
    blocks.set(key, (blocks.get(key) ?? '') + line);
  }
  return blocks;
}

/** The example's spec: `base` with the blocks of the example for its own. */
export function specOf({ change = '', without = [] }: Example, base: string): string {
  const blocks = blocksOf(base.replace(/^#.*\n/gm, '').replace(/^\n+/, ''));
  for (const [key, text] of blocksOf(change)) blocks.set(key, text.trimEnd() + '\n');
  for (const key of without) blocks.delete(key);
  return [...blocks.values()].join('');
}
