/**
 * Writing a message to the device: pci/msi/msi.c:__pci_write_msi_msg and the platform driver's
 * write_msi_msg callback. The address halves and the data are separate writes, as on the bus.
 */
import type { Design } from '../../designs/design.ts';
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import type { Kernel } from '../kernel.ts';
import { glue, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';

const rowOf = (k: Kernel, t: Thread): number => k.descOf(t.device, t.vector);

/**
 * mbigen_write_msi_msg and __fsl_mc_msi_write_msg return at once: "we don't really need to
 * unprogram the MSI".
 */
const isSkipped = (k: Kernel, t: Thread): boolean =>
  t.messageLo === 0 && t.messageHi === 0 && k.keepsMessage(t.device);

/** pci_msi_domain_write_msg: only the first vector of a multi-vector MSI writes the device. */
const isWritten = (k: Kernel, t: Thread): boolean => rowOf(k, t) === t.vector && !isSkipped(k, t);

const isMsix = (_: Kernel, t: Thread): boolean => t.mode === MSI_MODE.msix;

const isMasked = (k: Kernel, t: Thread): boolean => k.hw.functions.isMasked(t.vector);

/** With a read of the table after it. t.identity remembers it. */
const maskEntry = step(
  'pci_msix_mask',
  (k, t) => {
    t.identity = 1;
    k.hw.functions.setMasked(t.device, t.vector, true);
  },
  () => true,
);

const unmaskEntry = step('pci_msix_unmask', (k, t) => {
  t.identity = 0;
  k.hw.functions.setMasked(t.device, t.vector, false);
  k.hw.fabric.unmasked(t.device, t.vector);
});

/**
 * The MSI capability is in configuration space; the table and a platform device's registers are
 * not.
 */
const isConfigWrite = (_: Kernel, t: Thread): boolean => t.mode === MSI_MODE.msi;

const writeLo = step(
  'write_msi_msg: address_lo',
  (k, t) => k.hw.functions.writeAddressLo(t.device, rowOf(k, t), t.messageLo | 0),
  isConfigWrite,
);
const writeHi = step(
  'write_msi_msg: address_hi',
  (k, t) => k.hw.functions.writeAddressHi(t.device, rowOf(k, t), t.messageHi | 0),
  isConfigWrite,
);
/** Message Data of an MSI capability has 16 bits; that of an MSI-X entry 32. */
const writeData = step(
  'write_msi_msg: data',
  (k, t) =>
    k.hw.functions.writeData(
      t.device,
      rowOf(k, t),
      t.mode === MSI_MODE.msi ? t.messageData & 0xffff : t.messageData | 0,
    ),
  isConfigWrite,
);

/** The three writes of __pci_write_msi_msg, of t.message*. */
export const rawWrite: readonly Node[] = [writeLo, writeHi, writeData];

/** pci_write_msg_msix: an entry that is unmasked is masked during the update. */
export const rawMsixWrite: readonly Node[] = [
  when((k, t) => !isMasked(k, t), [maskEntry]),
  ...rawWrite,
  when((_, t) => t.identity === 1, [unmaskEntry]),
];

/** What the kernel remembers: get_cached_msi_msg. */
export const loadMessage = glue((k, t) => {
  const row = rowOf(k, t);
  t.messageHi = k.irqs.messageHi.get(row);
  t.messageLo = k.irqs.messageLo.get(row);
  t.messageData = k.irqs.messageData.get(row);
});

/** entry->msg = *msg, also when the device was not written. */
const remember = glue((k, t) => {
  const row = rowOf(k, t);
  if (row !== t.vector) return;
  k.irqs.messageHi.set(row, t.messageHi | 0);
  k.irqs.messageLo.set(row, t.messageLo | 0);
  k.irqs.messageData.set(row, t.messageData | 0);
});

/** irq_chip_write_msi_msg with t.message*, with what the design does before and after. */
export function writeMessage(design: Design): Node[] {
  return [
    ...design.beforeWrite,
    when(isWritten, [when(isMsix, rawMsixWrite, rawWrite)]),
    remember,
    ...design.afterWrite,
  ];
}

/** A message of zeroes, as msi_domain_deactivate makes it. */
export const zeroMessage = glue((_, t) => {
  t.messageHi = 0;
  t.messageLo = 0;
  t.messageData = 0;
});
