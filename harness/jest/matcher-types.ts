/**
 * The matchers as TypeScript sees them, with `expect` of @jest/globals and with the global one of
 * @types/jest.
 */
import type {
  AffinityWords,
  BlockWords,
  CommandsWords,
  CommandWords,
  DeliveryWords,
  ErrorWords,
  ExpectedWords,
  FaultsWords,
  FaultWords,
  InvalidationsWords,
  InvalidationWords,
  MappingsWords,
  MappingWords,
  MessageWords,
  WindowWords,
} from './word-types.ts';

/**
 * Of a machine they look at its state now and at what happened in the last step; of
 * `machine.whole`, at what happened in all steps. Values are those of specs, docs/language.md.
 */
export interface DoorbellMatchers<R> {
  /** All that a block under `expect:` says. Example: { mappings: 'none', faults: 'none' } */
  toMeet(expectations: BlockWords): R;
  /**
   * The domain has this mapping, perhaps among others. Example: 'vm', { pa: 0x2c00_0000, refs: 2 }
   */
  toHaveMapping(domain: string, mapping: MappingWords): R;
  /** The domain has these mappings and no other: a list, 'none', or includes and count. */
  toHaveMappings(domain: string, mappings: MappingsWords): R;
  /** The domain has no mapping at all; without a domain, no domain has one. */
  toHaveNoMappings(domain?: string): R;
  /** How many references the design holds on a mapping. Example: 'vm', { pa: 0x2c00_0000 }, 2 */
  toHaveRefcount(domain: string, mapping: Omit<MappingWords, 'refs'>, refs: ExpectedWords): R;
  /**
   * What the device's message registers hold.
   * Example: 'nic/0', { address: '$page + 0x40', data: 0 }
   */
  toHaveMessage(vector: string, message: MessageWords): R;
  /**
   * The CPUs that the interrupt may go to, and the one that it is sent to.
   * Example: 'nic/0', { cpus: [1, 2], effective: 1 }
   */
  toHaveAffinity(vector: string, affinity: AffinityWords): R;
  /** The CPU that the controller sends it to now, or 'none'. Example: 'nic/0', 1 */
  toHaveEffectiveAffinity(vector: string, cpu: ExpectedWords): R;
  /**
   * The vector arrived, so often and there and nowhere else; once and anywhere if left out.
   * Example: 'nic/0', { cpu: 3 }
   */
  toHaveDelivered(vector: string, delivery?: DeliveryWords | readonly DeliveryWords[]): R;
  /**
   * Nothing of the vector arrived, or without a vector nothing at all. Counts only if something
   * arrived before.
   */
  toHaveNoInterrupts(vector?: string): R;
  /**
   * The SMMU recorded this fault, perhaps among others.
   * Example: { device: 'nic', name: 'F_TRANSLATION' }
   */
  toHaveFaulted(fault: FaultWords): R;
  /** The SMMU recorded these faults and no other. */
  toHaveFaults(faults: FaultsWords): R;
  toHaveNoFaults(): R;
  /** The ITS executed this command, perhaps among others. Example: { MAPTI: { 'event-id': 0 } } */
  toHaveCommand(command: CommandWords): R;
  /** The ITS executed these commands in this order and no other: a list, 'none', or includes. */
  toHaveCommands(commands: CommandsWords): R;
  toHaveNoCommands(): R;
  /**
   * The SMMU was told to forget this, perhaps among others.
   * Example: { CFGI_STE: { 'stream-id': 0x10 } }
   */
  toHaveInvalidation(command: InvalidationWords): R;
  /** The SMMU was sent these commands in this order and no other: a list, 'none', or includes. */
  toHaveInvalidations(commands: InvalidationsWords): R;
  toHaveNoInvalidations(): R;
  /** How many references of the domain no programmed message accounts for. */
  toHaveLeaks(domain: string, count: ExpectedWords): R;
  /** No reference is leaked in the domain, or in any. */
  toHaveNoLeaks(domain?: string): R;
  /** The IOVAs that a domain sets aside for doorbells. Example: 'vm', { pages: 256, free: 254 } */
  toHaveWindow(domain: string, window: WindowWords): R;
  /** The step returned this error. Example: 'ENOMEM' */
  toHaveFailed(error: ErrorWords): R;
  toHaveSucceeded(): R;
}

declare module 'expect' {
  // Merged with Jest's, of which it must have the parameters.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
  interface Matchers<R extends void | Promise<void>, T = unknown> extends DoorbellMatchers<R> {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- that is what @types/jest has
  namespace jest {
    // Merged with those of @types/jest.
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
    interface Matchers<R, T = {}> extends DoorbellMatchers<R> {}
  }
}
