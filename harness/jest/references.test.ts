import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { referencedNames } from '../spec/referenced.ts';
import { hashReferences } from './references.ts';

describe('referencedNames', () => {
  test.each([
    ['topology: ../topologies/virt.yaml', ['../topologies/virt.yaml']],
    ['topology: "my machines/virt.yml" # quoted', ['my machines/virt.yml']],
    ['topology: my machines/virt.yaml', ['my machines/virt.yaml']],
    ['topology: { include: a.yaml, cpus: 2 }', ['a.yaml']],
    ["include: [a.yaml, 'b.yaml']", ['a.yaml', 'b.yaml']],
    ['include:\r\n  - a.yaml\r\n  - b.yaml\r\n', ['a.yaml', 'b.yaml']],
    ['  include: a.yaml # the machine', ['a.yaml']],
    ['# yaml-language-server: $schema=spec.yaml', []],
    ['title: no file', []],
    ['topology: { firmware: "boards/my board.dtb", devices: {} }', ['boards/my board.dtb']],
    ['  firmware: ../tables # ACPI', ['../tables']],
    ['  firmware: { x: y }', []],
  ])('%j', (text, names) => {
    expect([...referencedNames(text)]).toEqual(names);
  });
});

describe('hashReferences', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'doorbell-references-'));
    mkdirSync(join(folder, 'machines'));
    writeFileSync(join(folder, 'machines/a.yaml'), 'include: b.yaml\n');
    writeFileSync(join(folder, 'machines/b.yaml'), 'include: a.yaml\ncpus: 1\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const hash = (): string =>
    hashReferences('topology: machines/a.yaml\n', join(folder, 'x.spec.yaml'));

  test('changes with a file that an included file includes, in spite of a cycle', () => {
    const before = hash();
    expect(hash()).toBe(before);
    writeFileSync(join(folder, 'machines/b.yaml'), 'include: a.yaml\ncpus: 2\n');
    expect(hash()).not.toBe(before);
  });

  test('tells a missing file from an empty one', () => {
    writeFileSync(join(folder, 'machines/b.yaml'), '');
    const empty = hash();
    rmSync(join(folder, 'machines/b.yaml'));
    expect(hash()).not.toBe(empty);
  });
});
