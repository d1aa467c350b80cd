/** Message registers and mask bits. PCI Local Bus 3.0, 6.8.1 and 6.8.2. */
import { describe, expect, test } from '@jest/globals';
import { Store } from '../../state/store.ts';
import { MSI_MODE, MsiFunctions } from './msi-function.ts';

/**
 * Device 0: 8 vectors from row 0 on; device 1: 2 vectors from row 8 on, without an MSI capability.
 */
function make(msi: { addressBits: 32 | 64; maskable: boolean }) {
  const store = new Store();
  const functions = new MsiFunctions(
    store,
    [
      { firstVector: 0, msi },
      { firstVector: 8, msi: undefined },
    ],
    10,
  );
  store.seal();
  return functions;
}

const FULL = { addressBits: 64, maskable: true } as const;

describe('MSI', () => {
  test('the vector replaces the low bits of the data that Multiple Message Enable gives it', () => {
    const f = make(FULL);
    f.setMode(0, MSI_MODE.msi);
    f.setMultiple(0, 2);
    f.writeData(0, 0, 0x50);
    expect([0, 1, 3].map((v) => f.sentData(0, v))).toEqual([0x50, 0x51, 0x53]);
    // A base that is not aligned loses its low bits: all vectors land elsewhere.
    f.writeData(0, 0, 0x52);
    expect(f.sentData(0, 1)).toBe(0x51);
  });

  test('without MSI Enable nothing is sent; vectors that are not enabled neither', () => {
    const f = make(FULL);
    f.setMode(0, MSI_MODE.msi);
    f.setMultiple(0, 1);
    expect(f.emission(0, 0)).toBe('disabled');
    f.setEnabled(0, true);
    expect([0, 1, 2].map((v) => f.emission(0, v))).toEqual(['send', 'send', 'disabled']);
  });

  test('a 32-bit capability has no upper address register; address bits 1:0 are zero', () => {
    const f = make({ addressBits: 32, maskable: true });
    f.setMode(0, MSI_MODE.msi);
    f.writeAddressHi(0, 0, 7);
    f.writeAddressLo(0, 0, 0x1043);
    expect([f.hi(0), f.lo(0)]).toEqual([0, 0x1040]);
    // Its MSI-X table has one all the same.
    f.setMode(0, MSI_MODE.msix);
    f.writeAddressHi(0, 0, 7);
    expect(f.hi(0)).toBe(7);
  });

  test('mask bits are there only with Per-Vector Masking', () => {
    for (const maskable of [true, false]) {
      const f = make({ addressBits: 64, maskable });
      f.setMode(0, MSI_MODE.msi);
      f.setEnabled(0, true);
      expect(f.setMasked(0, 0, true)).toBe(maskable);
      expect(f.emission(0, 0)).toBe(maskable ? 'pending' : 'send');
    }
  });
});

describe('MSI-X', () => {
  test('each entry has its own message of 64 and 32 bits and its own mask', () => {
    const f = make(FULL);
    f.setMode(0, MSI_MODE.msix);
    f.setEnabled(0, true);
    f.writeAddressHi(0, 2, 0xffff_ffff | 0);
    f.writeData(0, 2, 0xffff_ffff | 0);
    expect([f.hi(2), f.sentData(0, 2), f.hi(1)]).toEqual([0xffff_ffff, 0xffff_ffff, 0]);
    f.setMasked(0, 2, true);
    expect([f.emission(0, 1), f.emission(0, 2)]).toEqual(['send', 'pending']);
  });

  test('the function mask holds back every entry', () => {
    const f = make(FULL);
    f.setMode(0, MSI_MODE.msix);
    f.setEnabled(0, true);
    f.setFunctionMask(0, true);
    expect(f.emission(0, 1)).toBe('pending');
  });
});

test('a platform device is quiet while its message has no address, and cannot mask', () => {
  const f = make(FULL);
  f.setMode(1, MSI_MODE.platform);
  f.setEnabled(1, true);
  expect(f.emission(1, 8)).toBe('disabled');
  f.writeAddressLo(1, 8, 0x40);
  expect(f.emission(1, 8)).toBe('send');
  expect(f.setMasked(1, 8, true)).toBe(false);
});
