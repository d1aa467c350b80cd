/**
 * Guests that run now. Whatever ends this process ends them: `exit` does for all ways that Node
 * knows of; for SIGKILL setpriv asks the kernel to kill QEMU with its parent (prctl
 * PR_SET_PDEATHSIG).
 */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const living = new Map<Child, () => void>();
let watching = false;
let dieWithParent: readonly string[] | undefined;

function guard(): readonly string[] {
  dieWithParent ??=
    spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
      ? ['setpriv', '--pdeathsig', 'KILL']
      : [];
  return dieWithParent;
}

/** The descriptor of the fourth stream, a socket, in the process. */
export const SOCKET = 3;

export const socketOf = (child: Child): Duplex | undefined =>
  (child as { readonly stdio: readonly unknown[] }).stdio[SOCKET] as Duplex | undefined;

/**
 * A process group of its own: Ctrl-C in a terminal is for us, and we end it. `tidy` is run when it
 * is ended in haste. `socket`: with a fourth stream, which goes both ways.
 */
export function start(command: readonly string[], tidy: () => void, socket = false): Child {
  if (!watching) {
    watching = true;
    process.on('exit', () => {
      for (const [child, finish] of living) {
        kill(child);
        finish();
      }
    });
  }
  const [program = '', ...args] = [...guard(), ...command];
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...(socket ? (['pipe'] as const) : [])],
    detached: true,
  }) as Child;
  living.set(child, tidy);
  child.on('exit', () => living.delete(child));
  child.on('error', () => living.delete(child));
  return child;
}

/** The whole group. */
export function kill(child: Child): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
