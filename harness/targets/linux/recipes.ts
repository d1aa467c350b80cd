/**
 * How the devices that stand for those of a spec are made to send: registers of QEMU 7.2's rocker
 * (hw/net/rocker), edu (hw/misc/edu.c) and e1000e (hw/net/e1000_regs.h). To add a device, add a
 * recipe.
 */
import type { Agent } from './agent.ts';
import type { Recipe } from './qemu-needs.ts';

/** One write to a register of the device. */
export type Poke = (bar: number, offset: number, value: number) => Promise<unknown>;

export interface DeviceRecipe {
  readonly capability: 'msi' | 'msix';
  /** Where the MSI-X table is. */
  readonly table?: { readonly bar: number; readonly offset: number };
  /** Raises one vector once. */
  fire(poke: Poke, vector: number, memory: number): Promise<void>;
  /**
   * Before vectors are raised, of a device that works with memory: `memory` is where it has some.
   */
  readonly prepare?: {
    /** Words of 32 bits, by their place. */
    readonly words: (memory: number) => readonly (readonly [number, number])[];
    readonly begin: (poke: Poke, vectors: number, memory: number) => Promise<void>;
  };
  /**
   * Writes some bytes to an address; left out by a device without a DMA engine that can be steered.
   */
  readonly dma?: (poke: Poke, address: bigint) => Promise<void>;
}

/** ROCKER_TEST_IRQ, ROCKER_TEST_DMA_ADDR, _SIZE and _CTRL (1: clear). */
const rocker: DeviceRecipe = {
  capability: 'msix',
  table: { bar: 1, offset: 0 },
  fire: async (poke, vector) => void (await poke(0, 0x20, vector)),
  dma: async (poke, address) => {
    await Promise.all([
      poke(0, 0x28, Number(address & 0xffff_ffffn)),
      poke(0, 0x2c, Number(address >> 32n)),
      poke(0, 0x30, 4),
      poke(0, 0x34, 1),
    ]);
  },
};

/** Raise and acknowledge. Its DMA engine runs by a timer, which is no use here. */
const edu: DeviceRecipe = {
  capability: 'msi',
  fire: async (poke) => {
    await Promise.all([poke(0, 0x60, 1), poke(0, 0x64, 1)]);
  },
};

const E1000E = { ICR: 0xc0, ICS: 0xc8, IMS: 0xd0, IVAR: 0xe4 } as const;
/** Causes of the five vectors: receive queues 0 and 1, transmit queues 0 and 1, other. */
const CAUSES = 0x01f0_0000;
/** Cause n to vector n, valid. */
const IVAR_STRAIGHT = 0x800c_ba98;

/** Under VFIO all is ours: causes are routed, unmasked, cleared and set. */
const e1000e: DeviceRecipe = {
  capability: 'msix',
  table: { bar: 3, offset: 0 },
  fire: async (poke, vector) => {
    await Promise.all([
      poke(0, E1000E.IVAR, IVAR_STRAIGHT),
      poke(0, E1000E.ICR, 0xffff_ffff),
      poke(0, E1000E.IMS, CAUSES),
      poke(0, E1000E.ICS, 1 << (20 + vector)),
    ]);
  },
};

/**
 * Operational and runtime registers of QEMU's NEC controller (hw/usb/hcd-xhci.c); interrupter n is
 * 32 bytes, and message n.
 */
const XHCI = {
  USBCMD: 0x40,
  INTERRUPTERS: 0x1020,
  IMAN: 0,
  ERSTSZ: 8,
  ERSTBA: 0x10,
  ERDP: 0x18,
} as const;
const USBCMD_INTE = 4;
/** Pending, which a write clears, and enabled. */
const IMAN_AGAIN = 3;
const EHB = 8;
const RING = { offset: 0x100, events: 16, event: 16 } as const;
const interrupter = (vector: number): number => XHCI.INTERRUPTERS + 32 * vector;

/**
 * Many messages of MSI. An interrupter is raised when the dequeue pointer of its event ring is
 * written, the last event is not busy any more, and the pointer is not where events end: there are
 * none, so anywhere but at the beginning.
 */
const xhci: DeviceRecipe = {
  capability: 'msi',
  prepare: {
    // The one entry of the segment table: where the ring is, and how long.
    words: (memory) => [
      [0, memory + RING.offset],
      [8, RING.events],
    ],
    begin: async (poke, vectors, memory) => {
      const rings = Array.from({ length: vectors }, (_, vector) => interrupter(vector));
      await Promise.all([
        poke(0, XHCI.USBCMD, USBCMD_INTE),
        ...rings.flatMap((at) => [
          poke(0, at + XHCI.ERSTSZ, 1),
          poke(0, at + XHCI.ERSTBA, memory),
          poke(0, at + XHCI.ERSTBA + 4, 0),
        ]),
      ]);
    },
  },
  fire: async (poke, vector, memory) => {
    const at = interrupter(vector);
    await Promise.all([
      poke(0, at + XHCI.IMAN, IMAN_AGAIN),
      poke(0, at + XHCI.ERDP + 4, 0),
      poke(0, at + XHCI.ERDP, memory + RING.offset + RING.event + EHB),
    ]);
  },
};

export const RECIPES: Readonly<Record<Recipe, DeviceRecipe>> = { rocker, edu, e1000e, xhci };

/**
 * Under its own driver: receive queue 0 is vector 0, transmit queue 0 vector 1
 * (e1000_configure_msix); the driver's handlers clear and unmask.
 */
export const fireUnderDriver = async (agent: Agent, bdf: string, vector: number): Promise<void> =>
  void (await agent.writeBarRaw(bdf, 0, E1000E.ICS, vector === 0 ? 1 << 20 : 1 << 22));
