/** What `doorbell check` says of a machine's ACPI tables. */
import type { Era } from '../explanation.ts';
import type { Finding } from '../finding.ts';
import { idFindings } from './findings/ids.ts';
import { mappingFindings } from './findings/mappings.ts';
import { nodeFindings } from './findings/nodes.ts';
import { tableFindings } from './findings/tables.ts';
import type { AcpiMachine } from './machine.ts';

/** A table with more faults than this has one: it is not a table. */
const MAX_FINDINGS = 256;

const WEIGHT = { error: 0, warning: 1, note: 2 } as const;

/** Faults of the tables' own form, which reading them reported. */
function formFindings({ diagnostics }: AcpiMachine): Finding[] {
  return diagnostics.flatMap(({ code, node, offset, message, hint }): Finding[] => {
    const broken = code === 'DB653' || code === 'DB654';
    if (!broken && code !== 'DB652') return [];
    return [
      {
        severity: broken ? 'error' : 'warning',
        rule: broken ? 'broken-table' : 'checksum',
        node,
        ...(offset === undefined ? {} : { property: `byte ${offset}` }),
        message,
        linux: hint ?? 'takes the bytes for what they should be',
        meant: broken
          ? 'lengths, counts and offsets that agree with each other'
          : 'a checksum made after the last change to the table',
      },
    ];
  });
}

/** Findings, the grave ones first; within a severity in the order of the tables. */
export function findingsOf(machine: AcpiMachine, era: Era): Finding[] {
  const findings = [
    ...formFindings(machine),
    ...tableFindings(machine),
    ...nodeFindings(machine, era),
    ...(machine.iort === undefined ? [] : mappingFindings(machine.iort, era)),
    ...idFindings(machine, era),
  ];
  return findings.sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]).slice(0, MAX_FINDINGS);
}
