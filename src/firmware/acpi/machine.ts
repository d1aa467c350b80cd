/**
 * The tables of one machine, and the MSI controllers that Linux makes of its MADT.
 *
 * - A GICv3 takes MSIs by its ITSs. One whose distributor has no LPIs uses GICv2m frames instead
 *   (irq-gic-v3.c, gic_init_bases); GICD_TYPER.LPIS is not in a table, so a MADT without an ITS
 *   counts as one without LPIs.
 * - A GICv2 takes MSIs by GICv2m frames; ITSs beside it are not looked at.
 * - Of two ITSs with one ID the later registered is found (`iort_register_domain_token` adds to the
 *   head).
 */
import type { AcpiDiagnostic, Decoded } from './diagnostic.ts';
import { readIort, type Iort } from './iort.ts';
import { readMadt, type Madt, type MadtIts, type MadtMsiFrame } from './madt.ts';
import { readMcfg, type Mcfg } from './mcfg.ts';
import { readTable, type AcpiTable } from './table.ts';

export interface AcpiMachine {
  readonly iort?: Iort;
  readonly madt?: Madt;
  readonly mcfg?: Mcfg;
  /** Signatures of all tables that were there, those that are not read included. */
  readonly tables: readonly string[];
  readonly diagnostics: readonly AcpiDiagnostic[];
}

/** The tables that say something about MSIs; others are counted and left alone. */
const READ = ['IORT', 'APIC', 'MCFG'];
/** A large server's have some 10 KiB. */
const MAX_READ_BYTES = 1 << 20;

/**
 * Decode a machine's tables.
 *
 * @param sources Each table's bytes, with what to call them before a signature is known.
 */
export function readMachine(
  sources: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): AcpiMachine {
  const diagnostics: AcpiDiagnostic[] = [];
  const first = new Map<string, { table: AcpiTable; name: string; others: number }>();
  const tables: string[] = [];
  for (const { name, bytes } of sources) {
    const { value, diagnostics: found } = readTable(bytes, name);
    if (value === undefined || READ.includes(value.signature)) diagnostics.push(...found);
    if (value === undefined) continue;
    tables.push(value.signature);
    if (!READ.includes(value.signature)) continue;
    if (value.length > MAX_READ_BYTES) {
      diagnostics.push({
        code: 'DB651',
        severity: 'error',
        node: value.signature,
        message: `${value.length} bytes; more than ${MAX_READ_BYTES} are not read`,
      });
      continue;
    }
    const before = first.get(value.signature);
    if (before === undefined) first.set(value.signature, { table: value, name, others: 0 });
    else before.others++;
  }
  const decode = <T>(signature: string, read: (table: AcpiTable) => Decoded<T>): T | undefined => {
    const found = first.get(signature);
    if (found === undefined) return undefined;
    const { table, name, others } = found;
    if (others > 0)
      diagnostics.push({
        code: 'DB659',
        severity: 'warning',
        node: signature,
        message: `there are ${others + 1} tables ${signature}; ${name} counts, the others are left out`,
        hint: 'Linux asks for the first of a signature (acpi_get_table, instance 0). Of several boards name one file.',
      });
    const { value, diagnostics: own } = read(table);
    diagnostics.push(...own);
    return value;
  };
  const iort = decode('IORT', readIort);
  const madt = decode('APIC', readMadt);
  const mcfg = decode('MCFG', readMcfg);
  if (!diagnostics.some(({ severity }) => severity === 'error')) {
    if (iort === undefined)
      diagnostics.push({
        code: 'DB657',
        severity: 'warning',
        node: 'IORT',
        message: 'there is no IORT',
        hint: 'Without one Linux puts no device behind an SMMU or an ITS.',
      });
    if (madt === undefined)
      diagnostics.push({
        code: 'DB657',
        severity: 'warning',
        node: 'APIC',
        message: 'there is no MADT (APIC): every ITS that the IORT names is taken to exist',
        hint: 'Give the MADT beside the IORT.',
      });
  }
  return {
    ...(iort === undefined ? {} : { iort }),
    ...(madt === undefined ? {} : { madt }),
    ...(mcfg === undefined ? {} : { mcfg }),
    tables,
    diagnostics,
  };
}

/** The ITS that Linux finds for an ID of an ITS group. */
export function findIts(machine: AcpiMachine, id: number): MadtIts | 'unknown' | undefined {
  if (machine.madt === undefined) return 'unknown';
  if (!usesIts(machine.madt)) return undefined;
  return machine.madt.itsById.get(id);
}

/** Linux brings up the ITSs of this MADT. Distributor version 1 or 2 is a GICv2. */
export function usesIts(madt: Madt): boolean {
  return madt.its.length > 0 && !madt.failed.its && gicVersion(madt) !== 2;
}

/**
 * 2 for a GICv1 or v2, 3 for a GICv3 or v4. A distributor that leaves it open (version 0) is a
 * GICv3 when there are redistributors (irq-gic-v3.c, acpi_validate_gic_table).
 */
export function gicVersion(madt: Madt): 2 | 3 | undefined {
  const version = madt.distributors[0]?.version;
  if (version === undefined) return undefined;
  if (version !== 0) return version >= 3 ? 3 : 2;
  const redistributors =
    madt.redistributors.length > 0 || madt.cpus.some(({ gicrBase }) => gicrBase !== 0n);
  return redistributors ? 3 : 2;
}

/** The GICv2m frames that Linux uses for every PCI device to which the IORT gives no ITS. */
export function usedFrames(machine: AcpiMachine): readonly MadtMsiFrame[] {
  const { madt } = machine;
  if (madt === undefined || usesIts(madt) || madt.failed.frames) return [];
  // One that is refused takes the others with it (gicv2m_acpi_init, gicv2m_teardown).
  return madt.msiFrames.every(frameIsValid) ? madt.msiFrames : [];
}

/**
 * irq-gic-v2m.c, is_msi_spi_valid. A frame that overrides nothing, or with a 0, is asked by its
 * register.
 */
export const frameIsValid = ({ overrides, spiBase, spiCount }: MadtMsiFrame): boolean =>
  !overrides || spiBase === 0 || spiCount === 0 || (spiBase >= 32 && spiBase + spiCount <= 1019);

/** Amazon Graviton: the SPI is in the address, the data is 0 (GICV2M_GRAVITON_ADDRESS_ONLY). */
export const isGraviton = (madt: Madt): boolean => madt.table.oemId === 'AMAZON';
