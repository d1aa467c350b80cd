/** explain, check and import as processes: what they print, and how they end. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flatten, sourceNode, virt } from '../../src/firmware/fdt/testing/trees.ts';
import type { SourceNode } from '../../src/firmware/fdt/write-fdt.ts';

const ROOT = join(__dirname, '../..');
const BUILD = join(ROOT, 'node_modules/.cache/doorbell-firmware-test');
const REQUIRE =
  "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);";
const LAPTOP = join(ROOT, 'docs/examples/laptop.dtb');

let folder: string;
beforeAll(() => {
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
    join(ROOT, 'harness/cli/main.ts'),
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--splitting',
    '--log-level=error',
    `--banner:js=${REQUIRE}`,
    `--outdir=${BUILD}`,
  ]);
  folder = mkdtempSync(join(tmpdir(), 'doorbell-explain-'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function doorbell(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(BUILD, 'main.js'), ...args],
    { cwd: folder, encoding: 'utf8', timeout: 30_000, env: { ...process.env, NO_COLOR: '1' } },
  );
  return { code: status, out: stdout, err: stderr };
}
function put(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('explain', () => {
  test('JSON: IDs as 0x strings, reasons as words', () => {
    const { code, out } = doorbell('explain', LAPTOP, '--json', '--rid', '0004:01:00.0');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      source: { kind: 'device-tree', era: '6.12', title: 'ACME Laptop 14', cpus: 4 },
      bridges: [
        {
          path: '/pcie@10000000',
          available: true,
          busRange: [0, 1],
          msi: [{ rid: '0x100', controller: '/intc@8000000/its@8080000', deviceId: '0x10100' }],
          iommu: [{ rid: '0x100', bypass: 'disabled', at: '/smmuv3@9050000' }],
        },
      ],
    });
  });

  test.each([
    ['/dma@900000', /StreamID 0x136 mask 0x0[^]*DeviceID 0x77/],
    ['/pcie@10000000/wifi@0,0', /RID 0x100 \(01:00\.0\)[^]*DeviceID 0x10100/],
    ['/pcie@10000000', /00:00\.0 to 01:1f\.7/],
  ])('--device %s', (device, text) => {
    const { code, out } = doorbell('explain', LAPTOP, '--device', device);
    expect(out).toMatch(text);
    expect(code).toBe(0);
  });

  test.each([
    [['nowhere.dtb'], /DB601 {2}nowhere\.dtb: /],
    [['text.txt'], /DB617/],
    [[LAPTOP, '--device', '/dma@90000'], /DB618[^]*near: \/dma@900000/],
    [[LAPTOP, '--rid', '0009:00:00.0'], /DB618/],
    [[LAPTOP, '--rid', '00:20.0'], /A requester is/],
    [[LAPTOP, '--era', '5.4'], /An era is one of 6\.1, 6\.12, 7\.x/],
  ])('%j is refused', (args, text) => {
    put('text.txt', 'hello');
    const { code, err } = doorbell('explain', ...args);
    expect(err).toMatch(text);
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });

  test.each([
    [
      'source.dts',
      '// a board\n/dts-v1/;\n/ { };\n',
      /hint: this is the source .*: dtc -I dts -O dtb/,
    ],
    ['packed.dtb', new Uint8Array([0x1f, 0x8b, 8, 0]), /hint: it is compressed: gzip -dc/],
    ['nothing.dtb', '', /hint: the file is empty/],
  ])('%s: what to do instead', (name, content, hint) => {
    const { code, err } = doorbell('explain', put(name, content));
    expect(err).toMatch(/^DB617/);
    expect(err).toMatch(hint);
    expect(code).toBe(2);
  });

  test('a way begins with what comes of it and where to look, in 80 columns', () => {
    const { out } = doorbell('explain', LAPTOP, '--rid', '0004:01:00.0');
    const [, so, , , instead] = out.split('\n');
    expect(so).toMatch(/^ {2}so {6}doubtful: Linux sets no IOMMU up/);
    expect(instead).toMatch(/^ {2}try {5}\/smmuv3@9050000: status = "okay"/);
    for (const args of [
      ['explain', LAPTOP],
      ['explain', LAPTOP, '--rid', '0004:01:00.0'],
      ['check', LAPTOP],
    ]) {
      const lines = doorbell(...args).out.split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    }
    const fine = put('fine.dtb', flatten(virt()));
    expect(doorbell('explain', fine, '--rid', '8').out).toMatch(
      /so {6}arrives[^]*IOMMU(?![^]*try )/,
    );
    const inside = virt({
      pcie: {
        compatible: 'qcom,pcie-sdm845',
        'msi-map': undefined,
        'iommu-map': [8, 0x8004, 0, 1],
      },
    });
    const bridge = doorbell(
      'explain',
      put('inside.dtb', flatten(inside)),
      '--rid',
      '0',
      '--rid',
      '8',
    );
    expect(bridge.out).toMatch(
      /so {6}arrives: the bridge itself[^]*DMA is doubtful[^]*MSI {5}inside the bridge\n[^]*so {6}arrives(?![^]*doubtful)/,
    );
    const none = put('none.dtb', flatten(virt({ its: { status: 'disabled' } })));
    expect(doorbell('explain', none, '--rid', '8').out).toMatch(
      /so {6}no MSI[^]*try {5}\/intc@8000000\/its@8080000: status = "okay"/,
    );
  });

  test('a tree that is cut off is one error, with the byte', () => {
    const file = put('cut.dtb', flatten(virt()).subarray(0, 200));
    const { code, out, err } = doorbell('explain', file);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^DB612 .*byte 4\): the tree is cut off: .*\n$/);
  });

  test('a live tree, as folders and files', () => {
    const base = join(folder, 'base');
    spread(base, sourceNode('', virt()));
    const { code, out } = doorbell('explain', base, '--rid', '0x8');
    expect(out).toContain('DeviceID 0x8');
    expect(code).toBe(0);
  });

  test('--svg writes a picture with the way in it', () => {
    const file = join(folder, 'board.svg');
    expect(doorbell('explain', LAPTOP, '--rid', '0x100', '--svg', file).code).toBe(0);
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/<svg [^]*ACME Laptop 14[^]*<\/svg>/);
    expect(svg).toContain('DeviceID 0x10100');
    expect(doorbell('explain', LAPTOP, '--svg', '/nowhere/x.svg')).toMatchObject({ code: 2 });
  });
});

function spread(path: string, node: SourceNode): void {
  mkdirSync(path);
  for (const [name, value] of node.properties) writeFileSync(join(path, name), value);
  writeFileSync(join(path, 'name'), `${node.name}\0`);
  for (const child of node.children) spread(join(path, child.name), child);
}

describe('check and import', () => {
  test('check: warnings pass, errors fail', () => {
    expect(doorbell('check', LAPTOP)).toMatchObject({ code: 0, err: '' });
    const file = put('broken.dtb', flatten(virt({ pcie: { 'msi-map': [0, 0x7777, 0, 1] } })));
    const { code, out } = doorbell('check', file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      findings: [{ severity: 'error', rule: 'broken-map', node: '/pcie@10000000' }, {}],
    });
  });

  test('check: widths of IDs, of all or of one node', () => {
    const its = '/intc@8000000/its@8080000';
    expect(doorbell('check', LAPTOP).out).toMatch(
      /not judged[^]*its@8080000\n {4}DeviceIDs up to 0x101ff: 17 bits or more/,
    );
    const json = JSON.parse(doorbell('check', LAPTOP, '--json').out) as { unknown: unknown[] };
    expect(json.unknown).toContainEqual({
      node: its,
      id: 'DeviceID',
      highest: '0x101ff',
      bits: 17,
    });
    const small = doorbell('check', LAPTOP, '--device-id-bits', `${its}=16`, '--sid-bits', '9');
    expect(small.out).toMatch(/device-table-too-small/);
    expect(small.out).not.toMatch(/not judged/);
    expect(small.code).toBe(1);
    expect(doorbell('check', LAPTOP, '--device-id-bits', '17').code).toBe(0);
    for (const [value, text] of [
      ['33', /A width is 1 to 32 bits/],
      ['/nowhere=16', /DB618[^]*\/nowhere is no SMMU[^]*there are .*its@8080000/],
    ] as const)
      expect(doorbell('check', LAPTOP, '--sid-bits', value)).toMatchObject({
        code: 2,
        err: expect.stringMatching(text),
      });
  });

  test('explain takes the imported topology, and a spec that has it', () => {
    expect(doorbell('import', LAPTOP, '-o', 'imported.yaml').code).toBe(0);
    const json = (file: string): unknown => {
      const { code, out } = doorbell('explain', file, '--json', '--rid', '0004:01:00.0');
      expect(code).toBe(0);
      const { bridges } = JSON.parse(out) as { bridges: Record<string, unknown>[] };
      return JSON.parse(
        JSON.stringify(bridges, (key, value: unknown) => (key === 'stages' ? undefined : value)),
      );
    };
    expect(json('imported.yaml')).toEqual(json(LAPTOP));
    put(
      'b.spec.yaml',
      `title: t
topology:
  include: imported.yaml
  devices: { wifi: { bus: pci, address: "01:00.0", msix: 4 } }
designs: [linux-6.15]
steps:
  - setup: { device: wifi, vectors: 1, cpu: 0 }
    expect: { messages: { wifi/0: { address: 0x0809_0040, data: 0 } } }
`,
    );
    expect(doorbell('run', 'b.spec.yaml').out).toMatch(/1 passed/);
    const { out, err } = doorbell('explain', 'b.spec.yaml', '--device', 'wifi');
    expect(out).toMatch(/RID 0x100[^]*DeviceID 0x10100/);
    const board = join(ROOT, 'specs/boards/sdm845-db845c.spec.yaml');
    expect(doorbell('explain', board, '--device', 'card').out).toMatch(
      /^\/soc@0\/pcie@1c08000 +RID 0x200/,
    );
    expect(err).toMatch(/DB619 .*\/smmuv3@9050000/);
  });

  test('a topology that is wrong has its place; check and import want firmware', () => {
    put('wrong.yaml', 'cpus: 1\ndevices:\n  nic: { bus: pci, address: "01:00.0", mxis: 4 }\n');
    const { code, err } = doorbell('explain', 'wrong.yaml');
    expect(err).toMatch(/wrong\.yaml:3:[^]*mxis/);
    expect(code).toBe(2);
    for (const command of ['check', 'import'])
      expect(doorbell(command, 'wrong.yaml')).toMatchObject({
        code: 2,
        err: expect.stringMatching(/DB617[^]*doorbell validate/),
      });
  });

  test('what was read is never written over, and a disk that is full loses nothing else', () => {
    const board = put('board.dtb', readFileSync(LAPTOP));
    for (const args of [
      ['import', board, '-o', board],
      ['explain', board, '--svg', board],
    ])
      expect(doorbell(...args)).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^DB602 .*board\.dtb: this is what was read/),
      });
    expect(readFileSync(board).equals(readFileSync(LAPTOP))).toBe(true);
    const full = expect.stringMatching(/^DB602 .*\/dev\/full: ENOSPC: no space left on device\n$/);
    expect(doorbell('import', board, '-o', '/dev/full')).toMatchObject({ code: 2, err: full });
  });

  test('import writes a file that validates', () => {
    const { code, out } = doorbell('import', LAPTOP, '-o', 'laptop.yaml', '--rid', '0004:01:00.0');
    expect([code, out]).toEqual([0, 'laptop.yaml: 1 controller, 1 IOMMU, 2 devices; 1 left out\n']);
    put(
      'a.spec.yaml',
      `title: t
topology: laptop.yaml
designs: [linux-6.15]
steps:
  - setup: { device: pci-01-00-0, vectors: 1, cpu: 0 }
    expect: { messages: { pci-01-00-0/0: { address: 0x0809_0040, data: 0 } } }
`,
    );
    expect(doorbell('run', 'a.spec.yaml').out).toMatch(/1 passed/);
    expect(doorbell('import', LAPTOP, '-o', '/nowhere/x.yaml')).toMatchObject({ code: 2 });
  });
});
