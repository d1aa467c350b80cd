/**
 * Suspend and restore: pci_restore_msi_state writes back what the kernel remembers of each message
 * and mask, after the device has lost its registers. pci/msi/pcidev_msi.c,
 * pci/msi/msi.c:__pci_restore_msix_state.
 *
 * A device in D3 is not written; entry->msg is kept up all the same, so that a restore brings what
 * is right then.
 */
import { MSI_MODE } from '../../hardware/pci/msi-function.ts';
import { IRQ } from '../irqs.ts';
import type { Kernel } from '../kernel.ts';
import { forEachVector, glue, type Node, step, when } from '../procedure.ts';
import type { Thread } from '../thread.ts';
import { loadMessage, rawWrite } from './message.ts';

export const suspendProcedure = (): Node[] => [
  step('pci_save_state', (k, t) => {
    k.hw.functions.reset(t.device);
    k.hw.functions.setPower(t.device, false);
  }),
];

/** __pci_msi_desc_mask: masked by the driver, or not in use. */
const isMasked = (k: Kernel, vector: number): boolean =>
  !k.irqs.is(vector, IRQ.started) || k.irqs.is(vector, IRQ.masked);

/**
 * Up to 5.4 any bit that was set in the Vector Control word, reserved ones too, was taken for the
 * mask.
 */
function isRestoredMasked(k: Kernel, t: Thread): boolean {
  const { spec } = k.device(t.device);
  const hasReserved = spec.bus === 'pci' && spec.msix?.reservedBits === true;
  return (hasReserved && !k.on['msix-resume-mask']) || isMasked(k, t.vector);
}

/**
 * Memory decoding is off where the saved Command register had it off: the table cannot be written.
 */
const decodeWhileWriting = when(
  (k) => k.on['msix-restore-decode'],
  [step('pci_msix_enable_memory', (k, t) => k.hw.functions.setDecode(t.device, true))],
);

const restoreMsix: Node[] = [
  decodeWhileWriting,
  step('pci_msix_clear_and_set_ctrl', (k, t) => {
    k.hw.functions.setFunctionMask(t.device, true);
    k.hw.functions.setEnabled(t.device, true);
  }),
  ...forEachVector([
    loadMessage,
    ...rawWrite,
    step(
      'pci_msix_write_vector_ctrl',
      (k, t) => void k.hw.functions.setMasked(t.device, t.vector, isRestoredMasked(k, t)),
    ),
  ]),
  step('pci_msix_clear_and_set_ctrl', (k, t) => k.hw.functions.setFunctionMask(t.device, false)),
];

const restoreMsi: Node[] = [
  glue((k, t) => void (t.vector = k.firstVector(t.device))),
  loadMessage,
  ...rawWrite,
  glue((_, t) => void (t.vector = -1)),
  ...forEachVector([
    glue((k, t) => void k.hw.functions.setMasked(t.device, t.vector, isMasked(k, t.vector))),
  ]),
  step('pci_msi_set_enable', (k, t) => {
    k.hw.functions.setMultiple(t.device, Math.ceil(Math.log2(t.count)));
    k.hw.functions.setEnabled(t.device, true);
  }),
];

const restorePlatform: Node[] = [
  glue((k, t) => k.hw.functions.setEnabled(t.device, true)),
  ...forEachVector([loadMessage, ...rawWrite]),
];

export const restoreProcedure = (): Node[] => [
  step('pci_restore_msi_state', (k, t) => k.hw.functions.setPower(t.device, true)),
  when((_, t) => t.mode === MSI_MODE.msix, restoreMsix),
  when((_, t) => t.mode === MSI_MODE.msi, restoreMsi),
  when((_, t) => t.mode === MSI_MODE.platform, restorePlatform),
  // The driver's own pci_enable_device, later.
  glue((k, t) => k.hw.functions.setDecode(t.device, true)),
];
