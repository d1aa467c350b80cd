/**
 * Where the SMMU led the messages of devices, as QEMU traced it, and its lines as events of a
 * case's trace.
 */
import type { TraceEvent, Translation } from '../../../src/observation.ts';
import type { DeviceDriver } from './device-driver.ts';
import type { MessageTable } from './known.ts';
import type { HardwareEvent } from './read/qemu-trace.ts';

/**
 * A driver's own DMA is not asked about: of its device only what goes to the address of a message.
 */
export function translationsOf(
  hardware: readonly HardwareEvent[],
  deviceOf: (streamId: number) => DeviceDriver | undefined,
  messages: MessageTable,
): Translation[] {
  const found = new Map<string, Translation>();
  for (const event of hardware) {
    if (event.kind !== 'translation' && event.kind !== 'bypass') continue;
    const device = deviceOf(event.streamId);
    if (device === undefined) continue;
    const iova = event.kind === 'bypass' ? event.address : event.iova;
    const pa = event.kind === 'bypass' ? event.address : event.pa;
    if (device.isContained || messages.isUsed(device.name, iova))
      found.set(`${device.name} ${iova}`, { device: device.name, iova, pa });
  }
  return [...found.values()];
}

export function traceEventOf(line: string, operation: number): TraceEvent {
  const text = line.replace(/^\d+@[\d.]+:/, '').trim();
  const kind = text.startsWith('gicv3_its_cmd')
    ? 'command'
    : text.startsWith('smmuv3_record')
      ? 'fault'
      : 'write';
  return { kind, who: 'QEMU', text, operation };
}
