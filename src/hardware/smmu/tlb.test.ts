/**
 * What SMMUs keep and how it ends: what QEMU's SMMU showed (a PTE cleared without TLBI, an STE
 * without CFGI), and SYNC.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventLog } from '../../events/event-log.ts';
import { Store } from '../../state/store.ts';
import { CommandFifo } from '../command-fifo.ts';
import { PageTables, PROT } from './page-table.ts';
import { FAULT } from './smmu.ts';
import { SmmuV3Block, STE } from './smmu-v3.ts';
import { S2CR, SmmuV2Block } from './smmu-v2.ts';
import { Tlb } from './tlb.ts';

const PAGE = 4096;
const STREAM = 0x10;

/**
 * One stream in domain 0 (ASID 1), whose page 0x1000 is at 0x9000; `queue`: room for commands that
 * wait for SYNC.
 */
function v3(queue = 0, caches = true) {
  const store = new Store();
  const log = new EventLog();
  const tables = new PageTables(store, log, 2, 3);
  const tlb = new Tlb(store, tables, [-1, -1], caches);
  const smmu = new SmmuV3Block(store, log, tlb, {
    ...{ index: 0, caches, queue, stage: 1, streamIdBits: 8, streamTable: 'two-level' },
    ...{ iovaBits: 32, streamIds: [STREAM], deviceOf: () => -1 },
  });
  store.seal();
  tables.setTag(0, 1);
  tables.setTag(1, 2);
  tables.map(0, 0x1000, 0x9000, PAGE, PROT.WRITE);
  smmu.writeSte(STREAM, STE.translate, 0);
  return { smmu, tables, tlb };
}

/** SMMU_SMRn without a mask, and SMMU_S2CRn. */
function writeGroup(smmu: SmmuV2Block, group: number, id: number, type: number, bank: number) {
  smmu.writeSmr(group, id, 0);
  smmu.writeS2cr(group, type, bank);
}

describe('a translation that was used', () => {
  test('outlives its PTE until TLBI by address, or by ASID', () => {
    for (const end of ['va', 'asid'] as const) {
      const { smmu, tables } = v3();
      expect(smmu.access(STREAM, 0x1040)).toBe(0x9040);
      tables.unmap(0, 0x1000, PAGE);
      expect(smmu.access(STREAM, 0x1040)).toBe(0x9040);
      if (end === 'va') smmu.commands.tlbiVa(1, 0x1000, PAGE);
      else smmu.commands.tlbiAsid(1);
      expect(smmu.access(STREAM, 0x1040)).toBe(-FAULT.F_TRANSLATION);
    }
  });

  test('is of its page, its ASID, and of what was mapped', () => {
    const { smmu, tables } = v3();
    tables.map(0, 0x2000, 0xa000, PAGE, PROT.WRITE);
    smmu.access(STREAM, 0x1040);
    smmu.access(STREAM, 0x5000);
    tables.unmap(0, 0x1000, 2 * PAGE);
    tables.map(0, 0x5000, 0xb000, PAGE, PROT.WRITE);
    expect(smmu.access(STREAM, 0x2000)).toBe(-FAULT.F_TRANSLATION);
    // A fault is not kept: a new mapping needs no invalidation.
    expect(smmu.access(STREAM, 0x5000)).toBe(0xb000);
    smmu.commands.tlbiVa(2, 0x1000, PAGE);
    smmu.commands.tlbiVa(1, 0x2000, PAGE);
    expect(smmu.access(STREAM, 0x1040)).toBe(0x9040);
  });

  test('keeps its permission', () => {
    const { smmu, tables } = v3();
    smmu.access(STREAM, 0x1000);
    tables.unmap(0, 0x1000, PAGE);
    tables.map(0, 0x1000, 0x9000, PAGE, PROT.READ);
    expect(smmu.access(STREAM, 0x1000)).toBe(0x9000);
    smmu.commands.tlbiVa(1, 0x1000, PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT.F_PERMISSION);
  });

  test('is not made by looking', () => {
    const { smmu, tables } = v3();
    expect(smmu.translate(STREAM, 0x1000)).toBe(0x9000);
    tables.unmap(0, 0x1000, PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT.F_TRANSLATION);
  });

  test('goes when newer ones need its place', () => {
    const { smmu, tables, tlb } = v3();
    tables.map(0, 0x2000, 0xa000, 4 * PAGE, PROT.WRITE);
    for (let page = 1; page <= 4; page++) smmu.access(STREAM, page * PAGE);
    expect(tlb.entries.count(1)).toBe(3);
    tables.unmap(0, 0, 8 * PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT.F_TRANSLATION);
    expect(smmu.access(STREAM, 0x4000)).toBe(0xc000);
  });

  test('is not kept by an SMMU that keeps nothing', () => {
    const { smmu, tables } = v3(0, false);
    smmu.access(STREAM, 0x1000);
    tables.unmap(0, 0x1000, PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT.F_TRANSLATION);
  });

  test('an SMMUv2 keeps them, too, and its stream match registers are no cache', () => {
    const store = new Store();
    const log = new EventLog();
    const tables = new PageTables(store, log, 1, 3);
    const tlb = new Tlb(store, tables, [-1], true);
    const smmu = new SmmuV2Block(store, log, tlb, {
      ...{ index: 0, queue: 0, stage: 1, streamIdBits: 15, streamMappingGroups: 1, iovaBits: 32 },
      ...{ contextBanks: 1, faultUnmatched: true },
    });
    store.seal();
    tables.setTag(0, 1);
    tables.map(0, 0x1000, 0x9000, PAGE, PROT.WRITE);
    smmu.writeBank(0, 0);
    writeGroup(smmu, 0, STREAM, S2CR.translate, 0);
    smmu.access(STREAM, 0x1000);
    tables.unmap(0, 0x1000, PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(0x9000);
    smmu.commands.tlbiVa(1, 0x1000, PAGE);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT['CB_FSR.TF']);
    writeGroup(smmu, 0, STREAM, S2CR.fault, 0);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT['sGFSR.ICF']);
  });
});

