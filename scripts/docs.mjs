#!/usr/bin/env node
/**
 * Generates the reference pages from what the code has: docs/language.md from the schemas,
 * docs/errors.md from the tables of codes, docs/cli.md from the command's own options. `--check`
 * fails where a page is not what would be generated.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as prettier from 'prettier';
import { globSync } from 'tinyglobby';
import { censusPage } from './census.mjs';
import { findingsPage } from './firmware-findings.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** CommonJS packages inside an ES module ask for Node's own modules with require(). */
const requireShim =
  "import { createRequire as makeRequire } from 'node:module';" +
  'const require = makeRequire(import.meta.url);';

const note = (/** @type {string} */ from) =>
  `<!-- Generated from ${from} by \`npm run docs\`. Do not edit. -->\n`;

/** Imports TypeScript of the project. @param {Record<string, string>} entries */
async function importSources(entries) {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-docs-'));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: entries,
      bundle: true,
      platform: 'node',
      format: 'esm',
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      banner: { js: requireShim },
      logLevel: 'error',
      define: { DOORBELL_VERSION: '"docs"' },
    });
    /** @type {Record<string, any>} */
    const modules = {};
    for (const name of Object.keys(entries))
      modules[name] = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
    return modules;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {any} errors harness/errors */
function errorsPage({ ERROR_GROUPS, exampleText }) {
  const entry = (/** @type {any} */ { code, title, meaning, mend, example }) => {
    const { intro, blocks } = exampleText(example);
    const fenced = blocks.map(
      (/** @type {string} */ block) =>
        `\n\`\`\`${block.startsWith('$') ? 'sh' : 'yaml'}\n${block}\n\`\`\`\n`,
    );
    return `### ${code} ${title}\n\n${meaning}\n\nExample: ${intro}\n${fenced.join('')}\nWhat to do: ${mend}\n`;
  };
  const group = (/** @type {any} */ { title, entries }) =>
    `## ${title}\n\n${entries.map(entry).join('\n')}`;
  return `${note('the codes.ts of harness/spec, harness/run and harness/firmware, and harness/errors')}
# Errors

Every diagnostic has a code. DB1xx is the file and its YAML, DB2xx the schema, DB3xx the meaning of a spec, DB4xx a check that failed,
DB5xx the target, DB6xx the command line, report files and firmware, DB7xx the Linux target, DB9xx a bug of ours. \`doorbell errors CODE\` prints
what is below. Each example is made to happen by the tests; [specs/fault](../specs/fault) has more of the first three groups.

${ERROR_GROUPS.map(group).join('\n')}`;
}

/** @param {string} file */
const schema = (file) => JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'));

function formOf(/** @type {any} */ s) {
  if (s.$ref === 'topology.schema.json') return '[topology](#a-topology)';
  if (s.$ref) {
    const name = s.$ref.split('/').at(-1);
    return /^(quantity|expected|flag|name|vector|reason)$/.test(name)
      ? {
          quantity: 'number',
          expected: 'expected number',
          flag: 'true or false',
          name: 'name',
          vector: 'vector',
          reason: 'text',
        }[name]
      : `[${name}](#${name})`;
  }
  if (s.const !== undefined) return `\`${s.const}\``;
  if (s.enum) return s.enum.map((/** @type {string} */ v) => `\`${v}\``).join(', ');
  if (s.anyOf) return [...new Set(s.anyOf.map(formOf))].filter(Boolean).join(' or ');
  if (s.type === 'array') return `list of ${s.items ? formOf(s.items) : 'values'}`;
  if (s.type === 'object') {
    const keys = Object.keys(s.properties ?? {}).map(
      (key) => `\`${key}\`${(s.required ?? []).includes(key) ? ' *' : ''}`,
    );
    return keys.length > 0 ? `mapping of ${keys.join(', ')}` : 'mapping';
  }
  return Array.isArray(s.type)
    ? s.type.join(' or ')
    : s.type === 'string'
      ? 'text'
      : (s.type ?? '');
}

function resolved(/** @type {any} */ s, /** @type {any} */ common, /** @type {any} */ own) {
  if (s.description || !s.$ref) return s;
  const name = s.$ref.split('/').at(-1);
  return common.$defs[name] ?? own.$defs[name] ?? s;
}

/** A description: what it is, and the example in its last line. @param {any} s */
function told({ description = '' }) {
  const [prose = '', example = ''] = description.split('\nExample: ');
  return { prose, example };
}

