/**
 * A guest that answers what a real one answered: a recording is what was said between the target
 * and a guest in QEMU, from the guest's boot to its end (scripts/record-linux.mjs). Whatever is
 * asked otherwise than then is an error.
 */
import type { Answer } from '../guest.ts';
import type { GuestMaker, RunningGuest } from '../guest-port.ts';
import { keepersFor } from '../launched-guests.ts';

export interface Recording {
  readonly release: string;
  /** `> request`, `  | text`, `  ok text` or `  err number text`; `Q ` what QEMU traced. */
  readonly lines: readonly string[];
}

export class ReplayedGuest implements RunningGuest {
  readonly seesHardware = true;
  readonly isProbed = true;
  readonly command = 'a recording';
  readonly transcript: string[] = [];
  private readonly rest: string[];

  constructor({ lines }: Recording) {
    this.rest = [...lines];
  }

  async request(command: string): Promise<Answer> {
    await Promise.resolve();
    const asked = this.next();
    if (asked !== `> ${command}`)
      throw new Error(`asked for \`${command}\` where the recording has \`${asked}\``);
    const lines: string[] = [];
    let last = this.next();
    for (; last.startsWith('  | '); last = this.next()) lines.push(last.slice(4));
    const match = /^ {2}(?:ok|err (\d+))(?: (.*))?$/.exec(last);
    if (match === null) throw new Error(`a recording with \`${last}\` for an answer`);
    return { lines, errno: Number(match[1] ?? 0), text: match[2] ?? '' };
  }

  /** What was read at this place then. */
  async hardware(): Promise<readonly string[]> {
    await Promise.resolve();
    const found: string[] = [];
    while (this.rest[0]?.startsWith('Q ') === true) found.push(this.next().slice(2));
    return found;
  }

  async kernelLog(): Promise<readonly string[]> {
    return (await this.request('klog')).lines;
  }

  console = (): readonly string[] => [];
  close = (): Promise<void> => Promise.resolve();

  /** Lines that nobody asked for. */
  left(): readonly string[] {
    return this.rest;
  }

  private next(): string {
    const line = this.rest.shift();
    if (line === undefined) throw new Error('the recording has ended');
    this.transcript.push(line);
    return line;
  }
}

/** Every machine is the recorded one, once. */
export function replayedGuests(
  recording: Recording,
): GuestMaker & { readonly guests: ReplayedGuest[] } {
  const guests: ReplayedGuest[] = [];
  return {
    guests,
    release: recording.release,
    key: () => 'recorded',
    keepers: keepersFor,
    boot: () => {
      const guest = new ReplayedGuest(recording);
      guests.push(guest);
      return Promise.resolve(guest);
    },
  };
}

/** The file: the release on the first line, the case's id on the second. */
export function recordingOf(text: string): Recording & { readonly id: string } {
  const [release = '', id = '', ...lines] = text.trimEnd().split('\n');
  return { release, id, lines };
}
