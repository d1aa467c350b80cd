/**
 * Part of `npm run test:boards -- DIR`: IORTs with known answers. DIR/acpi/*.iort.bin with MADT and
 * MCFG beside them and DIR/acpi/truth.json; DIR/iort/*.iort.bin with DIR/iort/linux_observed.json.
 *
 * `truth` is what an independent reader of the tables says; `linux_observed` is what booted Linux
 * did.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadSource } from './load-source.mjs';

/**
 * Where an answer of ours is right and Linux was still seen to do something else; one reason each.
 * Key: table and requester IDs.
 */
const EXCEPTIONS = [
  {
    table: 'single_map_rc',
    rids: ['0x10', '0x11', '0x18', '0x100'],
    why: 'one StreamID and one DeviceID for all functions: the SMMUv3 driver takes the first (0x8), and the ITT was made for its vectors',
  },
];

const acpi = await loadSource('src/firmware/acpi/index.ts');

const hex = (value) => `0x${value.toString(16)}`;
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const table = (path) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(path)) });

/** One requester ID's answers in the words of truth.json. */
function answersOf(machine, rid, era) {
  const range = { first: rid, last: rid };
  const [io] = acpi.iommuOf(machine, 0, range, era);
  const [msi] = acpi.msiOf(machine, 0, range, era);
  return { io: io.answer, msi: msi.answer };
}

function truthOf({ io, msi }) {
  const iommu = io.kind === 'smmu' ? [acpi.nodeName(io.smmu), hex(io.streamId)] : 'bypass';
  if (msi.kind === 'its') return [iommu, [`its${msi.itsId}`, hex(msi.deviceId)]];
  const claim = msi.claim && [`its${msi.claim.itsId}`, hex(msi.claim.deviceId), 'NOT-IN-MADT'];
  return [iommu, claim ?? 'none'];
}

/** Differences between what Linux did with a function and what we say, as text. */
function compareObserved({ io, msi }, seen) {
  // Without a driver nothing was set up, so there is nothing to compare.
  if (seen.driver === 'none') return [];
  const wrong = [];
  const expect = (what, ours, theirs) => {
    if (ours !== theirs) wrong.push(`${what}: ${ours}, Linux ${theirs}`);
  };
  expect('translated', io.kind === 'smmu', seen.translated);
  if (seen.sid !== undefined) expect('StreamID', io.streamId && hex(io.streamId), seen.sid);
  if (seen.its_id !== undefined) expect('DeviceID', msi.deviceId && hex(msi.deviceId), seen.its_id);
  expect('gets MSIs', msi.kind !== 'none', seen.msi > 0);
  return wrong;
}

/** A node of the table in the words of truth.json. */
function nodeTruth(node) {
  const types = { 'its-group': 'its', 'root-complex': 'rc', 'smmu-v3': 'smmuv3', smmu: 'smmu' };
  const maps = node.mappings.map((map) => [
    map.inputBase,
    map.idCount,
    map.outputBase,
    map.outputReference,
    map.single ? 1 : 0,
  ]);
  return {
    off: node.offset,
    type: types[node.kind],
    rev: node.revision,
    id: node.identifier,
    maps,
    ...(node.kind === 'its-group' ? { its: node.itsIds } : {}),
    ...(node.kind === 'root-complex'
      ? { seg: node.segment, memlimit: node.memoryAddressLimit }
      : {}),
    ...(node.kind === 'smmu-v3'
      ? {
          base: hex(node.base),
          flags: node.flags,
          model: node.model,
          gsiv: node.gsivs,
          devid_index: node.deviceIdIndex,
        }
      : {}),
  };
}

const madtTruth = ({ its, msiFrames, distributors }) => ({
  its: its.map(({ id, base }) => [id, hex(base)]),
  v2m: msiFrames.map(({ base, overrides, spiCount, spiBase }) => [
    hex(base),
    overrides ? 1 : 0,
    spiCount,
    spiBase,
  ]),
  gic_version: distributors[0]?.version,
});

