/**
 * A CPU goes offline or comes back: irq_migrate_all_off_this_cpu and irq_affinity_online_cpu.
 * kernel/irq/cpuhotplug.c. Each interrupt is moved by a procedure of its own; what happens between
 * two of them is not modelled.
 */
import { ERRNO } from '../observation.ts';
import { driverOf, hooksFor } from './controllers/drivers.ts';
import { sync } from './controllers/its-device.ts';
import type { Driver } from './controllers/driver.ts';
import type { Design } from '../designs/design.ts';
import { run } from './executor.ts';
import { IRQ } from './irqs.ts';
import type { Kernel } from './kernel.ts';
import { irqDescLock } from './locks.ts';
import { setAffinity } from './msi/affinity.ts';
import { startup } from './msi/setup.ts';
import { shutdown } from './msi/teardown.ts';
import { glue, locked, type Node, step, when } from './procedure.ts';
import type { Thread } from './thread.ts';

/**
 * Since 4.13 a managed interrupt without a CPU is shut down; before it was moved like any other.
 */
const isShutDown = (k: Kernel, t: Thread): boolean =>
  k.on['managed-shutdown'] && k.irqs.is(t.vector, IRQ.managed) && !k.hasOnline(t);

const migrate = (driver: Driver, design: Design): Node[] => [
  locked(irqDescLock, [
    step('migrate_one_irq', (k, t) => t.loadMask((w) => k.irqs.affinityWord(t.vector, w))),
    when(
      isShutDown,
      [glue((k, t) => k.irqs.mark(t.vector, IRQ.managedShutdown)), shutdown(driver, design)],
      [
        // "IRQ n: no longer affine to CPU m".
        when((k, t) => !k.hasOnline(t), [glue((k, t) => t.setMask(onlineCpus(k)))]),
        ...setAffinity(driver, design),
      ],
    ),
  ]),
];

const breakAffinity = (driver: Driver, design: Design): Node[] => [
  locked(irqDescLock, [
    step('migrate_one_irq', (k, t) => t.setMask(onlineCpus(k))),
    ...setAffinity(driver, design),
  ]),
];

const restart = (driver: Driver, design: Design): Node[] => [
  locked(irqDescLock, [
    step('irq_restore_affinity_of_irq', (k, t) => {
      k.irqs.unmark(t.vector, IRQ.managedShutdown);
      t.loadMask((w) => k.irqs.affinityWord(t.vector, w));
    }),
    ...startup(driver, design),
  ]),
];

/** What the CPUs' coming and going does to a vector: no operation of its own. */
export const CPU_PROCEDURES = { migrate, 'break-affinity': breakAffinity, restart };

const onlineCpus = (k: Kernel): number[] =>
  Array.from({ length: k.topology.cpus }, (_, cpu) => cpu).filter((cpu) => k.isOnline(cpu));

/**
 * -EBUSY for the last CPU. One that is offline already is no error of sysfs (device_offline; seen
 * on 6.1 and 6.12).
 */
export function offlineCpu(k: Kernel, t: Thread, cpu: number): number {
  if (!k.isOnline(cpu)) return 0;
  if (onlineCpus(k).length === 1) return -ERRNO.EBUSY;
  k.setOnline(cpu, false);
  for (let vector = 0; vector < k.topology.vectors; vector++) {
    if (!k.irqs.is(vector, IRQ.started) || k.irqs.cpu.get(vector) !== cpu) continue;
    const error = onVector(k, t, vector, 'migrate', migrate);
    if (error === -ERRNO.ENOSPC) onVector(k, t, vector, 'break-affinity', breakAffinity);
  }
  return 0;
}

export function onlineCpu(k: Kernel, t: Thread, cpu: number): number {
  if (k.isOnline(cpu)) return 0;
  k.setOnline(cpu, true);
  // its_cpu_init_collection, which a CPU runs whenever it comes up (seen on booted 6.1 and 6.12).
  for (const its of k.hw.its) {
    if (its === undefined) continue;
    its.mapc(cpu, cpu);
    sync(k, its, cpu);
    its.invall(cpu);
    if (k.on['its-invall-sync']) sync(k, its, cpu);
  }
  for (let vector = 0; vector < k.topology.vectors; vector++) {
    if (!k.irqs.is(vector, IRQ.managedShutdown) || !k.irqs.allows(vector, cpu)) continue;
    onVector(k, t, vector, 'restart', restart);
  }
  return 0;
}

function onVector(
  k: Kernel,
  t: Thread,
  vector: number,
  name: string,
  procedure: (driver: Driver, design: Design) => Node[],
): number {
  const device = k.topology.deviceOfVector[vector] ?? -1;
  const driver = driverOf(k, device);
  const kind = k.topology.controllers[k.device(device).controller]?.spec.kind ?? '';
  t.reset();
  t.device = device;
  t.vector = vector;
  t.count = k.msiCount.get(device);
  t.mode = k.msiMode.get(device);
  const error = run(
    k,
    t,
    k.program.entry(`${name}/${kind}`, () => procedure(driver, hooksFor(driver, k.design))),
  );
  t.reset();
  return error;
}
