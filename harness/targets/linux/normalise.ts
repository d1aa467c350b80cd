/**
 * The protocol of a case without what differs from run to run: times, process ids, where RAM was
 * given, and how often was asked whether something had come yet.
 */

const RULES: readonly (readonly [RegExp, string])[] = [
  // The console's `[    2.866692] `.
  [/^\[ *\d+\.\d+\] /, ''],
  // Tracefs: `           agent-152 [000] ..... 4.233338:`, aligned by the length of the number.
  [/\s*\S+-\d+\s+\[\d+\]\s+(?:[^\s\d]\S*\s+)?\d+\.\d+:/g, ' TASK:'],
  [/entries-in-buffer\/entries-written: \d+\/\d+/g, 'entries'],
  // QEMU's `pid@seconds.microseconds:`.
  [/\d+@\d+\.\d+:/g, ''],
  [/\b(paddr|pa|translated)=0x0*([4-9a-f][0-9a-f]{7}|[1-9a-f][0-9a-f]{8,})\b/g, '$1=RAM'],
  [/ITT_addr 0x[0-9a-f]+/g, 'ITT_addr RAM'],
  [/[^\s,=']*doorbell-guest-\w+/g, 'doorbell-guest'],
];

/** What the kernel says once when the host is busy. */
const LOAD = /hrtimer: interrupt took \d+ ns$/;

const POLLS = /^> (?:counts|klog)$/;

/** What eventfds counted since the last time: `> ev 0000:00:02.0 msix`, `  ok 0:1 1:0`. */
const EVENTFDS = /^> ev /;
const COUNTS = /^ {2}ok((?: \d+:\d+)*)$/;

export function normalised(lines: readonly string[]): string[] {
  const result: string[] = [];
  let polling = false;
  let earlier: number | undefined;
  for (const line of lines) {
    if (line.startsWith('> ')) polling = POLLS.test(line);
    if (polling && !line.startsWith('Q ')) continue;
    if (LOAD.test(line)) continue;
    if (line.startsWith('> '))
      earlier = EVENTFDS.test(line) ? earlierAnswer(result, line) : undefined;
    if (earlier !== undefined && EVENTFDS.test(line)) continue;
    if (earlier !== undefined && COUNTS.test(line)) {
      result[earlier] = sum(result[earlier] ?? '', line);
      earlier = undefined;
      continue;
    }
    result.push(RULES.reduce((text, [pattern, by]) => text.replace(pattern, by), line));
  }
  return joined(result);
}

/**
 * How often eventfds are asked differs, too: the same question among those for eventfds that came
 * just before takes the answer of this one as well. Where it is.
 */
function earlierAnswer(told: readonly string[], question: string): number | undefined {
  for (let end = told.length; ;) {
    const at = told.slice(0, end).findLastIndex((line) => line.startsWith('> '));
    if (at < 0 || !EVENTFDS.test(told[at] ?? '')) return undefined;
    const answer = told.findIndex((line, n) => n > at && n < end && COUNTS.test(line));
    if (told[at] === question) return answer < 0 ? undefined : answer;
    end = at;
  }
}

/** The vectors of a device are the same in both. */
function sum(a: string, b: string): string {
  const counts = countsOf(a);
  return `  ok${countsOf(b)
    .map(([vector, n], i) => ` ${vector}:${n + (counts[i]?.[1] ?? 0)}`)
    .join('')}`;
}

const countsOf = (answer: string): [number, number][] =>
  [...answer.matchAll(/(\d+):(\d+)/g)].map(([, vector, n]) => [Number(vector), Number(n)]);

/** `TASK: map: IOMMU: iova=0x1000 - 0x2000 paddr=RAM size=4096`, and the call before it. */
const PIECE =
  /^(.*TASK: (?:un)?map: IOMMU: iova=0x)([0-9a-f]+)( - 0x)([0-9a-f]+) (paddr=RAM )?size=.*$/;
const CALL = /TASK: imap: .* pa=RAM /;

/**
 * Memory is mapped and unmapped in pieces as it happens to lie in RAM: neighbours become one, and
 * the calls for the pieces after the first, which only say the same again, are left out.
 */
function joined(lines: readonly string[]): string[] {
  const result: string[] = [];
  let open = undefined as RegExpExecArray | undefined;
  let calls: string[] = [];
  const end = (): void => {
    if (open !== undefined) result.push(pieceText(open));
    open = undefined;
    result.push(...calls);
    calls = [];
  };
  for (const line of lines) {
    const piece = PIECE.exec(line);
    if (piece !== null && open !== undefined && open[1] === piece[1] && open[4] === piece[2]) {
      open[4] = piece[4] as string;
      calls = [];
    } else if (CALL.test(line) && calls.length === 0) {
      calls.push(line.replace(/ size=0x[0-9a-f]+/, ''));
    } else {
      end();
      if (piece === null) result.push(line);
      else open = piece;
    }
  }
  end();
  return result;
}

const pieceText = ([
  ,
  head = '',
  from = '',
  dash = '',
  to = '',
  ram = '',
]: RegExpExecArray): string =>
  `${head}${from}${dash}${to} ${ram}size=${BigInt(`0x${to}`) - BigInt(`0x${from}`)}`;
