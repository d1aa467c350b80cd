/** Set by scripts/build.mjs. */
declare const DOORBELL_VERSION: string;
/** Hash of the loader and runtime that this build's transformer works with. */
declare const DOORBELL_BUILD: string;
