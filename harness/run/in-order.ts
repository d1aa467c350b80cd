/**
 * Work that overlaps and tells in order: what a later piece has to say waits until the earlier ones
 * have ended. The first piece tells as it goes.
 */

interface Piece<E> {
  /** Undefined once what it says goes straight out. */
  held: E[] | undefined;
  ended: boolean;
  readonly work: Promise<void>;
}

export class InOrder<E> {
  private readonly out: (event: E) => void;
  private readonly most: number;
  private readonly pieces: Piece<E>[] = [];

  /** `most`: pieces that may be under way at once. */
  constructor(out: (event: E) => void, most: number) {
    this.out = out;
    this.most = most;
  }

  /** After all that was begun before. */
  tell(event: E): void {
    const last = this.pieces.at(-1);
    if (last === undefined) this.out(event);
    else this.pieces.push({ held: [event], ended: true, work: Promise.resolve() });
  }

  /** Begins a piece of work, and waits until another may be begun. The work never rejects. */
  async begin(work: (tell: (event: E) => void) => Promise<void>): Promise<void> {
    const held = this.pieces.length === 0 ? undefined : [];
    const piece: Piece<E> = {
      held,
      ended: false,
      work: Promise.resolve().then(() =>
        work((event) => {
          if (piece.held === undefined) this.out(event);
          else piece.held.push(event);
        }),
      ),
    };
    this.pieces.push(piece);
    void piece.work.then(() => {
      piece.ended = true;
      this.flush();
    });
    while (this.pieces.filter(({ ended }) => !ended).length >= this.most)
      await Promise.race(this.pieces.filter(({ ended }) => !ended).map((each) => each.work));
  }

  async all(): Promise<void> {
    await Promise.all(this.pieces.map(({ work }) => work));
    this.flush();
  }

  private flush(): void {
    for (let first = this.pieces[0]; first !== undefined; first = this.pieces[0]) {
      for (const event of first.held ?? []) this.out(event);
      first.held = undefined;
      if (!first.ended) return;
      this.pieces.shift();
    }
  }
}
