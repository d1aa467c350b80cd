/**
 * The CPU interfaces: where an interrupt that a controller forwards reaches a CPU. A CPU takes it
 * at once; priorities, active states and running handlers are not modelled.
 */
export interface CpuInterfaces {
  /** An SPI or LPI (by INTID) is taken by a CPU. */
  takeIntid(intid: number, cpu: number): void;
  /** A vLPI is taken by a vPE that is resident at a redistributor. GICv4. */
  takeVirtual(intid: number, vpe: number, cpu: number): void;
  /** An identity of a per-CPU doorbell is taken by its CPU. */
  takeIdentity(controller: number, identity: number, cpu: number): void;
}
