/**
 * The requests that the target makes of a guest, in the words of its protocol. All knowledge of
 * that language is in this file; errors come back by their Linux names.
 */
import { ERRNO, type ErrnoName, type Message } from '../../../src/observation.ts';
import type { Answer, Slots } from './guest.ts';

export type { Answer };

/** A running guest, as far as the machine needs it. */
export interface Channel {
  /** False on a board: nobody tells what the hardware did. */
  readonly seesHardware: boolean;
  /** Whether the kernel tells of each record that it takes out of the SMMU's event queue. */
  readonly isProbed: boolean;
  request(command: string): Promise<Answer>;
  /** Lines that QEMU traced since the last call. */
  hardware(): Promise<readonly string[]>;
  /** Lines of the kernel's log since the last call. */
  kernelLog(): Promise<readonly string[]>;
  readonly slots?: Slots | undefined;
}

/** A request that has to succeed did not: the guest is not as it should be. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly errno: number;

  constructor(command: string, { errno, text }: Answer) {
    super(`the guest refused \`${command}\`: ${nameOf(errno) ?? errno} ${text}`.trim());
    this.errno = errno;
  }
}

const NAMES = new Map<number, ErrnoName>(
  Object.entries(ERRNO).map(([name, value]) => [value, name as ErrnoName]),
);

export const nameOf = (errno: number): ErrnoName | undefined => NAMES.get(errno);

/**
 * An interrupt of a device, its affinity and effective affinity as /proc/irq has them, bit by CPU.
 */
export interface Aim {
  readonly irq: number;
  readonly cpus: number;
  readonly effective: number;
}

export type Capability = 'msi' | 'msix';

export class Agent {
  readonly channel: Channel;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** Succeeds, or throws. */
  async must(command: string): Promise<Answer> {
    const answer = await this.channel.request(command);
    if (answer.errno !== 0) throw new AgentError(command, answer);
    return answer;
  }

  /** The error, which is an observation. An error without a name here throws. */
  async may(command: string): Promise<ErrnoName | undefined> {
    const answer = await this.channel.request(command);
    if (answer.errno === 0) return undefined;
    const name = nameOf(answer.errno);
    if (name === undefined) throw new AgentError(command, answer);
    return name;
  }

  bind = (bdf: string, driver: string): Promise<Answer> => this.must(`bind ${bdf} ${driver}`);
  driverOf = async (bdf: string): Promise<string | undefined> => {
    const { text } = await this.must(`driver ${bdf}`);
    return text === '-' ? undefined : text;
  };
  unbind = (bdf: string): Promise<Answer> => this.must(`unbind ${bdf}`);
  unbindFrom = (bdf: string, driver: string): Promise<Answer> =>
    this.must(`unbind ${bdf} ${driver}`);
  setType = (bdf: string, type: 'DMA' | 'identity'): Promise<Answer> =>
    this.must(`settype ${bdf} ${type}`);

  openContainer = (name: string): Promise<Answer> => this.must(`copen ${name}`);
  closeContainer = (name: string): Promise<Answer> => this.must(`cclose ${name}`);
  openGroup = (bdf: string, container: string): Promise<ErrnoName | undefined> =>
    this.may(`gopen ${bdf} ${container}`);
  closeGroup = (bdf: string): Promise<Answer> => this.must(`gclose ${bdf}`);
  openDevice = (bdf: string): Promise<ErrnoName | undefined> => this.may(`dopen ${bdf}`);
  closeDevice = (bdf: string): Promise<Answer> => this.must(`dclose ${bdf}`);

  setIrqs = (bdf: string, kind: Capability, start: number, n: number) =>
    this.may(`irqs ${bdf} ${kind} ${start} ${n}`);
  clearIrq = (bdf: string, kind: Capability, index: number) =>
    this.may(`irqneg ${bdf} ${kind} ${index} 1`);
  clearIrqs = (bdf: string, kind: Capability) => this.may(`irqoff ${bdf} ${kind}`);
  affinity = (irq: number, mask: number) => this.may(`aff ${irq} ${mask.toString(16)}`);

  map = (container: string, iova: bigint, size: bigint, prot: string) =>
    this.may(`dmamap ${container} ${hex(iova)} ${hex(size)} ${prot}`);
  unmap = (container: string, iova: bigint, size: bigint) =>
    this.may(`dmaunmap ${container} ${hex(iova)} ${hex(size)}`);

