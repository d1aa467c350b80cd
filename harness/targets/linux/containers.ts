/**
 * VFIO containers, one for each unmanaged domain that a case uses.
 *
 * VFIO frees a domain when its last group leaves. A spec's domain lives until free-domain, unless
 * it says `vfio: true`; so a container of the former kind has a keeper, a device that the spec does
 * not know, which leaves at free-domain.
 */
import type { Domain } from '../../../src/topology/topology.ts';
import type { Agent } from './agent.ts';

interface Container {
  readonly keeper: string | undefined;
}

export const isVfio = (domain: Domain | undefined): boolean =>
  domain?.kind === 'unmanaged' && domain.vfio === true;

export class Containers {
  private readonly agent: Agent;
  private readonly domains: Readonly<Record<string, Domain>>;
  private readonly open = new Map<string, Container>();
  private readonly keepers: string[];

  /** `keepers`: addresses of devices that nobody else uses, one for each domain that needs one. */
  constructor(agent: Agent, domains: Readonly<Record<string, Domain>>, keepers: readonly string[]) {
    this.agent = agent;
    this.domains = domains;
    this.keepers = [...keepers];
  }

  has(domain: string): boolean {
    return this.open.has(domain);
  }

  /** Opened when it is first needed. */
  async ensure(domain: string): Promise<void> {
    if (this.open.has(domain)) return;
    // A board has none to spare; cases that would need one were skipped.
    const keeper = isVfio(this.domains[domain]) ? undefined : this.keepers.shift();
    this.open.set(domain, { keeper });
    const opened = this.agent.openContainer(domain);
    if (keeper === undefined) return void (await opened);
    const [, , error] = await Promise.all([
      opened,
      this.agent.bind(keeper, 'vfio-pci'),
      this.agent.openGroup(keeper, domain),
    ]);
    if (error !== undefined) throw new Error(`the container of ${domain} cannot be made: ${error}`);
  }

  /** Closes the descriptor; groups that are in it keep what it was. */
  async close(domain: string): Promise<void> {
    const container = this.open.get(domain);
    if (container === undefined) return;
    const { keeper } = container;
    this.open.delete(domain);
    if (keeper !== undefined) this.keepers.push(keeper);
    await Promise.all([
      ...(keeper === undefined ? [] : [this.agent.closeGroup(keeper)]),
      this.agent.closeContainer(domain),
    ]);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((domain) => this.close(domain)));
  }
}