/** Above a section. @param {any} s */
function intro(s) {
  const { prose, example } = told(s);
  return example === '' ? prose : `${prose}\n\n\`\`\`yaml\n${example}\n\`\`\``;
}

/** @param {any} s @param {any} common @param {any} own */
function keyTable(s, common, own) {
  const required = new Set(s.required ?? []);
  const rows = Object.entries(s.properties ?? {}).map(([key, value]) => {
    const { prose, example } = told(resolved(value, common, own));
    const shown = example === '' ? '' : `<br>\`${cell(example)}\``;
    return `| \`${key}\`${required.has(key) ? ' *' : ''} | ${cell(formOf(value))} | ${cell(prose)}${shown} |`;
  });
  return `| key | form | what it is |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function languagePage() {
  const common = schema('common.schema.json');
  const topology = schema('topology.schema.json');
  const spec = schema('spec.schema.json');
  const sections = [];
  const section = (/** @type {string} */ name, /** @type {any} */ s, /** @type {any} */ own) => {
    const body = s.properties
      ? keyTable(s, common, own)
      : s.anyOf || s.oneOf
        ? `Form: ${formOf({ anyOf: s.anyOf ?? s.oneOf })}.\n`
        : '';
    const inner = (s.anyOf ?? []).find((/** @type {any} */ b) => b.properties);
    sections.push(
      `### ${name}\n\n${intro(s)}\n\n${body}${inner ? `\n${keyTable(inner, common, own)}` : ''}`,
    );
  };
  sections.push(
    `## A spec\n\n${spec.description} Keys with * are compulsory.\n\n${keyTable(spec, common, spec)}`,
  );
  for (const [name, s] of Object.entries(spec.$defs)) section(name, s, spec);
  sections.push(`## A topology\n\n${intro(topology)}\n\n${keyTable(topology, common, topology)}`);
  for (const [name, s] of Object.entries(topology.$defs)) section(name, s, topology);
  const forms = Object.entries(common.$defs).map(
    ([name, s]) => `- **${name}**: ${told(/** @type {any} */ (s)).prose}`,
  );
  return `${note('schemas/')}
# The language

What a spec can say, from the schemas that check it. [The design](design.md) says what is checked when a spec says nothing, and how
parameters, captures and includes work. \`npx doorbell schema spec\` prints the schema itself; an editor with a YAML language server reads it
through the first line of each spec.

## Forms

${forms.join('\n')}

${sections.join('\n')}`;
}

function cliPage(/** @type {any} */ { buildProgram }) {
  const actions = {
    run() {},
    list() {},
    validate() {},
    schema() {},
    explain() {},
    check() {},
    import() {},
  };
  const program = buildProgram(actions, 'docs', () => {});
  program.configureHelp({ helpWidth: 100 });
  const parts = program.commands
    .filter((/** @type {any} */ c) => c.name() !== 'help')
    .map((/** @type {any} */ c) => {
      c.configureHelp({ helpWidth: 100 });
      return `## doorbell ${c.name()}\n\n\`\`\`\n${c.helpInformation().trim()}\n\`\`\`\n`;
    });
  return `${note('harness/cli/program.ts')}
# The command line

Exit codes: 0 all passed and something ran; 1 a check failed; 2 usage, configuration or an invalid spec; 3 the target or the
environment failed; 4 a bug of ours; 5 nothing was selected or all was skipped; 128 + n a signal.

Without \`--reporter\` a terminal gets the task list, everything else plain lines. \`NO_COLOR\` and \`FORCE_COLOR\` are honoured.

${parts.join('\n')}`;
}

/** Not a page, but made of the command's options as docs/cli.md is. */
async function configPage(
  /** @type {any} */ { buildProgram },
  /** @type {any} */ { configSchema },
) {
  const program = buildProgram({}, 'docs', () => {});
  const text = JSON.stringify(configSchema(program));
  const style = await prettier.resolveConfig(join(root, 'schemas/config.schema.json'));
  return prettier.format(text, { ...style, parser: 'json' });
}