  /** A word of memory that was mapped. */
  pokeMemory = (container: string, iova: number, value: number) =>
    this.may(`poke ${container} ${hex(iova)} ${hex(value)}`);

  /** Through VFIO. */
  writeBar = (bdf: string, bar: number, offset: number, value: number): Promise<Answer> =>
    this.must(`w ${bdf} ${bar} ${hex(offset)} ${hex(value)}`);
  /** Through sysfs, with whichever driver or none. */
  writeBarRaw = (bdf: string, bar: number, offset: number, value: number): Promise<Answer> =>
    this.must(`sw ${bdf} ${bar} ${hex(offset)} ${hex(value)}`);
  writeConfig = (bdf: string, offset: number, value: number, size: number): Promise<Answer> =>
    this.must(`cfgw ${bdf} ${hex(offset)} ${hex(value)} ${size}`);

  /** Counts of the eventfds since the last call, by vector. */
  eventfds = async (bdf: string, kind: Capability): Promise<ReadonlyMap<number, number>> => {
    const { text } = await this.must(`ev ${bdf} ${kind}`);
    const words = text === '' ? [] : text.split(' ');
    return new Map(words.map((word) => word.split(':').map(Number) as [number, number]));
  };

  /** In ascending order: vector by vector, as they were allocated. */
  aimsOf = async (bdf: string): Promise<readonly Aim[]> => {
    const { lines } = await this.must(`msiirqs ${bdf}`);
    return lines.map((line) => {
      const [irq, cpus, effective] = line.split(' ');
      return { irq: Number(irq), cpus: maskOf(cpus), effective: maskOf(effective) };
    });
  };

  cpu = (cpu: number, to: 'on' | 'off') => this.may(`cpu ${cpu} ${to}`);
  /** As when it is pulled out, though it stays where it is: pci_stop_and_remove_bus_device. */
  removeDevice = (bdf: string): Promise<Answer> =>
    this.put(`/sys/bus/pci/devices/${bdf}/remove`, '1');
  /**
   * The switch of a slot, which does at once what the button does after five seconds. Refused when
   * that has begun.
   */
  switchOff = (slot: number) => this.may(`put /sys/bus/pci/slots/${slot}/power 0`);
  /** Waits until the device is there, or is not. */
  present = (bdf: string, to: 'on' | 'off'): Promise<Answer> => this.must(`present ${bdf} ${to}`);
  /** Undefined for a driver that is built in, too. */
  module = (name: string, to: 'on' | 'off') => this.may(`module ${name} ${to}`);
  rescan = (): Promise<Answer> => this.put('/sys/bus/pci/rescan', '1');

  /**
   * Past the kernel; `memory`: whether the device decodes memory afterwards. The answer is its
   * MSI-X table.
   */
  resetBus = async (bdf: string, memory: boolean): Promise<readonly Message[]> =>
    tableOf(await this.must(`busreset ${bdf} ${memory ? 'on' : 'off'}`));
  /**
   * A reset by the kernel, which puts back what it saved and writes the messages anew
   * (pci_restore_msi_state).
   */
  reset = (bdf: string): Promise<Answer> => this.put(`/sys/bus/pci/devices/${bdf}/reset`, '1');
  /** As the device has it. */
  messageTable = async (bdf: string): Promise<readonly Message[]> =>
    tableOf(await this.must(`msixtable ${bdf}`));

  put = (path: string, value: string): Promise<Answer> => this.must(`put ${path} ${value}`);
  interrupts = async (): Promise<readonly string[]> => (await this.must('counts')).lines;
  trace = async (): Promise<readonly string[]> => (await this.must('trace')).lines;
  shell = (line: string): Promise<Answer> => this.must(`sh ${line}`);
}

/** `0 0x8000040 0x0 0x2 0x0`: vector, address low and high, data, control. */
const tableOf = ({ lines }: Answer): readonly Message[] =>
  lines.map((line) => {
    const [, low = '0', high = '0', data] = line.split(' ');
    return { address: (BigInt(high) << 32n) | BigInt(low), data: Number(data) };
  });

/**
 * `00000000,0000000f`: 32 bits to a word; a guest has at most 8 CPUs and a board's first 32 count.
 */
const maskOf = (text = ''): number => Number.parseInt(text.split(',').at(-1) ?? '', 16);

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
