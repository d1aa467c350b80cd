/**
 * Mutants of every file of the corpus, from a seed: the loader must come to cases or to
 * diagnostics, each with a code and a place in a file, without an exception and soon.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/bundling.mjs';
import { loadSource } from '../scripts/load-source.mjs';
import { ownTime, seeded } from './seeded.mjs';

const MUTANTS = 100_000;
const SEED = 0x5eed_10ad;
/** A mutant may become a larger problem than its parent, but not by much. */
const MAX_MS = 2000;
const MAX_CHANGES = 4;

const { loadSpecText, includeCache } = await loadSource('harness/spec/load.ts');

const parents = readdirSync(join(root, 'specs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(spec|fault)\.yaml$/.test(name))
  .sort()
  .map((name) => ({
    path: join(root, 'specs', name),
    text: readFileSync(join(root, 'specs', name), 'utf8'),
  }));

/** Words of all specs: what a mutant may have in place of another. */
const words = [...new Set(parents.flatMap(({ text }) => text.match(/[\w$./{}-]+/g) ?? []))];
/** What a scanner, a number or a terminal may stumble over. */
const ODD = [
  ...[
    '"',
    "'",
    ':',
    '-',
    '#',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '!x',
    '%',
    '|',
    '>',
    '?',
    '\t',
    '\r',
    '\0',
  ],
  ...[
    '\u2028',
    '\ufeff',
    '\ud800',
    '\u{1f600}',
    '0x',
    '0b2',
    '-1',
    '1e9',
    '.inf',
    'null',
    '~',
    'true',
    '<<',
  ],
  ...[
    '99999999999999999999',
    '0xffff_ffff_ffff_ffff',
    '${',
    '${x}',
    '$page',
    '__proto__',
    'constructor',
    '..',
  ],
];

function mutant(text, pick) {
  let out = text;
  for (let n = 1 + pick(MAX_CHANGES); n > 0; n--) out = changed(out, pick);
  return out;
}

function changed(text, pick) {
  const at = pick(text.length + 1);
  const lines = text.split('\n');
  const line = pick(lines.length);
  switch (pick(9)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + pick(8));
    case 1:
      return text.slice(0, at) + ODD[pick(ODD.length)] + text.slice(at);
    case 2:
      return text.slice(0, at);
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.toSpliced(line, 0, lines[pick(lines.length)]).join('\n');
    case 5:
      return lines.with(line, ' '.repeat(pick(6)) + lines[line].trimStart()).join('\n');
    case 6: {
      const found = [...text.matchAll(/[\w$./{}-]+/g)];
      const word = found[pick(Math.max(1, found.length))];
      if (word === undefined) return text;
      const other = pick(4) === 0 ? ODD[pick(ODD.length)] : words[pick(words.length)];
      return text.slice(0, word.index) + other + text.slice(word.index + word[0].length);
    }
    case 7: {
      const other = parents[pick(parents.length)].text.split('\n');
      const from = pick(other.length);
      return lines.toSpliced(line, 0, ...other.slice(from, from + 1 + pick(6))).join('\n');
    }
    default:
      return (
        text.slice(0, at) + text.slice(at, at + 1 + pick(40)).repeat(1 + pick(4)) + text.slice(at)
      );
  }
}

/** What is wrong with the answer, or undefined. */
function fault({ cases, diagnostics }) {
  if (cases.length === 0 && diagnostics.length === 0) return 'neither cases nor diagnostics';
  for (const { code, message, place } of diagnostics) {
    if (!/^DB[123]\d\d$|^DB43\d$/.test(code)) return `the code ${code}`;
    if (message.length === 0) return `${code} says nothing`;
    if (place === undefined) return `${code} without a place: ${message}`;
    if (!(place.line >= 1 && place.col >= 1 && place.endCol >= place.col)) return `${code} nowhere`;
  }
  return undefined;
}

export async function run() {
  const { next: pick, seed, trials } = seeded({ seed: SEED, trials: MUTANTS });
  const cache = includeCache();
  const counts = { valid: 0, refused: 0 };
  const codes = new Set();
  const bad = [];
  let slowest = 0;
  let seconds = 0;
  for (let n = 0; n < trials && bad.length < 5; n++) {
    const { path, text } = parents[pick(parents.length)];
    const tried = mutant(text, pick);
    let wrong;
    const ms = ownTime(() => {
      try {
        const loaded = loadSpecText(tried, { file: path, root, cache });
        wrong = fault(loaded);
        counts[loaded.diagnostics.length > 0 ? 'refused' : 'valid']++;
        for (const { code } of loaded.diagnostics) codes.add(code);
      } catch (error) {
        wrong =
          error instanceof Error ? (error.stack ?? error.message).slice(0, 500) : String(error);
      }
    });
    seconds += ms / 1000;
    slowest = Math.max(slowest, ms);
    if (ms > MAX_MS) wrong ??= `${ms.toFixed(0)} ms`;
    if (wrong !== undefined) {
      bad.push(wrong);
      console.error(`seed ${seed}, mutant ${n} of ${path}: ${wrong}\n${tried}\n`);
    }
  }
  return [
    {
      name: `mutants of ${parents.length} specs: ${counts.valid} valid, ${counts.refused} refused with ${codes.size} codes`,
      figure: `${bad.length} bad`,
      target: `of ${trials}, 0; slowest ${slowest.toFixed(0)} ms, ${seconds.toFixed(0)} s of processor`,
      // Where all or none are refused, nothing was tried.
      ok:
        bad.length === 0 &&
        counts.valid > trials / 100 &&
        counts.refused > trials / 10 &&
        codes.size > 20,
    },
  ];
}
