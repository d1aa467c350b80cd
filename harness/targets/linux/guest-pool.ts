/**
 * Which guest serves which case. Guests of one key are interchangeable; a case waits until one of
 * its key is free or may be booted. An idle guest takes the first case of its key, also before
 * others that came earlier: a boot costs as much as fifty cases. Who waits longest is served as
 * soon as a guest can be given up, so nobody waits for ever.
 */

export interface Wanted<G> {
  readonly key: string;
  readonly boot: () => Promise<G>;
  /** Why this guest of the key will not do, or undefined. */
  readonly spoilt: (guest: G) => string | undefined;
  /** Told why a guest was given up for this one. */
  readonly notice: (text: string) => void;
}

export interface PoolOptions<G> {
  /** Guests that may be there at once. */
  readonly most: number;
  /** Never rejects. */
  readonly close: (guest: G) => Promise<void>;
}

interface Waiting<G> extends Wanted<G> {
  readonly resolve: (guest: G) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot<G> {
  readonly key: string;
  /** Undefined while it boots or is closed. */
  guest: G | undefined;
  busy: boolean;
  /** Settled once the guest is there or is not to come; `close` waits for it. */
  coming: Promise<void>;
}

/** A machine that did not come up so often in a row is not tried again in this run. */
const MOST_FAILED_BOOTS = 2;
/** So many waiting cases are worth the boot of another guest of their key when there is room. */
const WORTH_A_BOOT = 100;

export class GuestPool<G> {
  private readonly options: PoolOptions<G>;
  /** Least recently used first. */
  private slots: Slot<G>[] = [];
  private waiting: Waiting<G>[] = [];
  private readonly failed = new Map<string, { times: number; error: unknown }>();
  private ended: Error | undefined;

  constructor(options: PoolOptions<G>) {
    this.options = options;
  }

  take(wanted: Wanted<G>): Promise<G> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...wanted, resolve, reject });
      this.serve();
    });
  }

  /** It is as it was when it was taken. */
  giveBack(guest: G): void {
    const slot = this.slotOf(guest);
    if (slot === undefined) return;
    slot.busy = false;
    this.slots = [...this.slots.filter((each) => each !== slot), slot];
    this.serve();
  }

  /** It is not to be used any more. */
  async discard(guest: G): Promise<void> {
    const slot = this.slotOf(guest);
    if (slot !== undefined) await this.empty(slot);
  }

  /** Nobody waits any longer, and no guest is left. */
  async close(why = new Error('the run has ended')): Promise<void> {
    this.ended ??= why;
    for (const { reject } of this.waiting.splice(0)) reject(this.ended);
    const all = this.slots;
    await Promise.all(all.map((slot) => this.empty(slot)));
    await Promise.all(all.map(({ coming }) => coming));
  }

  private serve(): void {
    for (const each of [...this.waiting]) {
      if (this.ended !== undefined) this.refuse(each, this.ended);
      else if (!this.serveOne(each)) continue;
    }
  }

  /** True when it waits no longer. */
  private serveOne(each: Waiting<G>): boolean {
    const { times, error } = this.failed.get(each.key) ?? { times: 0, error: undefined };
    if (times >= MOST_FAILED_BOOTS) return this.refuse(each, notAgain(error));
    for (const slot of this.slots.filter((one) => one.key === each.key && isIdle(one))) {
      const why = each.spoilt(slot.guest as G);
      if (why === undefined) return this.hand(each, slot);
      each.notice(`${why}: a new guest`);
      void this.empty(slot);
      return false;
    }
    const same = this.slots.filter(({ key }) => key === each.key);
    const queue = this.waiting.filter(({ key }) => key === each.key).length;
    if (same.length > 0 && queue < WORTH_A_BOOT * same.length) return false;
    if (this.slots.length < this.options.most) return this.boot(each);
    const unneeded = this.slots.find((slot) => isIdle(slot) && !this.isWanted(slot));
    if (unneeded !== undefined) void this.empty(unneeded);
    return false;
  }

  private isWanted({ key, guest }: Slot<G>): boolean {
    return this.waiting.some((each) => each.key === key && each.spoilt(guest as G) === undefined);
  }

  private hand(each: Waiting<G>, slot: Slot<G>): true {
    slot.busy = true;
    this.leave(each);
    each.resolve(slot.guest as G);
    return true;
  }

  private refuse(each: Waiting<G>, error: unknown): true {
    this.leave(each);
    each.reject(error);
    return true;
  }

  private boot(each: Waiting<G>): true {
    const coming = Promise.resolve();
    const slot: Slot<G> = { key: each.key, guest: undefined, busy: true, coming };
    this.slots.push(slot);
    this.leave(each);
    slot.coming = each.boot().then(
      async (guest) => {
        this.failed.delete(each.key);
        slot.guest = guest;
        if (this.ended === undefined) return each.resolve(guest);
        await this.empty(slot);
        each.reject(this.ended);
      },
      (error: unknown) => {
        const times = (this.failed.get(each.key)?.times ?? 0) + 1;
        this.failed.set(each.key, { times, error });
        this.slots = this.slots.filter((one) => one !== slot);
        each.reject(error);
        this.serve();
      },
    );
    return true;
  }

  private leave(each: Waiting<G>): void {
    this.waiting = this.waiting.filter((one) => one !== each);
  }

  /** The place is free once the guest is gone: two would need the memory of two. */
  private async empty(slot: Slot<G>): Promise<void> {
    const { guest } = slot;
    slot.guest = undefined;
    slot.busy = true;
    if (guest === undefined) return;
    await this.options.close(guest);
    this.slots = this.slots.filter((each) => each !== slot);
    this.serve();
  }

  private slotOf(guest: G): Slot<G> | undefined {
    return this.slots.find((slot) => slot.guest === guest);
  }
}

const isIdle = <G>({ busy, guest }: Slot<G>): boolean => !busy && guest !== undefined;

const notAgain = (error: unknown): Error =>
  new Error(
    `this machine did not boot ${MOST_FAILED_BOOTS} times in a row and is not tried again: ${error instanceof Error ? error.message : String(error)}`,
  );
