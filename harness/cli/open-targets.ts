/** Targets by the names that --target gives them. */
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../run/exit-codes.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { modelTarget } from '../targets/model.ts';
import type { Target } from '../targets/target.ts';
import { writeCaseLog } from './case-log.ts';
import { hostOf, openBoard } from './open-board.ts';
import type { LinuxFlags } from './flags.ts';

type Refused = { readonly refused: Diagnostic; readonly exitCode: number };
type Opened = { readonly targets: readonly Target[] } | Refused;

const KNOWN = ['model', 'linux', 'ssh:HOST'];

/**
 * `signals` is called when all is prepared: until then Ctrl-C ends the process as it ends any
 * other.
 */
export async function openTargets(
  names: readonly string[],
  flags: LinuxFlags,
  signals: () => AbortSignal,
): Promise<Opened> {
  const targets: Target[] = [];
  for (const name of names) {
    if (name === 'model') targets.push(modelTarget);
    else if (name === 'linux') {
      const opened = await linux(flags, signals);
      if ('refused' in opened) return opened;
      targets.push(opened);
    } else if (hostOf(name) !== undefined) {
      const opened = await board(hostOf(name) ?? '', flags, signals);
      if ('refused' in opened) return opened;
      targets.push(opened);
    } else return refused('DB603', `no target "${name}"; there is ${KNOWN.join(', ')}`);
  }
  return { targets };
}

/** Loaded when it is asked for: runs on the model need no QEMU. */
async function linux(flags: LinuxFlags, signals: () => AbortSignal): Promise<Target | Refused> {
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
    const signal = signals();
    return new LinuxTarget({
      guests: launchedGuests({
        image,
        signal,
        bootMs: flags.bootTimeout * 1000,
        ...(keep === undefined ? {} : { keep }),
      }),
      most: guestsAtOnce(flags.jobs ?? 2),
      signal,
      notice: (text) => console.error(`linux: ${text}`),
      ...(keep === undefined ? {} : { log: (id, log) => writeCaseLog(keep, id, log) }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused('DB701', why, '`doorbell linux doctor` says what is missing');
  }
}

async function board(
  host: string,
  flags: LinuxFlags,
  signals: () => AbortSignal,
): Promise<Target | Refused> {
  try {
    return await openBoard(host, flags, signals());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused('DB701', why, `\`ssh ${host} true\` must work without a question, as root`);
  }
}

/**
 * A guest has 512 MB, and QEMU as much again at most; two on one core take turns and are no faster.
 */
const GUEST_BYTES = 1 << 30;

function guestsAtOnce(asked: number): number {
  const limit = process.constrainedMemory() || totalmem();
  const memory = Math.min(limit, freemem());
  return Math.max(1, Math.min(asked, availableParallelism(), Math.floor(memory / GUEST_BYTES)));
}

const CODES = { DB603: EXIT.usage, DB701: EXIT.target } as const;

const refused = (code: keyof typeof CODES, message: string, hint?: string): Refused => ({
  refused: { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) },
  exitCode: CODES[code],
});
