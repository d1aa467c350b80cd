/**
 * Codes of what a run can find: DB4xx checks, DB5xx targets, DB6xx usage and report files, DB9xx
 * our own mistakes. Those of the loader (DB1xx to DB3xx) are in `spec/codes.ts`. docs/errors.md is
 * made from both.
 */
import type { CodeText } from '../spec/codes.ts';

export const RUN_CODES = {
  DB401: {
    title: 'A step failed',
    meaning: 'The kernel refused a step, and the step does not expect an error.',
    mend: 'Add `expect: { error: NAME }` if this is the outcome you mean; the case stops at such a step.',
  },
  DB402: {
    title: 'Mappings differ',
    meaning: "A domain's IOMMU mappings are not those that the spec expects.",
    mend: 'Compare the two columns. `includes` allows other mappings beside the ones named.',
  },
  DB403: {
    title: 'A message differs',
    meaning:
      "The address or the data in the device's message registers is not what the spec expects.",
    mend: 'A message of zeroes is written `none`. Read the way of the MSI below the table.',
  },
  DB404: {
    title: 'Interrupts differ',
    meaning: 'A vector was delivered to other CPUs, or more or less often, than the spec expects.',
    mend: 'Read the way of the MSI below the table: it says which stage the write stopped at.',
  },
  DB405: {
    title: 'Faults differ',
    meaning: 'The SMMU recorded other faults than the spec expects.',
    mend: 'Names are architectural: F_TRANSLATION (SMMUv3), CB_FSR.TF (SMMUv2). An abort records nothing.',
  },
  DB406: {
    title: 'Commands differ',
    meaning: 'The ITS executed other commands, or in another order, than the spec expects.',
    mend: 'An exact list holds SYNC as well; `includes` allows other commands between.',
  },
  DB407: {
    title: 'Another error than expected',
    meaning: 'The step was to return an error, and returned another one or none.',
    mend: 'Errors are names of errno.h. `error: none` says that the step must succeed.',
  },
  DB408: {
    title: 'Leaks differ',
    meaning: 'The references that no programmed message accounts for are not as many as expected.',
    mend: 'The notes say which step took each reference that nobody dropped.',
  },
  DB409: {
    title: 'A window differs',
    meaning:
      'The doorbell window of a domain has another number of pages than expected, or is missing.',
    mend: 'Pages are those of the granule of the domain.',
  },
  DB410: {
    title: 'A fault that nobody expects',
    meaning: 'The SMMU recorded a fault that neither the step nor the end of the spec names.',
    mend: 'Add a `faults` expectation to the step if the fault is meant.',
  },
  DB411: {
    title: 'An MSI was lost',
    meaning: 'A device raised a vector and fewer interrupts arrived than it raised.',
    mend: 'Add an `interrupts` expectation to the step, such as `{ nic/0: none }`, if the loss is meant.',
  },
  DB412: {
    title: 'An MSI arrived too often',
    meaning: 'More interrupts of a vector arrived than the device raised.',
    mend: 'Add an `interrupts` expectation with the count if this is meant.',
  },
  DB413: {
    title: 'An MSI went astray',
    meaning:
      'An interrupt arrived at a CPU that the affinity of its vector does not allow, or as an interrupt of another vector or of nobody.',
    mend: 'Add an `interrupts` expectation for the vector that arrived if this is meant.',
  },
  DB414: {
    title: 'An interrupt out of nowhere',
    meaning: 'An interrupt arrived of a vector that was masked, or for which nothing was pending.',
    mend: 'Add an `interrupts` expectation to the step if this is meant.',
  },
  DB415: {
    title: 'References leaked',
    meaning:
      'At the end a doorbell mapping has references that no programmed message accounts for.',
    mend: 'Add `leaks: { domain: n }` to the expectations at the end, with `why`, if the leak is meant.',
  },
  DB416: {
    title: 'A silence that proves nothing',
    meaning:
      'No interrupt was expected and none came, in a case in which no interrupt was ever delivered and no expected fault came.',
    mend: 'Add a positive control: a vector that does arrive, or a fault that must come.',
  },
  DB417: {
    title: 'Passed although it was expected to fail',
    meaning: 'The case has `xfail`, and every check held.',
    mend: 'Remove `xfail`, or narrow it with `design` or `when`.',
  },
  DB418: {
    title: 'Nothing could be observed',
    meaning: 'The target could observe none of the expectations of the case, which is skipped.',
    mend: 'Run the case on a target that can see them.',
  },
  DB419: {
    title: 'A refused command that nobody expects',
    meaning:
      'The ITS refused a command, a driver bug that hardware may answer by a stalled queue, and neither the step nor the end of the spec names it.',
    mend: 'Add it to `commands` with `error: true` if it is meant, such as `{ includes: [ { MAPD: { error: true } } ] }`.',
  },
  DB420: {
    title: 'An interleaving breaks an invariant',
    meaning:
      'Some order of the steps of `interleave:`, of devices that raise their vectors and of writes in flight breaks what must always hold.',
    mend: 'The table is a shortest such order. `doorbell explore` shows it with the state; `xfail` says that it is known.',
  },
  DB421: {
    title: 'Not every interleaving was tried',
    meaning:
      'A bound was hit, or a situation was never reached, so that the exploration is no pass.',
    mend: 'Make the threads shorter, or explore with other bounds: `doorbell explore --max-states`.',
  },
  DB422: {
    title: 'An affinity differs',
    meaning:
      'The CPUs that an interrupt may go to, or the one that its controller sends it to, are not what the spec expects.',
    mend: '`cpus` is what smp_affinity has, all of it; `effective` is one CPU of them that is online.',
  },
  DB431: {
    title: 'A schedule breaks an invariant',
    meaning: 'The order of steps that `schedule:` gives breaks what must always hold.',
    mend: 'The table is what was done up to there. `doorbell explore --spec` writes such a spec of a counterexample.',
  },
  DB432: {
    title: 'A schedule cannot be followed',
    meaning:
      'At a step of `schedule:` its thread is somewhere else, or the device cannot do it. The machine is not the one that the schedule was written for, or a name is wrong.',
    mend: 'The message says what the thread is at. After a change of the code, explore anew.',
  },
  DB434: {
    title: 'A fuzz that exercised nothing',
    meaning: 'No machine was drawn that a design can run on, or no interrupt was ever delivered.',
    mend: 'Let it run longer, or with other designs.',
  },
  DB501: {
    title: 'The target died',
    meaning: 'The target could not carry out a step, and the machine is gone.',
    mend: 'The reason is that of the target. The case has no verdict.',
  },
  DB502: {
    title: 'The target had to begin anew',
    meaning:
      'A case left something behind on its target, or could not be run on what the last one left, so that a new guest was booted. A warning: the verdict stands.',
    mend: 'If a step of the case leaves it (a container that nobody closes), that is worth a look; else it costs time only.',
  },
  DB601: {
    title: 'No such path',
    meaning: 'A path on the command line names nothing, or nothing that can be read.',
    mend: 'Give spec files, folders or globs. A folder stands for every *.spec.yaml below it.',
  },
  DB602: {
    title: 'A report cannot be written',
    meaning: 'The file of a report cannot be created or written. Other reports are written.',
    mend: 'Check that the folder exists and that you may write there.',
  },
  DB603: {
    title: 'A value that the command does not know',
    meaning: 'An option has a value that it cannot take.',
    mend: 'The message names the values that it takes.',
  },
  DB604: {
    title: 'Nothing was selected',
    meaning:
      'No case is left after paths, lines, --grep, --tag, --not-tag, --design, --changed, --failed and --shard.',
    mend: '`doorbell list` shows what there is.',
  },
  DB605: {
    title: 'A configuration that cannot be used',
    meaning:
      'The configuration file has a key that there is not, or a value that the option cannot take.',
    mend: 'Keys are `paths`, and for each command a mapping of its options by their long names. `--print-config` shows what holds.',
  },
  DB606: {
    title: 'A spec that cannot be written',
    meaning: '`doorbell init` has a name that is no spec, or that is taken.',
    mend: 'Name a new file that ends in .spec.yaml.',
  },
  DB621: {
    title: 'A report cannot be merged',
    meaning:
      'A file given to `doorbell merge` is no JSON or ndjson report that this Doorbell reads.',
    mend: 'Give the reports that the shards wrote with `--reporter json=FILE`. The other reports are merged.',
  },
  DB622: {
    title: 'Reports do not make one run',
    meaning:
      'A shard is missing, a case is in two reports, shards are of different runs, or a run died before its end.',
    mend: 'Give the reports of all shards, each once. What was read is shown, and the exit code is not 0.',
  },
  DB623: {
    title: 'What changed or failed is not known',
    meaning:
      '`--changed` needs git, a repository and a commit; `--failed` a run that failed before.',
    mend: 'The message says what is missing. Without the option everything runs.',
  },
  DB701: {
    title: 'No guest can be made',
    meaning:
      'The kernel, its modules, the agent or QEMU is missing, so that no Linux can be booted.',
    mend: '`doorbell linux doctor` says what is missing and the command that installs it.',
  },
  DB711: {
    title: 'A guest cannot be prepared',
    meaning:
      'A kernel, busybox, the agent or the initramfs of the Linux target could not be made or fetched.',
    mend: '`doorbell linux doctor` says what is missing and the command that installs it.',
  },
  DB712: {
    title: 'A guest failed',
    meaning:
      'QEMU or the kernel in it did not come up, or ended, hung, crashed or could not write its logs.',
    mend: 'The last lines of its console are below the message; all its logs are in the folder that is named.',
  },
  DB713: {
    title: 'A machine that QEMU does not have',
    meaning: 'Options of `doorbell linux boot` ask for a machine that QEMU cannot be.',
    mend: 'The message names what was asked for and what there is.',
  },
  DB901: {
    title: 'A bug of Doorbell',
    meaning: 'Our own code failed. Whatever the spec says, this should not happen.',
    mend: 'Please report it with the spec and the text below the message.',
  },
} as const satisfies Record<string, CodeText>;

export type RunCode = keyof typeof RUN_CODES;
