/** Both generations of SMMU: who is translated, who bypasses, and what a refusal is called. */
import { describe, expect, test } from '@jest/globals';
import { EventLog } from '../../events/event-log.ts';
import { Store } from '../../state/store.ts';
import { PageTables, PROT } from './page-table.ts';
import { FAULT, FAULT_NAMES, faultName, pteOf } from './smmu.ts';
import { S2CR, SmmuV2Block } from './smmu-v2.ts';
import { SmmuV3Block, STE } from './smmu-v3.ts';
import { Tlb } from './tlb.ts';

function parts() {
  const store = new Store();
  const log = new EventLog();
  const tables = new PageTables(store, log, 2, 4);
  return { store, log, tables, tlb: new Tlb(store, tables, [-1, -1], true) };
}

function v3(streamTable: 'linear' | 'two-level', stage: 1 | 2 = 1, streamIdBits = 9) {
  const { store, log, tables, tlb } = parts();
  const smmu = new SmmuV3Block(store, log, tlb, {
    index: 0,
    caches: true,
    queue: 0,
    stage,
    streamIdBits,
    streamTable,
    iovaBits: 32,
    streamIds: [0x10, 0x11, 0x10, 0x110],
    deviceOf: () => -1,
  });
  store.seal();
  return { smmu, tables };
}

function v2(unmatchedStreams: 'fault' | 'bypass') {
  const { store, log, tables, tlb } = parts();
  const smmu = new SmmuV2Block(store, log, tlb, {
    index: 0,
    queue: 0,
    stage: 1,
    streamIdBits: 15,
    streamMappingGroups: 2,
    contextBanks: 1,
    faultUnmatched: unmatchedStreams === 'fault',
    iovaBits: 32,
  });
  store.seal();
  return { smmu, tables };
}

/** SMMU_SMRn without a mask, and SMMU_S2CRn. */
function writeGroup(smmu: SmmuV2Block, group: number, id: number, type: number, bank: number) {
  smmu.writeSmr(group, id, 0);
  smmu.writeS2cr(group, type, bank);
}

describe('SMMUv3 (IHI 0070)', () => {
  test('a stream that no driver probed: C_BAD_STREAMID in two levels, silent abort in a linear table', () => {
    expect(v3('two-level').smmu.translate(0x10, 0)).toBe(-FAULT.C_BAD_STREAMID);
    expect(v3('linear').smmu.translate(0x10, 0)).toBe(-FAULT.ABORT);
    // A StreamID from 2**SIDSIZE on has no entry in either (7.3.3).
    expect(v3('linear').smmu.translate(0x200, 0)).toBe(-FAULT.C_BAD_STREAMID);
  });

  test('a second level is made with the first StreamID of 256, all abort; 8 bits are a linear table', () => {
    const { smmu } = v3('two-level');
    smmu.writeSte(0x10, STE.bypass, 0);
    expect(smmu.translate(0x11, 0)).toBe(-FAULT.ABORT);
    expect(smmu.translate(0xff, 0)).toBe(-FAULT.ABORT);
    expect(smmu.translate(0x110, 0)).toBe(-FAULT.C_BAD_STREAMID);
    const narrow = v3('two-level', 1, 8).smmu;
    expect(narrow.translate(0x10, 0)).toBe(-FAULT.ABORT);
    expect(narrow.translate(0x100, 0)).toBe(-FAULT.C_BAD_STREAMID);
  });

  test('STE.Config decides: abort, bypass, translate', () => {
    const { smmu, tables } = v3('two-level');
    smmu.writeSte(0x10, STE.abort, 0);
    expect(smmu.translate(0x10, 0x1000)).toBe(-FAULT.ABORT);
    smmu.writeSte(0x10, STE.bypass, 0);
    expect(smmu.translate(0x10, 0x1234)).toBe(0x1234);
    expect(smmu.translate(0x10, 2 ** 52)).toBe(-FAULT.F_ADDR_SIZE);
    smmu.writeSte(0x10, STE.translate, 1);
    expect(smmu.translate(0x10, 0x1000)).toBe(-FAULT.F_TRANSLATION);
    tables.map(1, 0x1000, 0x8_0009_0000, 4096, PROT.WRITE);
    tables.map(1, 0x2000, 0x9000, 4096, PROT.READ);
    expect(smmu.translate(0x10, 0x1040)).toBe(0x8_0009_0040);
    expect(smmu.translate(0x10, 0x2040)).toBe(-FAULT.F_PERMISSION);
    expect(smmu.translate(0x10, 0x3000)).toBe(-FAULT.F_TRANSLATION);
  });

  test('the tables are those of the domain, each stream its own', () => {
    const { smmu, tables } = v3('two-level');
    smmu.writeSte(0x10, STE.translate, 0);
    smmu.writeSte(0x11, STE.translate, 1);
    tables.map(0, 0x1000, 0x5000, 4096, PROT.WRITE);
    expect(smmu.translate(0x10, 0x1000)).toBe(0x5000);
    expect(smmu.translate(0x11, 0x1000)).toBe(-FAULT.F_TRANSLATION);
  });

  test('an address past the input size is a translation fault, exact or rounded', () => {
    const { smmu } = v3('two-level');
    smmu.writeSte(0x10, STE.translate, 0);
    expect(smmu.translate(0x10, 2 ** 32)).toBe(-FAULT.F_TRANSLATION);
    expect(smmu.translate(0x10, 2 ** 64)).toBe(-FAULT.F_TRANSLATION);
  });
});

