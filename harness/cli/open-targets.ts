/** Targets by the names that --target gives them. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { modelTarget } from '../targets/model.ts';
import type { Target } from '../targets/target.ts';
import { writeCaseLog } from './case-log.ts';
import { hostOf, openBoard } from './open-board.ts';
import type { LinuxFlags } from './program.ts';

type Refused = { readonly refused: Diagnostic };
type Opened = { readonly targets: readonly Target[] } | Refused;

const KNOWN = ['model', 'linux', 'ssh:HOST'];

export async function openTargets(names: readonly string[], flags: LinuxFlags): Promise<Opened> {
  const targets: Target[] = [];
  for (const name of names) {
    if (name === 'model') targets.push(modelTarget);
    else if (name === 'linux') {
      const opened = await linux(flags);
      if ('refused' in opened) return opened;
      targets.push(opened);
    } else if (hostOf(name) !== undefined) {
      const opened = await board(hostOf(name) ?? '', flags);
      if ('refused' in opened) return opened;
      targets.push(opened);
    } else return refused('DB603', `no target "${name}"; there is ${KNOWN.join(', ')}`);
  }
  return { targets };
}

/** Loaded when it is asked for: runs on the model need no QEMU. */
async function linux(flags: LinuxFlags): Promise<Target | Refused> {
  const { prepareImage } = await import('../targets/linux/image/prepare.ts');
  const { launchedGuests } = await import('../targets/linux/launched-guests.ts');
  const { LinuxTarget } = await import('../targets/linux/linux-target.ts');
  const { keep, modules } = flags;
  try {
    const image = await prepareImage({
      kernel: flags.kernel,
      from: dirname(fileURLToPath(import.meta.url)),
      say: (line) => console.error(`linux: ${line}`),
      ...(modules === undefined ? {} : { modules }),
    });
    return new LinuxTarget({
      guests: launchedGuests({ image, keep: keep !== undefined }),
      most: flags.jobs,
      notice: (text) => console.error(`linux: ${text}`),
      ...(keep === undefined ? {} : { log: (id, lines) => writeCaseLog(keep, id, lines) }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused('DB701', why, '`doorbell linux doctor` says what is missing');
  }
}

async function board(host: string, flags: LinuxFlags): Promise<Target | Refused> {
  try {
    return await openBoard(host, flags);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused('DB701', why, `\`ssh ${host} true\` must work without a question, as root`);
  }
}

const refused = (code: 'DB603' | 'DB701', message: string, hint?: string): Refused => ({
  refused: { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) },
});
