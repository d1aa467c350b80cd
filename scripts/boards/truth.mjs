/**
 * Compares explanations of device trees with `boards/truth.json`: what another reader of the same
 * trees, checked against the kernel's own of_map_id, answers for each host bridge and RID.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Our words for that reader's. */
const WHY = {
  EINVAL: ['bad-length', 'bad-cells'],
  EFAULT: ['base-outside-mask'],
  ENODEV: ['bad-phandle'],
  'no-map': ['no-map'],
  'no-match': ['no-match'],
  disabled: ['disabled', 'no-msi-controller'],
  'not-msi': ['not-a-controller', 'not-for-pci', 'no-msi-controller'],
  'not-iommu': ['not-a-controller'],
};

const hex = (value) => (value === undefined ? undefined : `0x${value.toString(16)}`);

export function compareBoards(folder, { readFdt, explainTree }, report) {
  const { boards, rids } = JSON.parse(readFileSync(join(folder, 'boards/truth.json'), 'utf8'));
  for (const [file, truth] of Object.entries(boards)) {
    const { tree, diagnostics } = readFdt(readFileSync(join(folder, 'boards', file)));
    if (tree === undefined) {
      report(`${file}: ${diagnostics[0].message}`, false);
      continue;
    }
    const check = (what, ours, theirs) =>
      report(
        `${file} ${what}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`,
        JSON.stringify(ours) === JSON.stringify(theirs),
      );
    const whole = explainTree(tree, { era: '6.12' });
    check(
      'bridges',
      whole.bridges.map(({ path }) => path).sort(),
      truth.buses.map(({ path }) => path).sort(),
    );
    inventory(whole, truth, check);
    platform(whole, truth, check);
    for (const bus of truth.buses) {
      const asked = [...rids, ...Object.keys(bus.x)].map(Number);
      const { bridges } = explainTree(tree, { era: '6.12', rids: asked });
      const ours = bridges.find(({ path }) => path === bus.path);
      if (ours === undefined) continue;
      check(`${bus.path} available`, ours.available, bus.avail === 1);
      if (bus.bus_range !== undefined) check(`${bus.path} buses`, ours.busRange, bus.bus_range);
      const theirs = [
        ...bus.msi.map((msi, index) => [msi, bus.smmu[index]]),
        ...Object.values(bus.x),
      ];
      asked.forEach((rid, index) => {
        const [msi, iommu] = theirs[index];
        const answer = (list) => list.find((each) => each.rid === rid);
        check(
          `${bus.path} msi ${hex(rid)}`,
          msiWords(answer(ours.msi), msi, bus, whole),
          msi.slice(0, 2),
        );
        check(
          `${bus.path} iommu ${hex(rid)}`,
          iommuWords(answer(ours.iommu), iommu),
          iommu.slice(0, 2),
        );
      });
    }
  }
}

/** Our answer in that reader's words, where the two mean the same. */
function msiWords(answer, theirs, bus, whole) {
  if ('none' in answer) return ['none', why(answer.none, answer.at, theirs[1])];
  // It calls a controller inside the bridge "no map", or "self" when the tree names the bridge
  // itself.
  if (answer.controller === bus.path)
    return theirs[0] === 'none' ? ['none', 'no-map'] : ['self', theirs[1]];
  const kind = whole.controllers.find(({ path }) => path === answer.controller)?.kind;
  return [answer.controller, kind === 'gicv3-its' ? hex(answer.deviceId) : theirs[1]];
}

function iommuWords(answer, theirs) {
  if ('bypass' in answer) return ['bypass', why(answer.bypass, answer.at, theirs[1])];
  return [answer.iommu, hex(answer.streamId)];
}

function why(ours, at, theirs) {
  const [word, path] = theirs.split(':');
  return WHY[word]?.includes(ours) && (path === undefined || path.startsWith(at)) ? theirs : ours;
}

function inventory(whole, truth, check) {
  const of = (kinds) => whole.controllers.filter(({ kind }) => kinds.includes(kind));
  check(
    'ITSs',
    of(['gicv3-its']).map(({ path, base, size, unused }) => [
      path,
      hex(base),
      hex(size),
      unused === undefined,
    ]),
    (truth.its ?? []).map((its) => [
      its.path,
      ...its.reg,
      its.avail === 1 && its.msi_controller === 1,
    ]),
  );
  check(
    'GICv2m frames',
    of(['gicv2m']).map(({ path, base, spis }) => [
      path,
      hex(base),
      spis[0]?.[0] ?? null,
      spis[0]?.[1] ?? null,
    ]),
    (truth.v2m ?? []).map((v2m) => [
      v2m.path,
      v2m.reg[0],
      v2m.base_spi ?? null,
      v2m.num_spis ?? null,
    ]),
  );
  const kinds = { smmuv1v2: 'smmu-v2', smmuv3: 'smmu-v3' };
  check(
    'IOMMUs',
    whole.iommus.map(({ path, kind, unused }) => [path, kind, unused !== 'disabled']).sort(),
    (truth.iommus ?? [])
      .map(({ path, kind, avail }) => [path, kinds[kind] ?? 'other', avail === 1])
      .sort(),
  );
}

function platform(whole, truth, check) {
  const words = (each) => [each.path, each.available ? 1 : 0];
  check(
    'platform MSIs',
    whole.platform
      // That reader lists the children of an mbigen here too, and those of a Marvell ICU not.
      .filter(
        ({ path, msi, role }) =>
          msi.length > 0 &&
          (role !== 'wired-to-msi' || truth.platform.msi.some((each) => each.path === path)),
      )
      .map((each) => [
        ...words(each),
        each.msi.map((msi) => [
          msi.controller ?? msi.at,
          ...(msi.deviceId === undefined ? [] : [msi.deviceId]),
        ]),
      ]),
    truth.platform.msi.map(({ path, avail, msi_parent }) => [path, avail, msi_parent]),
  );
  check(
    'platform IOMMUs',
    whole.platform
      .filter(({ iommu }) => iommu.length > 0)
      .map((each) => [
        ...words(each),
        each.iommu.map((to) => [
          to.iommu ?? to.at,
          ...(to.streamId === undefined ? [] : [hex(to.streamId)]),
        ]),
      ]),
    truth.platform.iommus.map(({ path, avail, iommus }) => [
      path,
      avail,
      iommus.map((each) => each.slice(0, 2)),
    ]),
  );
  check(
    'wired',
    whole.platform
      .filter(({ role }) => role === 'wired-to-msi')
      .map((each) => [
        each.path,
        each.msi.map((msi) => [
          msi.controller,
          ...(msi.deviceId === undefined ? [] : [msi.deviceId]),
        ]),
      ]),
    [
      ...new Map(
        (truth.wired ?? [])
          .flatMap(({ path, children, msi_parent }) => [
            ...(msi_parent === undefined ? [] : [[path, msi_parent]]),
            ...(children ?? []).map((child) => child.slice(0, 2)),
          ])
          .map((each) => [each[0], each]),
      ).values(),
    ],
  );
}
