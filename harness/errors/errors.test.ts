/** Each code has a meaning, a mend and an example, and each example makes its error come. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { starter } from '../init/starters.ts';
import { loadSpecText } from '../spec/load.ts';
import { CommandBuild, env, project, REQUIRE, ROOT } from '../testing/command.ts';
import { run } from '../testing/samples.ts';
import { ERROR_GROUPS, type ErrorEntry } from './errors.ts';
import { EXAMPLE_SPEC, specOf } from './example.ts';

/** It boots a guest: the suite of the Linux target runs it (life.guest-test.ts). */
const IN_A_GUEST = ['DB712'];

const command = new CommandBuild('doorbell-errors-test');
const library = join(command.folder, 'library');
beforeAll(() => {
  command.build();
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
    join(ROOT, 'harness/index.ts'),
    ...['--bundle', '--platform=node', '--format=esm', '--log-level=error'],
    `--banner:js=${REQUIRE}`,
    `--outfile=${join(library, 'index.mjs')}`,
  ]);
}, 60_000);

const base = starter('its', './spec.schema.json');
const entries = ERROR_GROUPS.flatMap((group) => group.entries);

/** Codes that the changed spec gives, loaded and run in this process. */
async function codesOfSpec(text: string): Promise<string[]> {
  const path = `/project/${EXAMPLE_SPEC}`;
  const { cases, diagnostics } = loadSpecText(text, { file: path, root: '/project' });
  const verdicts = await Promise.all(cases.map((spec) => run(spec)));
  const xpass = verdicts.some(({ status }) => status === 'XPASS') ? ['DB417'] : [];
  const failed = verdicts.flatMap(({ failures }) => failures.map((f) => f.diagnostic.code));
  return [...diagnostics.map(({ code }) => code), ...failed, ...xpass];
}

/** What the commands of the example print, in a project with its files. */
function printed({ example }: ErrorEntry): string {
  const folder = project({ [EXAMPLE_SPEC]: specOf(example, base) });
  for (const [name, content] of Object.entries(example.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const own = join(folder, 'node_modules/doorbell');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), '{ "type": "module", "exports": "./index.mjs" }');
  writeFileSync(join(own, 'index.mjs'), `export * from ${JSON.stringify(`${library}/index.mjs`)};`);
  const script = `doorbell() { ${process.execPath} ${command.main} "$@"; }\n${example.command}`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: env({ NO_COLOR: '1', XDG_STATE_HOME: join(folder, 'state') }),
  });
  return stdout + stderr;
}

describe('every code', () => {
  test.each(entries)('$code has a title, a meaning, a mend and an example', (entry) => {
    const { title, meaning, mend, example } = entry;
    for (const text of [title, meaning, mend]) expect(text.trim()).not.toBe('');
    expect(example.change ?? example.command).toBeDefined();
    // Bytes cannot be read; what they are must be said.
    const bytes = Object.values(example.files ?? {}).some((file) => typeof file !== 'string');
    if (bytes) expect(example.note).toMatch(/\w/);
  });

  test.each(entries.filter(({ code }) => !IN_A_GUEST.includes(code)))(
    '$code comes of its example',
    async (entry) => {
      if (entry.example.command === undefined)
        expect(await codesOfSpec(specOf(entry.example, base))).toContain(entry.code);
      else expect(printed(entry)).toMatch(new RegExp(`\\b${entry.code}\\b`));
    },
  );

  test('the unchanged spec gives none', async () => {
    expect(await codesOfSpec(specOf({}, base))).toEqual([]);
  });
});
