/**
 * The protocol of a case without what differs from run to run: times, process ids, where RAM was given, and how
 * often was asked whether something had come yet.
 */

const RULES: readonly (readonly [RegExp, string])[] = [
  // Tracefs: `agent-152 [000] ..... 4.233338:`.
  [/\S+-\d+\s+\[\d+\]\s+(?:[^\s\d]\S*\s+)?\d+\.\d+:/g, 'TASK:'],
  [/entries-in-buffer\/entries-written: \d+\/\d+/g, 'entries'],
  // QEMU's `pid@seconds.microseconds:`.
  [/\d+@\d+\.\d+:/g, ''],
  [/\b(paddr|pa)=0x0*([4-9a-f][0-9a-f]{7}|[1-9a-f][0-9a-f]{8,})\b/g, '$1=RAM'],
  [/ITT_addr 0x[0-9a-f]+/g, 'ITT_addr RAM'],
  [/doorbell-guest-\w+/g, 'doorbell-guest'],
];

const POLLS = /^> (?:counts|klog)$/;

export function normalised(lines: readonly string[]): string[] {
  const result: string[] = [];
  let polling = false;
  for (const line of lines) {
    if (line.startsWith('> ')) polling = POLLS.test(line);
    if (polling && !line.startsWith('Q ')) continue;
    result.push(RULES.reduce((text, [pattern, by]) => text.replace(pattern, by), line));
  }
  return result;
}
