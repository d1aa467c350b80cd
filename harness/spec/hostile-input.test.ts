/** Files that no spec should be: one clear diagnostic each, soon, and never an exception. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Loaded, loadSpec, loadSpecText } from './load.ts';
import { renderDiagnostic } from './render.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'doorbell-hostile-'));
  mkdirSync(join(root, 'project/specs'), { recursive: true });
  writeFileSync(join(root, 'project/package.json'), '{}');
  writeFileSync(join(root, 'outside.yaml'), TOPOLOGY);
  writeFileSync(join(root, 'project/topology.yaml'), TOPOLOGY);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const TOPOLOGY = `msi-controllers:
  its: { kind: gicv3-its, base: 0x0808_0000 }
devices:
  nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: its }
`;
const spec = (topology: string): string => `title: A spec
topology: ${topology}
designs: [tracked]
steps:
  - setup: { device: nic, vectors: 1 }
    expect: { error: none }
`;

function load(name: string, content?: string | Uint8Array): Loaded {
  const path = join(root, 'project/specs', name);
  if (content !== undefined) writeFileSync(path, content);
  return loadSpec(path, { root: join(root, 'project') });
}

const only = ({ cases, diagnostics }: Loaded): string => {
  expect(cases).toEqual([]);
  expect(diagnostics).toHaveLength(1);
  return `${diagnostics[0]?.code} ${diagnostics[0]?.message}`;
};

const inText = (text: string): Loaded =>
  loadSpecText(text, { file: join(root, 'a.spec.yaml'), root });

describe('files', () => {
  test('the control: a good spec with a topology beside it', () => {
    const { cases, diagnostics, includes } = load('good.spec.yaml', spec('../topology.yaml'));
    expect(diagnostics).toEqual([]);
    expect(cases).toHaveLength(1);
    expect(includes).toEqual([join(root, 'project/topology.yaml')]);
  });

  test('a byte order mark and CRLF line ends are taken', () => {
    const text = `\ufeff${spec('../topology.yaml')}`.replaceAll('\n', '\r\n');
    const { cases, diagnostics } = load('bom.spec.yaml', text);
    expect(diagnostics).toEqual([]);
    expect(cases[0]?.place).toEqual({ file: 'specs/bom.spec.yaml', line: 1, col: 8, endCol: 14 });
    expect(cases[0]?.steps[0]?.place).toMatchObject({ line: 5, col: 5, endCol: 10 });
  });

  test('one that is not there', () => {
    expect(only(load('missing.spec.yaml'))).toBe(
      'DB101 cannot read specs/missing.spec.yaml: there is no such file',
    );
  });

  test('a folder', () => {
    mkdirSync(join(root, 'project/specs/folder.spec.yaml'));
    expect(only(load('folder.spec.yaml'))).toMatch(/^DB101 .* is a folder/);
  });

  test('one that may not be read', () => {
    load('secret.spec.yaml', spec('../topology.yaml'));
    const path = join(root, 'project/specs/secret.spec.yaml');
    chmodSync(path, 0);
    // The superuser reads everything: nobody refuses it there.
    if (process.getuid?.() === 0) {
      expect(load('secret.spec.yaml').cases).toHaveLength(1);
      return;
    }
    expect(only(load('secret.spec.yaml'))).toMatch(/^DB101 .* permission denied/);
  });

  test('a link to itself', () => {
    symlinkSync('itself.spec.yaml', join(root, 'project/specs/itself.spec.yaml'));
    expect(only(load('itself.spec.yaml'))).toMatch(/^DB101 .* too many symbolic links/);
  });

  test('one that the system lets nobody read', () => {
    // Opens, and fails at the first read, for the superuser too.
    expect(only(loadSpec('/proc/self/mem', { root: '/proc' }))).toMatch(/^DB101 cannot read/);
  });

  test('one of 50 MB is not read', () => {
    load('large.spec.yaml', '');
    truncateSync(join(root, 'project/specs/large.spec.yaml'), 50_000_000);
    expect(only(load('large.spec.yaml'))).toMatch(/^DB102 .* 50000000 bytes/);
  });

  test('NUL bytes and bytes that are not UTF-8, with their offset', () => {
    expect(only(load('nul.spec.yaml', 'title: a\0b\n'))).toMatch(/^DB103 .* offset 8/);
    const latin = new Uint8Array([...'title: gr'].map((c) => c.charCodeAt(0)).concat(0xfc, 0x6e));
    expect(only(load('latin.spec.yaml', latin))).toMatch(/^DB103 .* offset 9/);
  });
});

describe('includes', () => {
  test('outside the project, by its path and by a link', () => {
    expect(only(load('out.spec.yaml', spec('../../outside.yaml')))).toMatch(/^DB308 .* outside/);
    symlinkSync('../outside.yaml', join(root, 'project/link.yaml'));
    expect(only(load('link.spec.yaml', spec('../link.yaml')))).toMatch(/^DB308 .* outside/);
    symlinkSync('..', join(root, 'project/up'));
    expect(only(load('up.spec.yaml', spec('../up/outside.yaml')))).toMatch(/^DB308 .* outside/);
  });

  test('mistakes of an included file are shown in that file', () => {
    writeFileSync(join(root, 'project/bad.yaml'), TOPOLOGY.replace('msix', 'misx'));
    const { diagnostics } = load('bad.spec.yaml', spec('../bad.yaml'));
    expect(diagnostics).toMatchObject([
      { code: 'DB201', place: { file: 'bad.yaml', line: 4, col: 40 } },
    ]);
  });

  test('a topology that includes itself', () => {
    writeFileSync(join(root, 'project/loop.yaml'), `include: loop.yaml\n${TOPOLOGY}`);
    expect(only(load('loop.spec.yaml', spec('../loop.yaml')))).toBe(
      'DB308 files include each other: specs/loop.spec.yaml -> loop.yaml -> loop.yaml',
    );
  });
});

describe('YAML', () => {
  test.each([
    ['20,000 open brackets', 'title: ' + '['.repeat(20_000), 'DB106'],
    ['20,000 open braces', 'title: ' + '{ a: '.repeat(20_000), 'DB106'],
    ['20,000 dashes', '- '.repeat(20_000) + 'x', 'DB106'],
    ['nothing', '', 'DB203'],
    ['a comment', '# nothing\n', 'DB203'],
    ['a word', 'hello', 'DB203'],
    ['a list', '- a', 'DB203'],
    ['an alias to itself', 'title: &a [*a]', 'DB106'],
    ['an alias to nothing', 'title: *a', 'DB104'],
    ['a mapping for a key', '? { a: b }\n: c', 'DB107'],
    ['a __proto__', '__proto__: { title: x }', 'DB107'],
  ])('%s', (_, text, code) => {
    const { cases, diagnostics } = inText(text);
    expect(cases).toEqual([]);
    expect(diagnostics[0]?.code).toBe(code);
    expect(diagnostics).toHaveLength(1);
  });

  // Both grew with the square of the size: these took minutes.
  test('forty thousand keys', () => {
    const keys = Array.from({ length: 40_000 }, (_, n) => `k${n}: 1\n`).join('');
    expect(inText(keys).diagnostics).toHaveLength(20);
  }, 15_000);

  test('two hundred thousand errors', () => {
    expect(only(inText(`title: "${'\\u'.repeat(200_000)}"`))).toMatch(/^DB104 .*more\)$/);
  }, 15_000);

  test('at most 20 mistakes of a file are shown, and the others counted', () => {
    const { diagnostics } = inText(
      `${spec('x')}${Array.from({ length: 50 }, (_, n) => `k${n}: 1\n`).join('')}`,
    );
    expect(diagnostics).toHaveLength(20);
    expect(diagnostics.at(-1)?.message).toMatch(/\(and 30 more\)$/);
  });

  test('whatever the text, there is a diagnostic or a case, and every diagnostic can be shown', () => {
    const words = spec(`{ ${TOPOLOGY.replaceAll('\n', ' ')} }`).split(/(\s+|[{}[\]:,])/);
    const piece = fc.oneof(
      fc.constantFrom(...words, ...'{}[]:,-&*!|>\'"%@`#?~\t\n\r\0\u2028\ud800', '${x}', '<<'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(words.length), (pieces, at) => {
        const text = [...words.slice(0, at), ...pieces, ...words.slice(at)].join('');
        const { cases, diagnostics } = inText(text);
        expect(cases.length + diagnostics.length).toBeGreaterThan(0);
        for (const diagnostic of diagnostics) {
          const shown = renderDiagnostic(diagnostic, { color: false });

          expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/);
          const { line = 1, col = 1, endCol = 2 } = diagnostic.place ?? {};
          expect(line).toBeGreaterThan(0);
          expect(col).toBeGreaterThan(0);
          expect(endCol).toBeGreaterThan(col);
        }
      }),
      { numRuns: 500 },
    );
  });
});
