/**
 * A clone that was updated and not built: the schemas beside it are newer than the validators in
 * it.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSpec } from './load.ts';
import { startFrom } from './schema-folder.ts';

test('a key that only the schemas know says that the build is old', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-old-'));
  try {
    const root = resolve(__dirname, '../..');
    cpSync(join(root, 'schemas'), join(folder, 'schemas'), { recursive: true });
    const path = join(folder, 'schemas/spec.schema.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"source": {', '"sauce": { "type": "string" }, "source": {'));
    startFrom(folder);
    const spec = readFileSync(join(root, 'specs/its/two-its.spec.yaml'), 'utf8');
    writeFileSync(join(folder, 'a.spec.yaml'), `sauce: a mail\n${spec}`);
    writeFileSync(join(folder, 'b.spec.yaml'), `sours: a mail\n${spec}`);
    const said = (name: string) => loadSpec(join(folder, name), { root: folder }).diagnostics[0];
    expect(said('a.spec.yaml')).toMatchObject({
      code: 'DB201',
      message: 'unknown key "sauce"',
      hint: expect.stringContaining('npm run build'),
    });
    expect(said('b.spec.yaml')?.message).toContain('did you mean');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
