/**
 * The kernel's log: SMMU events, which arm_smmu_evtq_thread prints word by word, and its cries for
 * help.
 */

export interface SmmuEvent {
  /** Architectural name by its number, IHI 0070 7.3. */
  readonly name: string;
  readonly streamId: number;
  /** Input address; undefined for events that have none. */
  readonly address?: bigint;
}

const NAMES: Readonly<Record<number, string>> = {
  0x01: 'F_UUT',
  0x02: 'C_BAD_STREAMID',
  0x03: 'F_STE_FETCH',
  0x04: 'C_BAD_STE',
  0x06: 'F_STREAM_DISABLED',
  0x08: 'C_BAD_SUBSTREAMID',
  0x09: 'F_CD_FETCH',
  0x0a: 'C_BAD_CD',
  0x0b: 'F_WALK_EABT',
  0x10: 'F_TRANSLATION',
  0x11: 'F_ADDR_SIZE',
  0x12: 'F_ACCESS',
  0x13: 'F_PERMISSION',
  0x25: 'F_VMS_FETCH',
};

/** Configuration faults: no address in words 2 and 3. */
const WITHOUT_ADDRESS = new Set([0x02, 0x04, 0x08, 0x0a]);

/**
 * SMMU events in order. `event 0x10 received:` is followed by four lines of one word each:
 * /dev/kmsg writes their tabs as \\x09;
 * word 0 holds the number in bits 7:0 and the StreamID in bits 63:32, word 2 the input address.
 */
export function parseSmmuEvents(lines: readonly string[]): SmmuEvent[] {
  const events: SmmuEvent[] = [];
  let words: bigint[] | undefined;
  for (const line of lines) {
    if (/arm-smmu-v3 \S+: event 0x[0-9a-f]+ received:/.test(line)) {
      words = [];
      continue;
    }
    const word = words && /arm-smmu-v3 \S+:(?:\s|\\x09)+(0x[0-9a-f]{16})\s*$/.exec(line)?.[1];
    if (words === undefined || word === undefined) continue;
    words.push(BigInt(word));
    if (words.length === 4) {
      events.push(eventOf(words));
      words = undefined;
    }
  }
  return events;
}

/** Of a record's first and third word. */
export function eventOf([first = 0n, , third = 0n]: readonly bigint[]): SmmuEvent {
  const type = Number(first & 0xffn);
  return {
    name: NAMES[type] ?? `event 0x${type.toString(16)}`,
    streamId: Number(first >> 32n),
    ...(WITHOUT_ADDRESS.has(type) ? {} : { address: third }),
  };
}

const DEADLY =
  /Kernel panic|Unable to handle kernel|Internal error:|kernel BUG at|BUG: |Oops|soft lockup|rcu: INFO: .*stall|hung_task/;

/** The first line that says the kernel is not to be trusted any more. */
export const firstCry = (lines: readonly string[]): string | undefined =>
  lines.find((line) => DEADLY.test(line))?.trim();

/** What the kernel thinks wrong without dying of it. */
export const warnings = (lines: readonly string[]): string[] =>
  lines.filter((line) => /WARNING: CPU|ITS cmd failed|CMD_SYNC timeout/.test(line));
