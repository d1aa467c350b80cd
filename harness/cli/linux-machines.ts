/** The machines that `--target linux` boots for the cases of a spec. */
import { requestOf } from '../run/run-case.ts';
import type { Case } from '../spec/case.ts';
import type { GuestImage } from '../targets/linux/guest.ts';
import { releaseOf } from '../targets/linux/image/image-header.ts';
import { machineFor, machineKey } from '../targets/linux/launched-guests.ts';
import type { QemuMachine } from '../targets/linux/qemu/machine.ts';
import { inQemu, supportOf } from '../targets/linux/support.ts';

export interface CaseMachine {
  readonly machine: QemuMachine;
  /** Ids of the cases that are run in it. */
  readonly cases: readonly string[];
}

export interface CaseMachines {
  readonly machines: readonly CaseMachine[];
  readonly skipped: readonly { readonly id: string; readonly why: string }[];
}

export function machinesOf(cases: readonly Case[], image: GuestImage): CaseMachines {
  const machines = new Map<string, { machine: QemuMachine; cases: string[] }>();
  const skipped: { id: string; why: string }[] = [];
  const place = inQemu(image.pageSize ?? 4096);
  for (const each of cases) {
    const support = supportOf(requestOf(each), releaseOf(image.kernel), place);
    if ('unsupported' in support) {
      skipped.push({ id: each.id, why: support.unsupported });
      continue;
    }
    const { machine } = machineFor(support.plan);
    const key = machineKey(machine);
    const known = machines.get(key) ?? { machine, cases: [] };
    known.cases.push(each.id);
    machines.set(key, known);
  }
  return { machines: [...machines.values()], skipped };
}