/** @returns {Promise<{checked: number, wrong: string[], exceptions: string[]}>} */
export async function run(dir) {
  const result = { checked: 0, wrong: [], exceptions: [] };
  const same = (where, ours, theirs) => {
    result.checked++;
    if (JSON.stringify(ours) !== JSON.stringify(theirs))
      result.wrong.push(`${where}: ${JSON.stringify(ours)}, expected ${JSON.stringify(theirs)}`);
  };
  const observed = (name, era, machine, seen) => {
    for (const [rid, what] of Object.entries(seen)) {
      result.checked++;
      const wrong = compareObserved(answersOf(machine, Number(rid), era), what);
      const exception = EXCEPTIONS.find((one) => one.table === name && one.rids.includes(rid));
      if (wrong.length > 0 && exception)
        result.exceptions.push(`${name} ${rid} (${era}): ${wrong.join('; ')}: ${exception.why}`);
      else for (const one of wrong) result.wrong.push(`${name} ${rid} (${era}): ${one}`);
      if (wrong.length === 0 && exception)
        result.wrong.push(`${name} ${rid} (${era}): an exception that is none`);
    }
  };

  const acpiDir = join(dir, 'acpi');
  for (const [name, truth] of Object.entries(json(join(acpiDir, 'truth.json')))) {
    const files = ['iort', 'apic', 'mcfg'].map((part) => join(acpiDir, `${name}.${part}.bin`));
    const machine = acpi.readMachine(files.filter(existsSync).map(table));
    same(`${name}: diagnostics`, machine.diagnostics, []);
    for (const [i, node] of truth.nodes.entries()) {
      // Attributes that play no part here (ATS, coherence, memory flags) are not decoded.
      const { ats, cca, maf, ...facts } = node;
      void [ats, cca, maf];
      const ours = machine.iort.nodes[i] && nodeTruth(machine.iort.nodes[i]);
      const sorted = (facts) => Object.entries(facts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
      same(`${name}: node ${i}`, sorted(ours), sorted(facts));
    }
    same(`${name}: MADT`, madtTruth(machine.madt), truth.madt);
    for (const era of acpi.ERAS) {
      for (const [rid, expected] of Object.entries(truth.truth))
        same(`${name} ${rid} (${era})`, truthOf(answersOf(machine, Number(rid), era)), expected);
      observed(name, era, machine, truth.linux_observed ?? {});
    }
  }

  // These IORTs were booted on QEMU virt with a GICv3 and one ITS; its MADT is that of this boot.
  const madt = table(join(acpiDir, 'gic3-its-smmuv3-k612.apic.bin'));
  const seen = json(join(dir, 'iort', 'linux_observed.json'));
  const eras = { k61: '6.1', k612: '6.12' };
  for (const [key, { observed: what }] of Object.entries(seen)) {
    const [kernel, name] = key.split(':');
    const machine = acpi.readMachine([table(join(dir, 'iort', `${name}.iort.bin`)), madt]);
    same(`${name}: diagnostics`, machine.diagnostics, []);
    observed(name, eras[kernel], machine, what);
  }
  const files = readdirSync(join(dir, 'iort')).filter((name) => name.endsWith('.iort.bin'));
  same(
    'every IORT was compared',
    files.map((name) => name.slice(0, -'.iort.bin'.length)).sort(),
    [...new Set(Object.keys(seen).map((key) => key.split(':')[1]))].sort(),
  );
  return result;
}

if (process.argv[1] === import.meta.filename) {
  const dir = process.argv[2];
  if (!dir) throw new Error('which folder? node scripts/boards-acpi.mjs DIR');
  const { checked, wrong, exceptions } = await run(dir);
  for (const line of exceptions) console.log(`exception  ${line}`);
  for (const line of wrong) console.log(`WRONG      ${line}`);
  console.log(
    `ACPI: ${checked} comparisons, ${wrong.length} wrong, ${exceptions.length} exceptions`,
  );
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
