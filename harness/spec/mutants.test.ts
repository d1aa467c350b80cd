/**
 * Every valid spec with one key dropped or misspelt. Each mutant is refused with a place in the text, or is truly
 * valid: the key is one that may be left out, or a name that nothing else refers to.
 */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { includeCache, loadSpecText } from './load.ts';
import { Report } from './report.ts';
import { SourceFile } from './source-file.ts';
import { type Data, type DataMap } from './data.ts';
import { parseYaml } from './yaml-tree.ts';

const root = resolve(__dirname, '../..');
const files = globSync('specs/**/*.spec.yaml', { cwd: root }).sort();
const cache = includeCache();

/** Keys with a default, or that narrow what is compared: without them the spec says less, and is valid. */
const OPTIONAL = new Set([
  ...[
    'description',
    'source',
    'tags',
    'define',
    'include',
    'matrix',
    'kernel',
    'changes',
    'expect',
  ],
  ...['why', 'when', 'design', 'designs', 'with', 'use', 'xfail', 'skip', 'explore', 'interleave'],
  ...[
    'schedule',
    'always',
    'eventually',
    'sometimes',
    'fires',
    'writes',
    'free',
    'params',
    'times',
    'topology',
    'steps',
  ],
  // Topology.
  ...['cpus', 'iommus', 'domains', 'devices', 'page-size', 'phys-addr-bits', 'dma-addr-bits'],
  ...['iommu-api', 'pci-msi-irq-domain', 'preempt-rt', 'acpi', 'event-id-bits', 'device-id-bits'],
  ...[
    'lpis',
    'pre-its',
    'virtual',
    'vcpu',
    'vpe-id',
    'variant',
    'alias',
    'stride',
    'identities',
    'affinity-returns',
    'granule',
  ],
  ...[
    'stage',
    'stream-id-bits',
    'stream-table',
    'iova-bits',
    'stream-mapping-groups',
    'hw-msi',
    'direct',
  ],
  ...['context-banks', 'unmatched-streams', 'msi', 'msix', 'behind', 'phantom-function', 'level'],
  ...['iommu-group', 'stream-mask', 'caches', 'unmap', 'node', 'stays-on-node', 'numa-nodes'],
  ...['dma-bits', 'device-id', 'stream-id', 'stream-ids', 'address-bits', 'maskable', 'latches'],
  ...[
    'reserved-bits',
    'masks-msi',
    'msi-window',
    'iommufd',
    'vfio',
    'node',
    'stays-on-node',
    'unsafe-interrupts',
    'initial-count',
  ],
  // Steps and expectations.
  ...[
    'cpu',
    'managed',
    'memory',
    'mappings',
    'messages',
    'affinity',
    'interrupts',
    'faults',
    'commands',
    'invalidations',
    'error',
  ],
  ...[
    'leaks',
    'windows',
    'cpus',
    'effective',
    'iova',
    'pa',
    'size',
    'refs',
    'prot',
    'pte',
    'address',
    'data',
    'count',
  ],
  ...['includes', 'pages', 'device', 'name', 'its', 'event-id', 'intid', 'icid', 'rd', 'valid'],
  ...['smmu', 'asid', 'vmid', 'start'],
]);

/** Mappings whose keys are names that the author chose. */
const NAMES = new Set([
  ...['msi-controllers', 'iommus', 'devices', 'domains', 'guests'],
  ...['matrix', 'define', 'interleave'],
]);
/** Mappings from names to what is expected of them, or to values: an entry less is one check less. */
const BY_NAME = new Set([
  ...NAMES,
  ...[
    'mappings',
    'messages',
    'affinity',
    'interrupts',
    'leaks',
    'windows',
    'when',
    'with',
    'changes',
  ],
]);

interface Mutant {
  readonly what: string;
  readonly text: string;
  readonly mayBeValid: boolean;
}

function* mutants(data: DataMap): Generator<Mutant> {
  const seen = new Set<string>();
  for (const { map, key, trail } of keysOf(data, [])) {
    // Ten steps that say the same are mutated once.
    const same = `${trail.join('.')} ${key} ${JSON.stringify(map)}`;
    if (seen.has(same)) continue;
    seen.add(same);
    const parent = trail.at(-1) ?? '';
    const entries = Object.entries(map);
    const what = [...trail, key].join('.');
    const value = map[key] as Data;
    // Edited in place and put back: a copy of the document for each mutant would cost more than loading it.
    const write = (list: readonly (readonly [string, Data])[]): string => {
      for (const name of Object.keys(map)) delete map[name];
      Object.assign(map, Object.fromEntries(list));
      const text = JSON.stringify(data);
      for (const name of Object.keys(map)) delete map[name];
      Object.assign(map, Object.fromEntries(entries));
      return text;
    };
    yield {
      what: `${what} dropped`,
      text: write(entries.filter(([name]) => name !== key)),
      mayBeValid: OPTIONAL.has(key) || BY_NAME.has(parent),
    };
    yield {
      what: `${what} misspelt`,
      text: write(entries.map(([name, v]) => [name === key ? `${name}q` : name, v] as const)),
      mayBeValid: NAMES.has(parent) && value !== undefined,
    };
  }
}

function* keysOf(
  data: Data,
  trail: readonly string[],
): Generator<{ map: DataMap; key: string; trail: readonly string[] }> {
  if (Array.isArray(data)) {
    for (const item of data) yield* keysOf(item, trail);
  } else if (typeof data === 'object' && data !== null) {
    for (const key of Object.keys(data)) {
      yield { map: data, key, trail };
      yield* keysOf(data[key] as Data, [...trail, key]);
    }
  }
}

test.each(files)('%s', (name) => {
  const path = join(root, name);
  const source = new SourceFile(relative(root, path), path, readFileSync(path, 'utf8'));
  const data = parseYaml(source, new Report(new Map([[source.name, source]]))) as DataMap;
  const whole = loadSpecText(JSON.stringify(data), { root, file: path, cache });
  expect(whole.diagnostics).toEqual([]);
  const wrong: string[] = [];
  let refused = 0;
  for (const { what, text, mayBeValid } of mutants(data)) {
    const { diagnostics, cases } = loadSpecText(text, { root, file: path, cache });
    if (diagnostics.length === 0) {
      if (!mayBeValid) wrong.push(`${what}: accepted`);
      continue;
    }
    refused++;
    if (cases.length > 0) wrong.push(`${what}: refused, and has cases`);
    if (diagnostics.some(({ place }) => place === undefined || place.line < 1 || place.col < 1))
      wrong.push(`${what}: refused without a place`);
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(0);
});
