/**
 * A guest that is no guest: it keeps the state that the agent would tell of, and fails when it is
 * told to.
 */
import type { Answer } from '../guest.ts';
import type { GuestMaker, RunningGuest } from '../guest-port.ts';
import type { CasePlan } from '../plan.ts';

const ok = (lines: readonly string[] = [], text = ''): Answer => ({ lines, errno: 0, text });

export class FakeGuest implements RunningGuest {
  readonly transcript: string[] = [];
  readonly command: string;
  readonly seesHardware = true;
  readonly isProbed = false;
  readonly drivers = new Map<string, string>();
  readonly leftovers: string[] = [];
  closed = false;
  /** What a request is answered with instead, or an Error to throw. */
  answer: (command: string) => Answer | Error | undefined = () => undefined;

  constructor(number: number) {
    this.command = `guest ${number}`;
  }

  async request(command: string): Promise<Answer> {
    await Promise.resolve();
    if (this.closed) throw new Error('the guest is gone');
    this.transcript.push(`> ${command}`);
    const special = this.answer(command);
    if (special instanceof Error) throw special;
    const answer = special ?? this.carryOut(command.split(' '));
    for (const line of answer.lines) this.transcript.push(`  | ${line}`);
    return answer;
  }

  hardware = (): Promise<readonly string[]> => Promise.resolve([]);
  kernelLog = (): Promise<readonly string[]> => Promise.resolve([]);
  console = (): readonly string[] => [];
  close = async (): Promise<void> => {
    await Promise.resolve();
    this.closed = true;
  };

  private carryOut([word, bdf = '', driver = '']: readonly string[]): Answer {
    if (word === 'bind') this.drivers.set(bdf, driver);
    if (word === 'unbind') this.drivers.set(bdf, '-');
    if (word !== 'state') return ok();
    const devices = [...this.drivers].map(([address, name]) => `pci ${address} ${name} 0`);
    return ok([...devices, 'affinity 3', ...this.leftovers]);
  }
}

/**
 * `prepare` is told of each guest before it is handed over; an Error from it is a boot that failed.
 */
export function fakeGuests(
  prepare: (guest: FakeGuest, number: number) => Error | void = () => {},
): GuestMaker & { readonly booted: FakeGuest[] } {
  const booted: FakeGuest[] = [];
  return {
    booted,
    release: '6.12.0',
    key: ({ topology }: CasePlan) => String(topology.cpus),
    keepers: () => ['0000:00:1f.0', '0000:00:1e.0'],
    boot: async () => {
      const guest = new FakeGuest(booted.length + 1);
      booted.push(guest);
      const error = prepare(guest, booted.length);
      await Promise.resolve();
      if (error instanceof Error) throw error;
      return guest;
    },
  };
}
