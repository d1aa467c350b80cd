/** `doorbell run`: once, or again whenever something changes. */
import { CANNOT_SAY } from '../run/bisect.ts';
import type { Target } from '../targets/target.ts';
import { openTargets } from './open-targets.ts';
import { printDiagnostics } from './print.ts';
import type { RunFlags } from './flags.ts';
import { refuse, runOnce } from './run-once.ts';
import { laterOnSignals } from './signals.ts';

/** `worker`: the script of a thread of --jobs, which is beside the one that was started. */
export async function runCommand(
  paths: readonly string[],
  flags: RunFlags,
  worker: URL,
): Promise<number> {
  const cwd = process.cwd();
  if (flags.list) {
    const { listCommand } = await import('./list-command.ts');
    return listCommand(paths, { ...flags, json: true });
  }
  if (flags.watch && flags.bisect) return refuse('--bisect has no use for --watch', flags);
  const signals = laterOnSignals();
  const opened = await openTargets([flags.target], flags, signals.listen);
  if ('refused' in opened) {
    printDiagnostics([opened.refused], flags.color);
    return flags.bisect ? CANNOT_SAY : opened.exitCode;
  }
  const target = opened.targets[0] as Target;
  try {
    const request = { paths, flags, target, cwd, worker, signal: signals.listen() };
    if (!flags.watch) return (await runOnce(request)).code;
    const { watch } = await import('./watch.ts');
    return await watch(request);
  } finally {
    await target.close?.();
    signals.dispose();
  }
}
