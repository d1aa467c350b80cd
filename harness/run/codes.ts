/** Codes of failed checks, of the target, of the run, and of our own bugs. Rows of docs/errors.md. */
import type { CodeText } from '../spec/codes.ts';

export const RUN_CODES = {
  DB401: { title: 'error', meaning: 'A step returned another error than expected, or an error that nobody expected.', mend: 'If the error is right, say so: expect: { error: ENOSPC }.' },
  DB402: { title: 'mappings', meaning: 'A domain does not hold the mappings that were expected.', mend: 'Compare the rows; --verbose shows what mapped and unmapped them.' },
  DB403: { title: 'message', meaning: 'The device holds another message than expected.', mend: 'none means all zero. A capture ($page) keeps the first value that it met.' },
  DB404: { title: 'interrupts', meaning: 'Interrupts arrived that were not expected, or did not arrive, or at another CPU.', mend: 'Read the way of the MSI: its last line says where it ends.' },
  DB405: { title: 'faults', meaning: 'The IOMMU recorded other faults than expected.', mend: 'A fault that belongs to the case must be expected in the step that causes it.' },
  DB406: { title: 'commands', meaning: 'The ITS executed other commands, or in another order.', mend: 'A list is exact and has the SYNCs in it; includes: leaves room for others.' },
  DB407: { title: 'leaks', meaning: 'References are held that no programmed message accounts for.', mend: 'If the leak is what the spec shows, expect it: leaks: { vm: 2 }, with a why.' },
  DB408: { title: 'windows', meaning: 'The doorbell window of a domain has other pages in use.', mend: 'pages counts the whole window, free what is not bound.' },
  DB410: { title: 'interrupt lost', meaning: 'A device sent an MSI that did not arrive once at a CPU that it may go to.', mend: 'If that is what the spec shows, expect it: interrupts: { nic/0: none }, with a fault or a control beside it.' },
  DB411: { title: 'silence without a control', meaning: 'The case expects silence and nothing in it was ever delivered or faulted: the silence proves nothing.', mend: 'Fire the vector once where it must arrive.' },
  DB412: { title: 'nothing was observed', meaning: 'The target could observe none of the expectations.', mend: 'Run the case on a target that can, or expect what this one sees.' },
  DB413: { title: 'unexpected pass', meaning: 'The case is marked xfail and passed.', mend: 'Take the mark away.' },
  DB501: { title: 'the target died', meaning: 'The target failed while a step ran; the case is aborted.', mend: 'Read the reason; the other cases went on.' },
  DB601: { title: 'no such path', meaning: 'A path on the command line names nothing.', mend: 'Paths are files, folders or globs, from the current folder.' },
  DB602: { title: 'nothing selected', meaning: 'No case is left after paths and filters.', mend: 'doorbell list shows what there is.' },
  DB603: { title: 'report file', meaning: 'A report cannot be written where it was asked for.', mend: 'Name a file in a folder that exists and can be written.' },
  DB604: { title: 'usage', meaning: 'A flag or its value is not known.', mend: 'doorbell help says what is.' },
  DB901: { title: 'a bug of Doorbell', meaning: 'Our own code failed. The case has no verdict.', mend: 'Please report it with the stack trace and the spec.' },
} as const satisfies Record<string, CodeText>;
export type RunCode = keyof typeof RUN_CODES;
