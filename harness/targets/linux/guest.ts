/**
 * A system under test with the agent in it, seen from here: a guest in QEMU, or a board behind a
 * stream. What is said over the stream is in agent/PROTOCOL.md.
 */

/** What the agent answered to one request. */
export interface Answer {
  /** Lines of `| text`, without the mark. */
  readonly lines: readonly string[];
  /** 0: carried out. Else the error as the kernel gave it. */
  readonly errno: number;
  /** What followed `ok`, or `err ERRNO`. */
  readonly text: string;
}

export interface Guest {
  /** `uname -r`, such as `6.12.117+deb12-arm64`. */
  readonly release: string;
  /** Bytes in a page. */
  readonly pageSize: number;
  /** CPUs that were online when the agent began. */
  readonly cpus: number;
  /** Names of the probes (`PROBES`) that this kernel did not take, with the error it gave. */
  readonly refusedProbes: ReadonlyMap<string, number>;
  /**
   * One request, without the newline; requests are answered in order and may overlap. Rejects with
   * a `GuestError` when the guest is gone or its answer late, and from then on every time.
   */
  request(line: string): Promise<Answer>;
  /**
   * Lines that QEMU traced since the last call: all those that requests answered until now caused.
   * Nothing for a board, which has no QEMU.
   */
  hardware(): Promise<readonly string[]>;
  /** Lines of the kernel's log since the last call. */
  kernelLog(): Promise<readonly string[]>;
  /** Undefined where no device is in a slot that can be reached. */
  readonly slots?: Slots | undefined;
  /**
   * Where the logs are. They are deleted by `close` unless something failed or `keep` was asked
   * for.
   */
  readonly logs: GuestLogs;
  /** Ends the guest and all that belongs to it. May be called twice and at any time. */
  close(): Promise<void>;
}

/** The slots of a guest's root ports. */
export interface Slots {
  /** Whether the device at this address is in one. */
  has(bdf: string): boolean;
  /** Asks the guest to let the device go, as the button beside a slot does; `gone`: when it has. */
  eject(bdf: string): Promise<{ readonly gone: Promise<void> }>;
  /** Puts back the device that was taken out. */
  insert(bdf: string): Promise<void>;
}

export interface GuestLogs {
  readonly folder: string;
  /** What was run. */
  readonly command: string;
  readonly console: string;
  readonly protocol: string;
  readonly trace: string;
}

/** A kernel with what it needs to become a guest; made by `prepareImage` (image/). */
export interface GuestImage {
  /** What people call it: `6.12`, or the path that they gave. */
  readonly name: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** Bytes in a page, as the Image says; 4096 unless given. */
  readonly pageSize?: number;
}

/**
 * How a guest failed. `start`: QEMU or the stream could not be started or was ended before the
 * agent spoke.
 */
export type GuestFailure =
  | 'start'
  | 'boot-deadline'
  | 'panic'
  | 'oops'
  | 'hung'
  | 'killed'
  | 'disk-full'
  | 'protocol'
  | 'interrupted';

/**
 * The guest is not to be used any more. The message is a sentence for people; the rest is for
 * reports.
 */
export class GuestError extends Error {
  override readonly name = 'GuestError';
  readonly failure: GuestFailure;
  /** The last lines of the console. */
  readonly tail: readonly string[];
  /** The folder of the logs, which is kept. */
  readonly folder: string;

  constructor(failure: GuestFailure, message: string, tail: readonly string[], folder: string) {
    super(message);
    this.failure = failure;
    this.tail = tail;
    this.folder = folder;
  }
}
