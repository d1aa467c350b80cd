/** Targets by the names that --target gives them. */
import type { Diagnostic } from '../spec/diagnostic.ts';
import { modelTarget } from '../targets/model.ts';
import { LinuxTarget } from '../targets/linux/linux-target.ts';
import { qemuGuests } from '../targets/linux/qemu-guest.ts';
import type { Target } from '../targets/target.ts';
import { writeCaseLog } from './case-log.ts';
import type { LinuxFlags } from './program.ts';

type Opened = { readonly targets: readonly Target[] } | { readonly refused: Diagnostic };

const KNOWN = ['model', 'linux'];

export function openTargets(names: readonly string[], flags: LinuxFlags): Opened {
  const targets: Target[] = [];
  for (const name of names) {
    if (name === 'model') targets.push(modelTarget);
    else if (name === 'linux') {
      const opened = linux(flags);
      if ('refused' in opened) return opened;
      targets.push(opened);
    } else return refused(`no target "${name}"; there is ${KNOWN.join(', ')}`);
  }
  return { targets };
}

function linux(flags: LinuxFlags): Target | { readonly refused: Diagnostic } {
  const { kernel, initrd, keep } = flags;
  const release = flags.release ?? /vmlinuz-(.+)$/.exec(kernel ?? '')?.[1];
  if (kernel === undefined || initrd === undefined)
    return refused('--target linux needs a kernel', 'give --kernel IMAGE and --initrd FILE');
  if (release === undefined)
    return refused(`the release of ${kernel} is not in its name`, 'give --release 6.12.1');
  return new LinuxTarget({
    guests: qemuGuests({ kernel, initrd, release }),
    most: flags.jobs,
    notice: (text) => console.error(`linux: ${text}`),
    ...(keep === undefined ? {} : { log: (id, lines) => writeCaseLog(keep, id, lines) }),
  });
}

const refused = (message: string, hint?: string): { readonly refused: Diagnostic } => ({
  refused: { code: 'DB603', severity: 'error', message, ...(hint === undefined ? {} : { hint }) },
});
