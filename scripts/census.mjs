/** docs/census.md: what the corpus is made of, counted from the loaded specs. */

const TITLES = {
  controller: 'MSI controllers',
  iommu: 'IOMMUs',
  device: 'Devices',
  domain: 'Domains',
  step: 'Steps',
  design: 'Designs',
  kernel: 'Kernels',
  change: 'Changes switched by hand',
  folder: 'Folders',
};

/** @param {string[]} words */
const unique = (words) => [...new Set(words)];

/** What a device is, in words. @param {any} device */
function deviceWords(device) {
  if (device.via) return [device.via.kind === 'wired' ? 'wired-to-MSI bridge' : 'fsl-mc'];
  if (device.bus === 'platform') return ['platform', ...(device.level ? ['platform, level'] : [])];
  return [
    ...(device.msi ? [device.msi.vectors > 1 ? 'PCI MSI, several vectors' : 'PCI MSI'] : []),
    ...(device.msix ? ['PCI MSI-X'] : []),
    ...((device.iommu?.streamIds.length ?? 0) > 1 ? ['PCI, several StreamIDs'] : []),
  ];
}

/** What a case counts under. @param {any} spec */
function wordsOf(spec) {
  const { topology } = spec;
  const controllers = Object.values(topology.msiControllers);
  const iommus = Object.values(topology.iommus);
  return {
    controller: controllers.map((c) => {
      const variant = c.variant ?? c.virtual ?? (c.preIts === undefined ? undefined : 'pre-ITS');
      return variant === undefined ? c.kind : `${c.kind}, ${variant}`;
    }),
    iommu: iommus.length === 0 ? ['none'] : iommus.map((i) => `${i.kind}, stage ${i.stage}`),
    device: Object.values(topology.devices).flatMap(deviceWords),
    domain: Object.values(topology.domains).map((d) => (d.iommufd ? 'unmanaged, iommufd' : d.kind)),
    step: spec.steps.map((/** @type {any} */ s) => s.operation.op),
    design: [spec.designLabel],
    kernel: [spec.kernel?.version ?? 'none named'],
    change: Object.keys(spec.kernel?.switches ?? {}),
    folder: [spec.place.file.split('/').slice(0, -1).join('/')],
  };
}

/** @param {string} text */
const sortKey = (text) => text.replaceAll(/\d+/g, (digits) => digits.padStart(4, '0'));

/**
 * @param {readonly any[]} cases of the whole corpus
 * @param {string} note
 */
export function censusPage(cases, note) {
  /** @type {Record<string, Map<string, { files: Set<string>, cases: number }>>} */
  const tables = Object.fromEntries(Object.keys(TITLES).map((kind) => [kind, new Map()]));
  for (const spec of cases) {
    for (const [kind, words] of Object.entries(wordsOf(spec))) {
      for (const word of unique(words)) {
        const row = tables[kind].get(word) ?? { files: new Set(), cases: 0 };
        row.files.add(spec.place.file);
        row.cases++;
        tables[kind].set(word, row);
      }
    }
  }
  const files = new Set(cases.map((spec) => spec.place.file)).size;
  const sections = Object.entries(TITLES).map(([kind, title]) => {
    const rows = [...tables[kind]].sort(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const lines = rows.map(([word, row]) => `| ${word} | ${row.files.size} | ${row.cases} |`);
    return `## ${title}\n\n| | specs | cases |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `${note}
# Census of the corpus

${files} specs, ${cases.length} cases. A spec counts once in each row that it has a case of.

${sections.join('\n')}`;
}
