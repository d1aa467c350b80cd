/**
 * Nodes that say what they hardly mean: odd statuses, phandles twice, IOMMUs in front of nobody.
 */
import type { Finding } from '../../finding.ts';
import type { Board } from '../board.ts';
import { iommusOf } from '../iommu.ts';
import { platformDevices } from '../platform.ts';
import { disabledBy } from '../status.ts';
import type { DtNode } from '../tree.ts';

/** Devicetree Specification 0.4, 2.3.4. */
const STATUS = /^(okay|ok|disabled|reserved|fail|fail-.+)$/;

export function nodeFindings(board: Board, bridges: readonly DtNode[]): Finding[] {
  const { tree, controllers, iommus } = board;
  const matters = [
    ...controllers.all.map(({ node }) => node),
    ...iommus.all.map(({ node }) => node),
    ...tree.having('device_type').filter((node) => node.string('device_type') === 'pci'),
  ];
  return [
    ...new Set(matters.flatMap(oddStatus)),
    ...samePhandles(board),
    ...cellsOfSmmuV3(board),
    ...platformFindings(board, bridges),
    ...hisilicon(board, bridges),
  ];
}

function oddStatus(node: DtNode): Finding[] {
  const status = node.string('status');
  if (!node.has('status') || (status !== undefined && STATUS.test(status))) return [];
  return [
    {
      severity: 'error',
      rule: 'odd-status',
      node: node.path,
      property: 'status',
      message: `status is "${status ?? ''}", which is no status`,
      linux: 'takes everything but "okay" and "ok" for disabled',
      meant: '"okay", or "disabled"',
    },
  ];
}

function samePhandles({ tree }: Board): Finding[] {
  return tree.having('phandle', 'linux,phandle').flatMap((node) => {
    const { phandle } = node;
    const first = phandle === undefined ? undefined : tree.byPhandle(phandle);
    if (first === undefined || first === node) return [];
    return [
      {
        severity: 'warning' as const,
        rule: 'phandle-twice',
        node: node.path,
        property: 'phandle',
        message: `phandle ${phandle ?? 0} is also that of ${first.path}`,
        linux: `every reference to it goes to ${first.path}`,
        meant: 'phandles of its own: let dtc give them',
      },
    ];
  });
}

function cellsOfSmmuV3({ iommus, era }: Board): Finding[] {
  return iommus.all.flatMap(({ node, kind, unused }) => {
    const cells = node.u32('#iommu-cells');
    if (kind !== 'smmu-v3' || cells === 1 || unused?.why === 'disabled') return [];
    return [
      {
        severity: 'error' as const,
        rule: 'smmu-v3-cells',
        node: node.path,
        property: '#iommu-cells',
        message: `#iommu-cells is ${cells === undefined ? 'missing' : String(cells)}`,
        linux:
          era === '6.1'
            ? 'complains and goes on; from 6.12 on the SMMU does not start and its devices never bind'
            : 'does not start the SMMU; devices behind it wait for it and never bind',
        meant: '#iommu-cells = <1>: a StreamID, without a mask',
      },
    ];
  });
}

function platformFindings(board: Board, bridges: readonly DtNode[]): Finding[] {
  const found: Finding[] = [];
  for (const device of platformDevices(board, new Set(bridges))) {
    const node = board.tree.at(device.path);
    if (!device.available || node === undefined) continue;
    const broken = device.msi.find((msi) => 'none' in msi);
    const works = device.msi.some((msi) => !('none' in msi));
    if (broken !== undefined && 'none' in broken && !works)
      found.push({
        severity: 'error',
        rule: 'platform-msi',
        node: device.path,
        property: 'msi-parent',
        message: `msi-parent leads to no MSI controller that Linux uses: ${broken.none} (${broken.at ?? device.path})`,
        linux: 'gives the device no MSIs',
        meant:
          broken.none === 'disabled'
            ? 'a controller that is okay, or no msi-parent'
            : 'a phandle of an MSI controller with as many cells as its #msi-cells says',
      });
    for (const iommu of node.has('iommus') ? iommusOf(board, node) : []) {
      if (!('bypass' in iommu) || iommu.bypass === 'bad-cells') continue;
      const missing = iommu.bypass !== 'disabled';
      found.push({
        severity: missing ? 'error' : 'note',
        rule: missing ? 'iommus-broken' : 'iommus-disabled',
        node: device.path,
        property: 'iommus',
        message: missing
          ? `iommus leads to no IOMMU: ${iommu.bypass} (${iommu.at ?? device.path})`
          : `its IOMMU is off: ${iommu.at ?? ''} is not okay`,
        linux: 'lets the device do DMA untranslated',
        meant: missing
          ? 'a phandle of an IOMMU with its cells'
          : 'status = "okay" on the IOMMU, if Linux owns it',
      });
      break;
    }
  }
  return found;
}

/**
 * HiSilicon erratum 161010801: the SMMUv3 of Hip06 and Hip07 does not translate writes to the ITS.
 * It matters in front of devices that write MSIs themselves; behind an mbigen they send none.
 */
function hisilicon(board: Board, bridges: readonly DtNode[]): Finding[] {
  const { tree, iommus } = board;
  const isHip = tree.root.compatible.some((name) => /^hisilicon,hip0[67]/.test(name));
  if (!isHip) return [];
  const behind = new Set([
    ...bridges.flatMap((bridge) =>
      board.map(bridge, 'iommu-map').entries.map(({ target }) => target?.path),
    ),
    ...platformDevices(board, new Set(bridges))
      .filter(({ available, msi }) => available && msi.length > 0)
      .flatMap(({ iommu }) => iommu.map((each) => ('iommu' in each ? each.iommu : undefined))),
  ]);
  return iommus.all
    .filter(
      ({ node, kind }) =>
        kind === 'smmu-v3' && disabledBy(node) === undefined && behind.has(node.path),
    )
    .map(({ node }) => ({
      severity: 'warning' as const,
      rule: 'hw-msi-erratum',
      node: node.path,
      message: 'an SMMUv3 of Hip06/Hip07, which does not translate MSI writes (erratum 161010801)',
      linux:
        'knows of it from ACPI alone (IORT model HISILICON_HI161X); with this tree it maps doorbells to no use, and the device writes an IOVA to the bus',
      meant: 'to leave the SMMU off, or to boot with ACPI',
    }));
}
