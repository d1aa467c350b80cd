/** Reports to files, links, pipes and devices. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ReportPipe } from './report-device.ts';
import { openSink, sinkPath } from './open-sink.ts';
import type { ReportSink } from './report-sink.ts';

const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'doorbell-sink-')));
async function opened(path: string): Promise<ReportSink> {
  const sink = await openSink(path);
  if ('failed' in sink) throw new Error(sink.failed);
  return sink;
}

describe('a file', () => {
  test('appears at the end, whole, and leaves nothing beside it', async () => {
    const here = folder();
    const path = join(here, 'out.json');
    const sink = await opened(path);
    sink.write('x'.repeat(100_000));
    expect(readdirSync(here)).not.toContain('out.json');
    sink.write('end');
    expect(await sink.commit()).toBeUndefined();
    expect(readdirSync(here)).toEqual(['out.json']);
    expect(readFileSync(path, 'utf8')).toMatch(/^x{100000}end$/);
  });

  test('keeps its mode, and what it was when the report is given up', async () => {
    const path = join(folder(), 'out');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    const given = await opened(path);
    given.write('new');
    given.discard();
    expect(readFileSync(path, 'utf8')).toBe('old');
    const sink = await opened(path);
    sink.write('new');
    await sink.commit();
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o640]);
  });

  test('what a dead process left goes, what a living one or another host writes stays', async () => {
    const here = folder();
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    const names = [`${hostname()}.${dead}`, `${hostname()}.1`, `elsewhere.${dead}`].map(
      (who) => `.out.${who}.doorbell-tmp`,
    );
    for (const name of [...names, '.out2.x.doorbell-tmp']) writeFileSync(join(here, name), 'half');
    await (await opened(join(here, 'out'))).commit();
    expect(readdirSync(here).sort()).toEqual(
      ['.out2.x.doorbell-tmp', ...names.slice(1), 'out'].sort(),
    );
  });

  test('is refused before the run where it cannot be written', async () => {
    const here = folder();
    expect(await openSink(join(here, 'none', 'out'))).toEqual({
      failed: 'ENOENT: no such file or directory',
    });
    writeFileSync(join(here, 'file'), '');
    expect(await openSink(join(here, 'file', 'out'))).toEqual({
      failed: 'ENOTDIR: not a directory',
    });
    expect(await openSink(here)).toEqual({ failed: 'it is a folder' });
    expect(await openSink('')).toHaveProperty('failed');
  });
});

describe('a link', () => {
  test('stays one; the file that it names gets the report', async () => {
    const [here, there] = [folder(), folder()];
    writeFileSync(join(there, 'real'), 'old');
    symlinkSync(join(there, 'real'), join(here, 'link'));
    symlinkSync('link', join(here, 'link2'));
    const sink = await opened(join(here, 'link2'));
    sink.write('new');
    await sink.commit();
    expect(lstatSync(join(here, 'link2')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(there, 'real'), 'utf8')).toBe('new');
    expect([readdirSync(here).sort(), readdirSync(there)]).toEqual([['link', 'link2'], ['real']]);
  });

  test('may name a file that is yet to be made', async () => {
    const here = folder();
    symlinkSync('later', join(here, 'link'));
    await (await opened(join(here, 'link'))).commit();
    expect(readdirSync(here).sort()).toEqual(['later', 'link']);
    expect(sinkPath(join(here, 'link'))).toBe(sinkPath(join(here, 'later')));
  });

  test('to itself is refused', async () => {
    const here = folder();
    symlinkSync('b', join(here, 'a'));
    symlinkSync('a', join(here, 'b'));
    expect(await openSink(join(here, 'a'))).toEqual({ failed: 'too many symbolic links' });
  });
});

describe('what is no regular file', () => {
  test('/dev/null is written, and stays what it is', async () => {
    const before = statSync('/dev/null');
    const sink = await opened('/dev/null');
    sink.write('x');
    expect(await sink.commit()).toBeUndefined();
    expect([statSync('/dev/null').ino, statSync('/dev/null').isCharacterDevice()]).toEqual([
      before.ino,
      true,
    ]);
  });

  test('a full device is a reason, not an exception', async () => {
    const sink = await opened('/dev/full');
    sink.write('x');
    sink.write('y');
    expect(await sink.commit()).toBe('ENOSPC: no space left on device');
  });

  test('a pipe is read while it is written, also by a slow reader that comes late', async () => {
    const pipe = join(folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const opening = openSink(pipe);
    const child = spawn('sh', ['-c', `sleep 0.2; (sleep 0.2; cat) < "${pipe}" | wc -c`]);
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    const sink = await opening;
    if ('failed' in sink) throw new Error(sink.failed);
    // More than a pipe holds.
    for (let i = 0; i < 10; i++) sink.write('x'.repeat(100_000));
    expect(await sink.commit()).toBeUndefined();
    await ended;
    expect(Number(out)).toBe(1_000_000);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test('a pipe whose reader goes, or never comes, is a reason', async () => {
    const pipe = join(folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await ReportPipe.open(pipe, 40)).toEqual({ failed: 'nobody reads from the pipe' });
    const child = spawn('sh', ['-c', `head -c 1 "${pipe}" >/dev/null`]);
    const sink = await openSink(pipe);
    if ('failed' in sink) throw new Error(sink.failed);
    const gone = new Promise((resolve) => child.on('close', resolve));
    sink.write('xx');
    await gone;
    for (let i = 0; i < 10; i++) sink.write('x'.repeat(100_000));
    expect(await sink.commit()).toMatch(/EPIPE/);
    expect(existsSync(pipe)).toBe(true);
  });
});
