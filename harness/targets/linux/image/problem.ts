/** Why an image cannot be prepared, in words for people, with what helps. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
