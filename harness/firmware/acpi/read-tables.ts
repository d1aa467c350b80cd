/**
 * The tables that a path stands for: one file, with those that lie beside it; a folder, such as a
 * copy of /sys/firmware/acpi/tables or that folder itself; or the text of acpidump.
 *
 * Bounded: so many files of a folder, so many bytes of a file. Named pipes and devices are refused.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDump, readDump } from '../../../src/firmware/acpi/acpidump.ts';
import type { AcpiDiagnostic } from '../../../src/firmware/acpi/diagnostic.ts';
import { readMachine, type AcpiMachine } from '../../../src/firmware/acpi/machine.ts';
import { readBytes } from '../read-bytes.ts';

/** A dump of a large machine has some MiB of DSDT and SSDTs. */
const MAX_BYTES = 32 << 20;
const MAX_FILES = 1024;
const WANTED = ['IORT', 'APIC', 'MCFG'];

interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
}
interface Sources {
  readonly sources: readonly Source[];
  readonly diagnostics: readonly AcpiDiagnostic[];
}

/** Reads and decodes; what cannot be read is a diagnostic, never an exception. */
export function readAcpi(path: string): AcpiMachine {
  const { sources, diagnostics } = sourcesOf(path);
  const machine = readMachine(sources);
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  // That a table is missing says nothing new when the file that should hold it could not be read.
  const own = machine.diagnostics.filter(({ code }) => !(failed && code === 'DB657'));
  return { ...machine, diagnostics: [...diagnostics, ...own] };
}

/**
 * Whether a path is one of ACPI tables rather than of a device tree: a folder with a file of a
 * table that counts, a file that begins with one's signature, or a dump.
 */
export function isAcpi(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) return tableFiles(path).length > 0;
  } catch {
    return false;
  }
  const found = read(path);
  return !('code' in found) && (hasSignature(found.bytes) || dumpOf(found.bytes) !== undefined);
}

function sourcesOf(path: string): Sources {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    return refused(basename(path), `there is no ${path}`);
  }
  if (!isFolder) return fromFile(path);
  const files = tableFiles(path);
  if (files.length === 0)
    return refused(
      basename(path),
      `${path} has no table IORT, APIC or MCFG`,
      'As root, copy /sys/firmware/acpi/tables: cp -r /sys/firmware/acpi/tables .',
    );
  return readAll(files.map((name) => join(path, name)));
}

function fromFile(path: string): Sources {
  const found = read(path);
  if ('code' in found) return { sources: [], diagnostics: [found] };
  const dump = dumpOf(found.bytes);
  if (dump !== undefined) {
    const { tables, diagnostics } = readDump(dump, WANTED);
    return { sources: tables, diagnostics };
  }
  return readAll([path, ...besides(path)]);
}

function readAll(paths: readonly string[]): Sources {
  const sources: Source[] = [];
  const diagnostics: AcpiDiagnostic[] = [];
  for (const path of paths) {
    const found = read(path);
    if ('code' in found) diagnostics.push(found);
    else sources.push(found);
  }
  return { sources, diagnostics };
}

/**
 * `IORT` has `APIC` and `MCFG` beside it, `board.iort.bin` has `board.apic.bin`, `iort.dat` has
 * `apic.dat`: files named as this one is, with another table's name in place of the table's.
 */
function besides(path: string): string[] {
  const file = basename(path);
  const own = /iort|apic|madt|mcfg/gi.exec(file);
  if (own === null) return [];
  const [word] = own;
  const upper = word === word.toUpperCase();
  const found: string[] = [];
  for (const names of [['IORT'], ['APIC', 'MADT'], ['MCFG']]) {
    if (names.includes(word.toUpperCase())) continue;
    for (const name of names) {
      const replaced = upper ? name : name.toLowerCase();
      const candidate = join(
        dirname(path),
        file.slice(0, own.index) + replaced + file.slice(own.index + word.length),
      );
      if (!isFile(candidate)) continue;
      found.push(candidate);
      break;
    }
  }
  return found;
}

/** Files of a folder whose first bytes are the signature of a table that counts, by name. */
function tableFiles(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .slice(0, MAX_FILES)
    .filter((name) => {
      const path = join(folder, name);
      if (!isFile(path)) return false;
      // A file of the right name that may not be read is for the diagnostic to say.
      const found = read(path);
      return 'code' in found ? WANTED.includes(name.toUpperCase()) : hasSignature(found.bytes);
    });
}

const hasSignature = (bytes: Uint8Array): boolean =>
  WANTED.includes(String.fromCharCode(...bytes.subarray(0, 4)));

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The text of a dump; undefined when the bytes are something else. */
function dumpOf(bytes: Uint8Array): string | undefined {
  if (hasSignature(bytes) && !bytes.subarray(0, 512).every((byte) => byte !== 0)) return undefined;
  const text = new TextDecoder('latin1').decode(bytes);
  return isDump(text) ? text : undefined;
}

function read(path: string): Source | AcpiDiagnostic {
  const bytes = readBytes(path, MAX_BYTES);
  const name = basename(path);
  return typeof bytes === 'string'
    ? unreadable(name, `cannot read ${path}: ${bytes}`)
    : { name, bytes };
}

/** Why a file that is there may not be read. */
function unreadable(name: string, message: string): AcpiDiagnostic {
  const hint = /EACCES|EPERM/.test(message)
    ? { hint: 'Tables in /sys can be read by root only.' }
    : {};
  return { code: 'DB650', severity: 'error', node: name, message, ...hint };
}

function refused(node: string, message: string, hint?: string): Sources {
  const diagnostic: AcpiDiagnostic = {
    code: 'DB650',
    severity: 'error',
    node,
    message,
    ...(hint === undefined ? {} : { hint }),
  };
  return { sources: [], diagnostics: [diagnostic] };
}
