/**
 * Counts what a folder of device trees has, and writes docs/firmware-census.md:
 *
 *   node scripts/firmware-census.mjs DIR "linux-image-6.12... of Debian"
 *
 * Every tree must be read, explained, checked and imported; one that is not ends the count.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundling.mjs';
import { loadSource } from './load-source.mjs';

const [folder, origin] = process.argv.slice(2);
if (folder === undefined || origin === undefined) {
  console.error('usage: node scripts/firmware-census.mjs DIR "where the trees are from"');
  process.exit(2);
}
const { readFdt, explainTree } = await loadSource('src/firmware/fdt/index.ts');
const { deviceTree } = await loadSource('harness/firmware/device-tree.ts');
const { review } = await loadSource('harness/firmware/review.ts');
const { roundTrip } = await loadSource('harness/firmware/testing/round-trip.ts');

const tables = {
  controllers: new Map(),
  iommus: new Map(),
  msi: new Map(),
  iommu: new Map(),
  platform: new Map(),
  findings: new Map(),
};
/** Counts of things, and of the boards that have one. */
function count(table, name, file, n = 1) {
  const row = tables[table].get(name) ?? { n: 0, boards: new Set() };
  row.n += n;
  row.boards.add(file);
  tables[table].set(name, row);
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.dtb'),
);
let [bridges, available, devices, nodes, requesters, partly] = [0, 0, 0, 0, 0, 0];
for (const file of files) {
  const bytes = readFileSync(join(folder, file));
  const { tree, diagnostics } = readFdt(bytes);
  if (tree === undefined) throw new Error(`${file}: ${diagnostics[0].message}`);
  nodes += tree.nodes.length;
  const explanation = explainTree(tree, { era: '6.12' }, diagnostics);
  // Imported, read again by the loader of specs, and explained once more.
  const trip = roundTrip(explanation);
  if (trip.differences.length > 0) throw new Error(`${file}: ${trip.differences[0]}`);
  devices += trip.devices;
  requesters += trip.requesters;
  partly += explanation.bridges.filter(({ truncated }) => truncated).length;
  const kinds = new Map(
    explanation.controllers.map(({ path, kind, name }) => [path, kind === 'other' ? name : kind]),
  );
  const iommuKinds = new Map(
    explanation.iommus.map(({ path, kind, name }) => [path, kind === 'other' ? name : kind]),
  );
  for (const { kind, name, unused } of explanation.controllers)
    count(
      'controllers',
      `${kind === 'other' ? name : kind}${unused === undefined ? '' : `, no domain (${unused})`}`,
      file,
    );
  for (const { kind, name, unused } of explanation.iommus)
    count(
      'iommus',
      `${kind === 'other' ? name : kind}${unused === undefined ? '' : `, ${unused}`}`,
      file,
    );
  for (const bridge of explanation.bridges) {
    bridges++;
    if (!bridge.available) continue;
    available++;
    const words = (list, key, known, inside) =>
      [
        ...new Set(
          list.map((answer) =>
            key in answer
              ? answer[key] === bridge.path
                ? inside
                : known.get(answer[key])
              : `none: ${answer.none ?? answer.bypass}`,
          ),
        ),
      ]
        .sort()
        .join(' + ');
    count('msi', words(bridge.msi, 'controller', kinds, 'in the bridge'), file);
    count('iommu', words(bridge.iommu, 'iommu', iommuKinds, ''), file);
  }
  for (const { available: on, msi, iommu, role } of explanation.platform) {
    if (!on) continue;
    for (const each of msi.slice(0, 1))
      count(
        'platform',
        `MSIs${role === undefined ? '' : ` (${role})`}: ${'none' in each ? `none: ${each.none}` : kinds.get(each.controller)}`,
        file,
      );
    for (const each of iommu.slice(0, 1))
      count(
        'platform',
        `IOMMU: ${'bypass' in each ? `none: ${each.bypass}` : iommuKinds.get(each.iommu)}`,
        file,
      );
  }
  const { findings } = review(deviceTree(bytes), '6.12', { streamId: [], deviceId: [] });
  for (const { severity, rule } of findings) count('findings', `${severity} | ${rule}`, file);
}

const rows = (table) =>
  [...tables[table]]
    .sort(([a, x], [b, y]) => y.boards.size - x.boards.size || (a < b ? -1 : 1))
    .map(([name, { n, boards }]) => `| ${name} | ${n} | ${boards.size} |`)
    .join('\n');
const section = (title, what, table) =>
  `## ${title}\n\n| ${what} | how many | boards |\n| --- | --- | --- |\n${rows(table)}\n`;

const page = `<!-- Made by scripts/firmware-census.mjs. Do not edit. -->

# A census of device trees

${origin}: ${files.length} trees, ${nodes} nodes, ${bridges} PCI host bridges and fsl-mc buses, of which ${available} are available.
All are read, explained by the rules of Linux 6.12, checked and imported without an error of ours. Boards that share a
chip share its tree, so that these are counts of what people boot and not of designs.

To make it again, unpack a kernel package and name its folder:

    apt-get download linux-image-6.12.117+deb12-arm64
    dpkg-deb -x linux-image-*.deb kernel
    node scripts/firmware-census.mjs kernel "linux-image-6.12.117+deb12-arm64 of Debian"

${section('MSI controllers', 'controller', 'controllers')}
${section('IOMMUs', 'IOMMU', 'iommus')}
${section('Where PCI host bridges send MSIs', 'by RID of their buses', 'msi')}
${section('What is in front of PCI host bridges', 'by RID of their buses', 'iommu')}
${section('Platform devices', 'first answer', 'platform')}
## Imported

Each tree became a topology, which the loader of specs took and \`explain\` explained: of ${requesters} requester IDs behind the
host bridges all have the controller, DeviceID, doorbell, IOMMU and StreamID, or the reason for none, that the tree gives
them, and so have the ${devices} platform devices that the model can run.${
  partly === 0
    ? ''
    : ` ${partly} bridges have a mask that makes more ranges
than are listed; they are not counted here, and a device behind the listed ranges of one is refused.`
}

## Findings of \`doorbell check\`

| severity | rule | how many | boards |
| --- | --- | --- | --- |
${rows('findings')}
`;
writeFileSync(join(root, 'docs/firmware-census.md'), page);
console.log(`${files.length} trees: docs/firmware-census.md`);
