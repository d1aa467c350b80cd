/**
 * Cards in the slots of root ports: taken out and put back through QEMU's monitor, while the guest
 * runs.
 */
import { bdfOf } from '../bdf.ts';
import type { Slots } from '../guest.ts';
import { deviceId, deviceProperties } from './command-line.ts';
import type { QemuMachine } from './machine.ts';
import type { Qmp } from './qmp.ts';

const ANSWER_MS = 5000;
/** Behind the guest's own patience: pciehp lets a pressed button blink for five seconds. */
const EJECT_MS = 14_000;

export function slotsOf(machine: QemuMachine, qmp: Qmp): Slots {
  const cards = new Map(
    machine.devices.flatMap((device) => {
      const port = machine.ports.find(({ name }) => name === device.behind);
      return port === undefined || port.conventional === true
        ? []
        : [[bdfOf(port.bus << 8), { device, port }] as const];
    }),
  );
  const at = (bdf: string) => {
    const found = cards.get(bdf);
    if (found === undefined) throw new Error(`IMPOSSIBLE: no slot for ${bdf}`);
    return found;
  };
  return {
    has: (bdf) => cards.has(bdf),
    eject: async (bdf) => {
      const id = deviceId(at(bdf).port.name);
      const gone = qmp.event('DEVICE_DELETED', id, EJECT_MS);
      // Told to whoever waits for it.
      gone.catch(() => {});
      await qmp.execute('device_del', { id }, ANSWER_MS);
      return { gone };
    },
    insert: (bdf) => qmp.execute('device_add', deviceProperties(at(bdf).device), ANSWER_MS),
  };
}
