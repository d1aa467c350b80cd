/** `doorbell fuzz`: random machines and steps, with the reference design or beside it. */
import { writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { CONTROLLERS, DEVICES, DOMAINS } from '../fuzz/machines.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { fuzz, type FuzzFailure, type FuzzResult } from '../fuzz/fuzz.ts';
import { tallyText } from '../fuzz/tally-text.ts';
import { verdictText } from '../report/failure-text.ts';
import { printable, styleFor } from '../report/style.ts';
import { EXIT, SIGNAL_EXIT, type SignalName } from '../run/exit-codes.ts';
import { didYouMean, listKnown } from '../spec/report.ts';
import { isFileError } from './numbered-file.ts';
import { printDiagnostics } from './print.ts';
import type { FuzzFlags } from './flags.ts';
import { stopOnSignals } from './signals.ts';
import { environment, wantsColour, widthOf } from './terminal.ts';

/** Seeds that nobody chose: short enough to be typed. */
const SEEDS = 1_000_000;

export async function fuzzCommand(flags: FuzzFlags): Promise<number> {
  const designs = flags.design.length === 0 ? ['tracked'] : flags.design;
  const wrong =
    unknown('--design', 'design', designs, DESIGN_NAMES) ??
    unknown('--controller', 'controller', flags.controller, CONTROLLERS) ??
    unknown('--device', 'device', flags.device, DEVICES) ??
    unknown('--domain', 'domain', flags.domain, DOMAINS);
  if (wrong !== undefined) {
    printDiagnostics([wrong], flags.color);
    return EXIT.usage;
  }
  const { runs, time, liveMoves, seed = randomInt(SEEDS) } = flags;
  const file = flags.output ?? `fuzz-${seed}.spec.yaml`;
  const signals = stopOnSignals();
  const live = environment().isTTY && !flags.json;
  let result: FuzzResult;
  try {
    result = await fuzz({
      runs,
      seed,
      designs,
      choice: { controllers: flags.controller, devices: flags.device, domains: flags.domain },
      liveMoves,
      file,
      ...(time === undefined ? {} : { seconds: time }),
      signal: signals.signal,
      now: () => performance.now(),
      onProgress: (done) => {
        if (live) process.stderr.write(`\r  ${done} of ${runs} runs`);
      },
    });
  } finally {
    signals.dispose();
    if (live) process.stderr.write(`\r${' '.repeat(40)}\r`);
  }
  const again = againText(flags, seed, result.failure?.run ?? runs);
  const code = report(result, { flags, seed, designs, file, again });
  if (signals.signal.aborted) return SIGNAL_EXIT[signals.signal.reason as SignalName];
  return code;
}

function unknown(
  option: string,
  what: string,
  asked: readonly string[],
  known: readonly string[],
): Diagnostic | undefined {
  const wrong = asked.find((name) => !known.includes(name));
  if (wrong === undefined) return undefined;
  const message = `${option}: no ${what} "${printable(wrong)}"${didYouMean(wrong, known)}`;
  return { code: 'DB603', severity: 'error', message, hint: listKnown(known) };
}

function againText(flags: FuzzFlags, seed: number, runs: number): string {
  const { design, controller, device, domain, liveMoves } = flags;
  return [
    `npx doorbell fuzz --seed ${seed} --runs ${runs}`,
    ...design.map((name) => `--design ${name}`),
    ...controller.map((kind) => `--controller ${kind}`),
    ...device.map((name) => `--device ${name}`),
    ...domain.map((name) => `--domain ${name}`),
    ...(liveMoves ? ['--live-moves'] : []),
  ].join(' ');
}

interface Asked {
  readonly flags: FuzzFlags;
  readonly seed: number;
  readonly designs: readonly string[];
  readonly file: string;
  readonly again: string;
}

function report({ tally, failure, stopped }: FuzzResult, asked: Asked): number {
  const { flags, seed, designs, file, again } = asked;
  const unwritten = failure === undefined ? undefined : writeError(file, failure.text);
  const vacuous = failure === undefined ? tally.vacuous(designs) : undefined;
  if (flags.json) {
    const { verdict, ...found } = failure ?? {};
    const failures = verdict?.failures.map(({ diagnostic, story }) => ({ ...diagnostic, story }));
    const exercised = tally.data();
    const bad = failure === undefined ? {} : { failure: { ...found, file, failures } };
    console.log(
      JSON.stringify({ version: 1, seed, designs, stopped, exercised, ...bad }, undefined, 2),
    );
  } else {
    console.log(
      [`seed ${seed}${stopped ? ', stopped early' : ''}`, ...tallyText(tally)].join('\n'),
    );
    if (failure !== undefined) show(failure, flags, file, unwritten, again);
    else if (vacuous === undefined) console.log('\nno failure');
  }
  if (unwritten !== undefined)
    printDiagnostics([{ code: 'DB602', severity: 'error', message: unwritten }], flags.color);
  if (failure !== undefined) return failure.thrown === undefined ? EXIT.checkFailed : EXIT.bug;
  if (vacuous === undefined) return EXIT.passed;
  const hint = 'more runs: --runs';
  printDiagnostics([{ code: 'DB434', severity: 'error', message: vacuous, hint }], flags.color);
  return EXIT.nothing;
}

function show(
  { run, design, verdict, thrown }: FuzzFailure,
  flags: FuzzFlags,
  file: string,
  unwritten: string | undefined,
  again: string,
): void {
  const here = environment();
  const style = styleFor(wantsColour(here, flags.color));
  console.log(`\n${style.red(`run ${run} fails with ${design}`)}, shrunk:\n`);
  if (verdict !== undefined) console.log(verdictText(verdict, style, widthOf(here)));
  if (thrown !== undefined) console.log(`  a bug of Doorbell [DB901]\n  ${thrown}\n`);
  if (unwritten === undefined) console.log(`  written: ${file}`);
  console.log(`  again:   ${again}`);
}

function writeError(file: string, text: string): string | undefined {
  try {
    writeFileSync(resolve(file), text);
    return undefined;
  } catch (error) {
    if (!isFileError(error)) throw error;
    return error.message;
  }
}