function changesPage(/** @type {any} */ { CHANGES, INVALIDATIONS, designOf, behaviourOf }) {
  const invalidations = Object.entries(INVALIDATIONS).map(
    ([id, { title, effect }]) => `| \`${id}\` | ${cell(title)} | ${cell(effect)} |`,
  );
  const changes = Object.entries(CHANGES).filter(([id]) => !(id in INVALIDATIONS));
  const rows = changes.map(([id, change]) => {
    const stable = change.stable ? `, ${change.stable.join(', ')}` : '';
    const until = change.until ? ` to before ${change.until}` : '';
    const commit = change.commit ? `\`${change.commit}\`` : '';
    const doubt = change.recollected ? ' (?)' : '';
    return `| \`${id}\` | ${change.from}${doubt}${until}${stable} | ${cell(change.title)} | ${commit} | ${cell(change.effect)} |`;
  });
  const eras = ['4.8', '4.9', '5.1', '5.2', '6.14', '6.15'].map(
    (version) => `| ${version} | ${designOf(behaviourOf({ version, switches: {} }))} |`,
  );
  return `${note('src/kernel/changes')}
# Behaviour by kernel version

\`kernel: 6.12\` in a spec gives the machine every change that Linux 6.12 has; \`kernel: [5.1, 5.2]\` runs both, as an axis of the matrix called
\`kernel\`; \`changes: { its-balance: off }\` switches one whatever the version. The version implies the design where \`designs:\` is left
out. A stable update counts: 6.12.78 has what was backported to it. A spec that names no kernel has every change but those marked "only if
named", whose behaviour before is that of 6.12, which the order of the procedures follows.

| from | design |
| --- | --- |
${eras.join('\n')}

${rows.length} changes. The commit is left out where only the release is known. A release with a question mark is
from recollection: no source that names it was seen.

| change | since | subject | commit | with it, and without |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Only if named: ${Object.entries(CHANGES)
    .filter(([, change]) => change.unnamed === false)
    .map(([id]) => `\`${id}\``)
    .join(', ')}.

## Invalidations that can be left out

Every release has these; \`changes: { tlbi-on-unmap: off }\` leaves one out, so that a spec shows what it is for. Hardware is then as forgetful as it is
allowed to be at worst: it keeps what it has read, and reads its commands as late as it can. \`doorbell explore\` has it drop and read at any
moment. See [specs/smmu](../specs/smmu), [specs/its](../specs/its) and [specs/explore](../specs/explore), tag \`invalidation\`.

| switch | what the driver does | with it, and without |
| --- | --- | --- |
${invalidations.join('\n')}
`;
}

/** Cases of every spec. */
function corpus(/** @type {any} */ { loadSpec }) {
  return globSync('specs/**/*.spec.yaml', { cwd: root })
    .sort()
    .flatMap((file) => loadSpec(join(root, file), { root }).cases);
}

const modules = await importSources({
  changes: 'src/kernel/changes/changes.ts',
  load: 'harness/spec/load.ts',
  errors: 'harness/errors/errors.ts',
  errorText: 'harness/errors/error-text.ts',
  program: 'harness/cli/program.ts',
  config: 'harness/config/config-schema.ts',
  why: 'src/firmware/why.ts',
  faults: 'src/firmware/fdt/testing/faults.ts',
  findings: 'src/firmware/fdt/findings.ts',
  sizes: 'src/firmware/sizes.ts',
  trees: 'src/firmware/fdt/testing/trees.ts',
  explain: 'src/firmware/fdt/explain.ts',
});
/** @type {Record<string, string>} */
const pages = {
  'docs/errors.md': errorsPage({ ...modules.errors, ...modules.errorText }),
  'docs/language.md': languagePage(),
  'docs/cli.md': cliPage(modules.program),
  'schemas/config.schema.json': await configPage(modules.program, modules.config),
  'docs/kernel-changes.md': changesPage(modules.changes),
  'docs/firmware-findings.md': findingsPage(modules, note('src/firmware')),
  'docs/census.md': censusPage(corpus(modules.load), note('specs/')),
};
/**
 * docs/firmware.md is written by hand but for the list of reasons. @param {Record<string, string>}
 * why
 */
function firmwarePage(why) {
  const rows = Object.entries(why).map(([word, meaning]) => `| \`${word}\` | ${cell(meaning)} |`);
  const table = ['| word | what it means |', '| --- | --- |', ...rows].join('\n');
  return readFileSync(join(root, 'docs/firmware.md'), 'utf8').replace(
    /(<!-- why: npm run docs -->\n\n)[^]*?(\n\n<!-- \/why -->)/,
    (_, open, close) => open + table + close,
  );
}
pages['docs/firmware.md'] = firmwarePage(modules.why.WHY);
let stale = 0;
for (const [page, text] of Object.entries(pages)) {
  const path = join(root, page);
  let old = '';
  try {
    old = readFileSync(path, 'utf8');
  } catch {
    // A page that is not there is a page that differs.
  }
  if (old === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${page} is out of date: npm run docs`);
    stale++;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${page}`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