describe('SMMUv2 (IHI 0062)', () => {
  test('a stream that no group matches: USF or bypass, as sCR0.USFCFG says', () => {
    expect(v2('fault').smmu.translate(7, 0)).toBe(-FAULT['sGFSR.USF']);
    expect(v2('bypass').smmu.translate(7, 0x40)).toBe(0x40);
  });

  test('S2CR.TYPE decides: fault, bypass, translate', () => {
    const { smmu, tables } = v2('fault');
    const group = smmu.freeGroup();
    writeGroup(smmu, group, 7, S2CR.fault, 0);
    expect(smmu.translate(7, 0)).toBe(-FAULT['sGFSR.ICF']);
    writeGroup(smmu, group, 7, S2CR.bypass, 0);
    expect(smmu.translate(7, 0x40)).toBe(0x40);
    // F_ADDR_SIZE is an SMMUv3's event, and without a context bank there is no FSR to record a
    // fault in.
    expect(smmu.translate(7, 2 ** 52)).toBe(2 ** 52);
    smmu.writeBank(smmu.freeBank(), 1);
    writeGroup(smmu, group, 7, S2CR.translate, smmu.bankOf(1));
    expect(smmu.translate(7, 0x1000)).toBe(-FAULT['CB_FSR.TF']);
    tables.map(1, 0x1000, 0x9000, 4096, PROT.READ);
    tables.map(1, 0x2000, 0xa000, 4096, PROT.WRITE);
    expect(smmu.translate(7, 0x1000)).toBe(-FAULT['CB_FSR.PF']);
    expect(smmu.translate(7, 0x2040)).toBe(0xa040);
    expect(smmu.domainOf(7)).toBe(1);
  });

  test('groups and banks run out, and come back', () => {
    const { smmu } = v2('fault');
    writeGroup(smmu, smmu.freeGroup(), 1, S2CR.bypass, 0);
    writeGroup(smmu, smmu.freeGroup(), 2, S2CR.bypass, 0);
    expect(smmu.freeGroup()).toBe(-1);
    writeGroup(smmu, smmu.match(1), 0, S2CR.invalid, 0);
    expect(smmu.freeGroup()).toBe(0);
    smmu.writeBank(0, 0);
    expect(smmu.freeBank()).toBe(-1);
    smmu.writeBank(0, -1);
    expect(smmu.freeBank()).toBe(0);
  });
});

test('stage 1 has no write-only descriptor, stage 2 has (AP[2:1] and S2AP, DDI 0487)', () => {
  expect(pteOf(PROT.WRITE, 1)).toBe('RW');
  expect(pteOf(PROT.WRITE, 2)).toBe('W');
  expect(pteOf(PROT.READ | PROT.WRITE, 2)).toBe('RW');
  expect([pteOf(PROT.READ, 1), pteOf(PROT.READ, 2)]).toEqual(['R', 'R']);
});

test('fault codes and names go both ways', () => {
  for (const name of FAULT_NAMES) expect(faultName(FAULT[name])).toBe(name);
  expect(FAULT_NAMES.length).toBe(new Set(Object.values(FAULT)).size);
});
