/**
 * Ctrl-C and SIGTERM: the first one ends the run after the current step, with its summary and
 * reports; the second one ends the process.
 */
import { SIGNAL_EXIT } from '../run/exit-codes.ts';

/** The same from the first `listen` on. */
export function laterOnSignals(): { readonly listen: () => AbortSignal; dispose(): void } {
  let listening: ReturnType<typeof stopOnSignals> | undefined;
  return {
    listen: () => (listening ??= stopOnSignals()).signal,
    dispose: () => listening?.dispose(),
  };
}

export function stopOnSignals(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const handlers = (Object.keys(SIGNAL_EXIT) as (keyof typeof SIGNAL_EXIT)[]).map((name) => {
    const handler = (): void => {
      if (controller.signal.aborted) process.exit(SIGNAL_EXIT[name]);
      controller.abort(name);
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    dispose: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
