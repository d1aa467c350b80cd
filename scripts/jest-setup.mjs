/** Before the unit tests. */
export { freshValidators as default } from './fresh-validators.mjs';
