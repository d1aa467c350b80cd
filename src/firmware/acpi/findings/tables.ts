/**
 * Findings in the MADT and the MCFG: controllers that Linux passes over, finds twice or refuses.
 */
import type { Finding } from '../../finding.ts';
import { hex } from '../diagnostic.ts';
import { frameIsValid, gicVersion, isGraviton, usesIts, type AcpiMachine } from '../machine.ts';
import type { Madt, MadtIts } from '../madt.ts';
import { frameName, framePath, itsName, itsPath } from '../names.ts';

export function tableFindings(machine: AcpiMachine): Finding[] {
  const { madt } = machine;
  return [
    ...(madt === undefined ? [] : [...gicFindings(madt), ...itsFindings(madt), ...frames(madt)]),
    ...segmentFindings(machine),
  ];
}

function gicFindings(madt: Madt): Finding[] {
  const findings: Finding[] = [];
  const controllers = madt.its.length + madt.msiFrames.length;
  if (madt.distributors.length === 0 && !madt.gicv5)
    findings.push({
      severity: 'error',
      rule: 'no-distributor',
      node: 'MADT',
      message: 'the MADT names no GIC distributor (GICD)',
      linux: 'finds no interrupt controller',
      meant: 'a GICD entry with the version of the GIC',
    });
  else if (controllers === 0 && !madt.gicv5)
    findings.push({
      severity: 'error',
      rule: 'no-msi-controller',
      node: 'MADT',
      message: 'the MADT names neither an ITS nor a GICv2m frame',
      linux: 'gives no device MSIs; PCI devices fall back to INTx',
      meant: 'an entry for the ITS or the MSI frame; QEMU virt has none with its=off',
    });
  if (gicVersion(madt) === 2 && madt.its.length > 0)
    findings.push({
      severity: 'error',
      rule: 'its-with-gicv2',
      node: itsPath(0, madt.its[0]),
      message: 'there are ITS entries, but the distributor says that it is a GICv2',
      linux: 'starts the GICv2 driver, which looks at no ITS',
      meant: `version 3 or 4 in the GICD entry, which says ${madt.distributors[0]?.version ?? 0}`,
    });
  return findings;
}

function itsFindings(madt: Madt): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<number, MadtIts>();
  for (const its of madt.its) {
    const node = itsPath(its.id, its);
    const before = seen.get(its.id);
    if (before !== undefined)
      findings.push({
        severity: 'error',
        rule: 'its-id-twice',
        node,
        message: `two ITSs have the ID ${its.id}: at ${hex(before.base)} and at ${hex(its.base)}`,
        linux: `finds the one at ${hex(its.base)}, which it registered last`,
        meant: 'an ID for each ITS, and IORT groups that name them',
      });
    seen.set(its.id, its);
    if ((its.base & 0xffffn) !== 0n)
      findings.push({
        severity: 'error',
        rule: 'its-base',
        node,
        message: `${itsName(its.id)} is at ${hex(its.base)}; an ITS begins at a multiple of 64K`,
        linux:
          'finds no ITS there ("no ITS detected"), and then gives up all others (its_acpi_probe)',
        meant: 'the base of GITS_CTLR, not the address of GITS_TRANSLATER',
      });
  }
  return findings;
}

/** Frames before a frame that it is compared with; a machine has a few. */
const MAX_NEIGHBOURS = 64;

function frames(madt: Madt): Finding[] {
  const findings: Finding[] = [];
  const [first] = madt.msiFrames;
  if (first !== undefined && usesIts(madt))
    findings.push({
      severity: 'note',
      rule: 'frame-beside-its',
      node: framePath(first),
      message: 'there are GICv2m frames beside ITSs',
      linux: 'uses the frames only when the distributor has no LPIs (GICD_TYPER.LPIS)',
      meant: 'nothing wrong, but no device takes these frames',
    });
  for (const [index, frame] of madt.msiFrames.entries()) {
    const node = framePath(frame);
    if (!frame.overrides) continue;
    const last = frame.spiBase + frame.spiCount - 1;
    if (!frameIsValid(frame))
      findings.push({
        severity: 'error',
        rule: 'frame-spis',
        node,
        message: `${frameName(frame)} says SPIs ${frame.spiBase} to ${last}`,
        linux:
          'refuses it (irq-gic-v2m.c, is_msi_spi_valid: 32 to 1018), and then uses no frame at all',
        meant: 'the first INTID, not the SPI number less 32, and a count of at least 1',
      });
    const other = madt.msiFrames
      .slice(Math.max(0, index - MAX_NEIGHBOURS), index)
      .find(
        (one) => one.overrides && one.spiBase <= last && frame.spiBase < one.spiBase + one.spiCount,
      );
    if (other !== undefined)
      findings.push({
        severity: 'error',
        rule: 'frames-share-spis',
        node,
        message: `${frameName(frame)} and ${frameName(other)} both have SPI ${Math.max(frame.spiBase, other.spiBase)}`,
        linux: 'gives the same SPI to two devices; the second allocation fails in the GIC domain',
        meant: 'ranges that follow each other',
      });
  }
  if (first !== undefined && isGraviton(madt))
    findings.push({
      severity: 'note',
      rule: 'graviton-frame',
      node: framePath(first),
      message: 'OEM ID AMAZON: the SPI is in the address of the MSI and its data is 0',
      linux: `writes ${hex(first.base)} | (INTID - 32) << 3, without multi-MSI (GICV2M_GRAVITON_ADDRESS_ONLY)`,
      meant: 'nothing wrong; a doorbell for each vector is not modelled',
    });
  return findings;
}

function segmentFindings({ iort, mcfg }: AcpiMachine): Finding[] {
  if (iort === undefined || mcfg === undefined) return [];
  const findings: Finding[] = [];
  const { roots } = iort;
  const buses = new Set(mcfg.ranges.map(({ segment }) => segment));
  for (const segment of buses)
    if (!roots.has(segment))
      findings.push({
        severity: 'error',
        rule: 'segment-without-root-complex',
        node: `MCFG/segment@${segment}`,
        message: `the MCFG has buses of segment ${segment}, but no root complex of the IORT is of that segment`,
        linux: 'puts its devices behind no SMMU, and gives them no ITS',
        meant: 'a root complex node with this PCI segment number',
      });
  for (const segment of roots.keys())
    if (!buses.has(segment))
      findings.push({
        severity: 'note',
        rule: 'root-complex-without-segment',
        node: `IORT segment ${segment}`,
        message: `the IORT has a root complex of segment ${segment}, of which the MCFG has no buses`,
        linux:
          'does not look at it, unless the DSDT gives the bridge its configuration space (_CBA)',
        meant: 'a board without that bridge, or another segment number',
      });
  return findings;
}