describe('an STE that was used', () => {
  test('counts until CFGI_STE, whatever the table says', () => {
    const { smmu } = v3();
    smmu.access(STREAM, 0x1000);
    smmu.writeSte(STREAM, STE.abort, 0);
    expect([smmu.access(STREAM, 0x1000), smmu.isStale(0)]).toEqual([0x9000, true]);
    smmu.commands.cfgiSte(STREAM);
    expect([smmu.access(STREAM, 0x1000), smmu.isStale(0)]).toEqual([-FAULT.ABORT, false]);
  });

  test('one that the driver has not written is not kept', () => {
    const { smmu } = v3();
    smmu.writeSte(STREAM, STE.absent, 0);
    expect(smmu.access(STREAM, 0x1000)).toBe(-FAULT.ABORT);
    smmu.writeSte(STREAM, STE.translate, 0);
    expect(smmu.access(STREAM, 0x1000)).toBe(0x9000);
  });
});

describe('the command queue', () => {
  test('what is posted takes effect at CMD_SYNC, in order', () => {
    const { smmu, tables } = v3(4);
    smmu.access(STREAM, 0x1000);
    tables.unmap(0, 0x1000, PAGE);
    smmu.commands.tlbiVa(1, 0x1000, PAGE);
    smmu.commands.cfgiSte(STREAM);
    expect([smmu.access(STREAM, 0x1000), smmu.commands.queue.length]).toEqual([0x9000, 2]);
    smmu.commands.sync();
    expect([smmu.access(STREAM, 0x1000), smmu.commands.queue.length]).toEqual([
      -FAULT.F_TRANSLATION,
      0,
    ]);
  });

  test('with room and a SYNC after each command it does what it does without room', () => {
    const action = fc.record({
      what: fc.constantFrom('use', 'map', 'unmap', 'va', 'asid', 'ste', 'cfgi'),
      page: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const machines = [v3(0), v3(2)];
        const ends = machines.map(({ smmu, tables }) =>
          actions.map(({ what, page }) => {
            const address = page * PAGE;
            if (what === 'map') tables.map(0, address, 0x9000 + address, PAGE, PROT.WRITE);
            else if (what === 'unmap') tables.unmap(0, address, PAGE);
            else if (what === 'va') smmu.commands.tlbiVa(1, address, PAGE);
            else if (what === 'asid') smmu.commands.tlbiAsid(1);
            else if (what === 'ste') smmu.writeSte(STREAM, page, 0);
            else if (what === 'cfgi') smmu.commands.cfgiSte(STREAM);
            if (what === 'va' || what === 'asid' || what === 'cfgi') smmu.commands.sync();
            return what === 'use' ? smmu.access(STREAM, address) : 0;
          }),
        );
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('a full queue is read from its oldest entry on; an empty one is words of zero', () => {
    const store = new Store();
    const done: string[] = [];
    const fifo = new CommandFifo(store, 2, (op, a, b, c, d) => done.push([op, a, b, c, d].join()));
    store.seal();
    for (const op of [1, 2, 3]) fifo.post(op, 2 ** 32 + op, 20, 30, 40);
    expect([done, fifo.length]).toEqual([['1,4294967297,20,30,40'], 2]);
    fifo.drain();
    expect(done.at(-1)).toBe('3,4294967299,20,30,40');
    expect(store.words.every((word) => word === 0)).toBe(true);
  });
});
