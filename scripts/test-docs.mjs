#!/usr/bin/env node
/**
 * Executes the commands of README.md and docs/*.md and compares their output with what the page
 * shows.
 *
 * A block is fenced as ```console, optionally with exit=N in the info string (default 0). Lines
 * that begin with `$ ` are commands; what follows is their output, standard error included. A line
 * of `...` stands for any number of lines. Durations are not compared. `--update` writes the real
 * output into the pages (not over a block that uses `...`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DEADLINE_MS = 60_000;
const update = process.argv.includes('--update');
/** What the commands remember of folders without node_modules. */
const state = mkdtempSync(join(tmpdir(), 'doorbell-docs-'));
process.once('exit', () => rmSync(state, { recursive: true, force: true }));

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** @param {string} text */
const normalise = (text) =>
  text
    .replace(/\x1b\[[0-9;]*m/g, '')
    .replace(/\b\d+(\.\d+)?\s?(ms|s)\b/g, '<time>')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();

/** @param {string} command */
function run(command) {
  // What npx would start, without npx's own start-up.
  const line = command.replace(/\bnpx doorbell\b/g, `node ${join(ROOT, 'dist', 'cli.js')}`);
  const env = { ...process.env, NO_COLOR: '1', CI: '1', COLUMNS: '100', XDG_STATE_HOME: state };
  const result = spawnSync('bash', ['-c', line], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env,
  });
  const output = `${result.stdout}${result.stderr}`.replaceAll(`${ROOT}/`, '');
  return { output, code: result.status ?? -1 };
}

/** Expected text with `...` lines as wildcards. @param {string} expected @param {string} actual */
function matches(expected, actual) {
  if (!/^\.\.\.$/m.test(expected)) return expected === actual;
  const parts = expected.split(/^\.\.\.$/m).map((part) => part.trim());
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const found = actual.indexOf(part, at);
    if (found < 0 || (i === 0 && found !== 0)) return false;
    at = found + part.length;
  }
  return (parts.at(-1) ?? '') === '' || at === actual.length;
}

let passed = 0;
let failed = 0;

/**
 * A block after `<!-- file: PATH -->` shows that file. @param {string} page @param {string} text
 */
function withFiles(page, text) {
  return text.replace(
    /(<!-- file: (\S+) -->\n```\w*\n)([\s\S]*?)(^```$)/gm,
    (whole, open, file, shown, close) => {
      const content = readFileSync(join(ROOT, file), 'utf8').replace(
        /^# yaml-language-server.*\n/,
        '',
      );
      if (content === shown) passed++;
      else if (!update) {
        failed++;
        console.log(`FAIL ${page}: the block is not ${file}; node scripts/test-docs.mjs --update`);
      }
      return content === shown ? whole : `${open}${content}${close}`;
    },
  );
}

for (const page of pages) {
  const path = join(ROOT, page);
  const text = readFileSync(path, 'utf8');
  const rewritten = withFiles(page, text).replace(
    /^```console([^\n]*)\n([\s\S]*?)^```$/gm,
    (whole, info, body) => {
      const wanted = Number(/exit=(\d+)/.exec(info)?.[1] ?? 0);
      const chunks = body.split(/^\$ /m).slice(1);
      const done = chunks.map((chunk) => {
        const [command = '', ...rest] = chunk.split('\n');
        const expected = rest.join('\n');
        const { output, code } = run(command);
        const last = chunk === chunks.at(-1);
        const same =
          matches(normalise(expected), normalise(output)) && code === (last ? wanted : 0);
        if (same) passed++;
        else if (!update) {
          failed++;
          const line = text.slice(0, text.indexOf(whole)).split('\n').length;
          console.log(
            `FAIL ${relative(ROOT, path)}:${line}  $ ${command}   (exit ${code}, expected ${last ? wanted : 0})`,
          );
          console.log(
            `--- the page says\n${normalise(expected)}\n--- it printed\n${normalise(output)}\n`,
          );
        }
        const keep = same || !update || /^\.\.\.$/m.test(expected);
        return `$ ${command}\n${keep ? expected : `${output.trimEnd()}\n`}`;
      });
      return `\`\`\`console${info}\n${done.join('')}\`\`\``;
    },
  );
  if (update && rewritten !== text) {
    writeFileSync(path, rewritten);
    console.log(`updated ${page}`);
  }
}
if (passed + failed === 0) {
  console.log('no console blocks were found');
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 && !update ? 1 : 0;
