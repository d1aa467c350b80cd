/** What an image is made of, without making one. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cacheFolder, removePartials } from './cache.ts';
import { archive, folder, link, program } from './cpio.ts';
import { remedy } from './doctor.ts';
import { releaseOf } from './image-header.ts';
import { newest } from './kernels.ts';
import { dependsOf } from './modules.ts';

describe('the archive', () => {
  const made = archive([folder('bin'), program('bin/a', Buffer.from('12345')), link('b', 'bin/a')]);

  test('each entry begins at a multiple of four, and the trailer ends it', () => {
    const names: string[] = [];
    let at = 0;
    for (;;) {
      expect(at % 4).toBe(0);
      expect(made.toString('latin1', at, at + 6)).toBe('070701');
      const field = (n: number): number =>
        Number.parseInt(made.toString('latin1', at + 6 + 8 * n, at + 14 + 8 * n), 16);
      const name = made.toString('latin1', at + 110, at + 110 + field(11) - 1);
      names.push(name);
      if (name === 'TRAILER!!!') break;
      const content = at + Math.ceil((110 + field(11)) / 4) * 4;
      if (name === 'bin/a') expect(made.toString('latin1', content, content + 5)).toBe('12345');
      at = content + Math.ceil(field(6) / 4) * 4;
    }
    expect(names).toEqual(['bin', 'bin/a', 'b', 'TRAILER!!!']);
  });

  test('is the same for the same files', () => {
    const again = archive([
      folder('bin'),
      program('bin/a', Buffer.from('12345')),
      link('b', 'bin/a'),
    ]);
    expect(again.equals(made)).toBe(true);
  });
});

test('what a process left half made is removed once it has ended, what one works on stays', () => {
  const cache = mkdtempSync(join(tmpdir(), 'doorbell-cache-'));
  try {
    mkdirSync(join(cache, 'packages'));
    // No process has a number beyond the largest that Linux gives (PID_MAX_LIMIT, 2^22).
    const names = [`a.${process.pid}.partial`, 'b.4194305.partial', 'c.deb', 'd.partial'];
    for (const name of names) writeFileSync(join(cache, 'packages', name), '');
    removePartials(cache);
    expect(readdirSync(join(cache, 'packages'))).toEqual([names[0], 'c.deb', 'd.partial']);
    removePartials(cache, process.pid);
    expect(readdirSync(join(cache, 'packages'))).toEqual(['c.deb', 'd.partial']);
  } finally {
    rmSync(cache, { recursive: true });
  }
});

test('the modules that a module needs are in its .modinfo', () => {
  const info = (text: string): Buffer => Buffer.from(`\x7fELF\0license=GPL\0${text}\0name=x\0`);
  expect(dependsOf(info('depends=vfio,vfio-pci-core'))).toEqual(['vfio', 'vfio_pci_core']);
  expect(dependsOf(info('depends='))).toEqual([]);
  expect(dependsOf(Buffer.from('no module'))).toEqual([]);
});

describe("Debian's kernels", () => {
  const packages = [
    'linux-image-6.1.0-9-arm64',
    'linux-image-6.1.0-56-arm64',
    'linux-image-6.1.0-57-rt-arm64',
    'linux-image-6.12-arm64',
    'linux-image-6.12.101+deb12-arm64',
    'linux-image-6.12.99+deb12-arm64',
  ];

  test('the newest by number, plain images alone', () => {
    expect(newest('6.1', packages)).toBe('linux-image-6.1.0-56-arm64');
    expect(newest('6.12', packages)).toBe('linux-image-6.12.101+deb12-arm64');
  });

  test('none is said', () => {
    expect(() => newest('6.12', ['linux-image-6.12-arm64'])).toThrow('no arm64 kernel 6.12');
  });
});

test('the cache follows the XDG rules: a relative path is ignored', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/doorbell/linux');
  expect(cacheFolder({ XDG_CACHE_HOME: 'c' })).toMatch(/^\/.*\/\.cache\/doorbell\/linux$/);
});

test.each([
  ['6.1.0-56-arm64 (x@y) (gcc) # SMP Debian 6.1.192-2 (2026-11-16)', '6.1.192-2 (6.1.0-56-arm64)'],
  [
    '6.12.117+deb12-arm64 (x@y) # SMP Debian 6.12.117-1~deb12u1 (2026-11-14)',
    '6.12.117+deb12-arm64',
  ],
  ['6.15.0-rc1-g0123 (me@here) # SMP PREEMPT Debian-like', '6.15.0-rc1-g0123'],
  ['5.10.0-8-arm64 (x@y) # SMP Debian 6.1.192-2 (2026-11-16)', '5.10.0-8-arm64'],
])('the release of a kernel, with its stable update: %s', (banner, release) => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-image-'));
  try {
    writeFileSync(join(folder, 'Image'), `MZ\0\0Linux version ${banner}\n\0more`);
    expect(releaseOf(join(folder, 'Image'))).toBe(release);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the doctor names one command: packages first, then the set-up', () => {
  const qemu = { what: 'qemu', found: false, text: '', packages: ['qemu-system-arm'] };
  const kernel = { what: 'kernel 6.1', found: false, text: '', packages: [] };
  expect(remedy([qemu, kernel], false)).toBe(
    'sudo apt-get install --no-install-recommends qemu-system-arm',
  );
  expect(remedy([{ ...qemu, found: true }, kernel], true)).toBe('doorbell linux setup');
  expect(remedy([{ ...kernel, found: true }], true)).toBeUndefined();
});
