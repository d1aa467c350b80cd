/** `--target ssh:HOST`: a board, by the agent that is sent there. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Target } from '../targets/target.ts';
import { writeCaseLog } from './case-log.ts';
import type { LinuxFlags } from './flags.ts';

const PREFIX = 'ssh:';

/** The host as ssh takes it, or undefined when the name is no such target. */
export function hostOf(target: string): string | undefined {
  return target.startsWith(PREFIX) && target.length > PREFIX.length
    ? target.slice(PREFIX.length)
    : undefined;
}

/** Connects. Throws what is wrong with the agent, the connection or the board. */
export async function openBoard(
  host: string,
  flags: LinuxFlags,
  signal: AbortSignal,
): Promise<Target> {
  const { agentSource, buildAgent } = await import('../targets/linux/image/agent-build.ts');
  const { cacheFolder } = await import('../targets/linux/image/cache.ts');
  const { sshCommand } = await import('../targets/linux/board/board-guest.ts');
  const { boardGuests } = await import('../targets/linux/board/board-guests.ts');
  const { LinuxTarget } = await import('../targets/linux/linux-target.ts');
  const { keep } = flags;
  const from = dirname(fileURLToPath(import.meta.url));
  const agent = flags.agent ?? (await buildAgent(agentSource(from), cacheFolder()));
  return new LinuxTarget({
    guests: await boardGuests({
      command: sshCommand(host),
      agent,
      keep: keep !== undefined,
      signal,
    }),
    signal,
    most: 1,
    notice: (text) => console.error(`${host}: ${text}`),
    ...(keep === undefined ? {} : { log: (id, log) => writeCaseLog(keep, id, log) }),
  });
}
