/**
 * `tracked` with one mistake, made on purpose: the old message's reference is dropped before the
 * new message is written. A run that does things one after another cannot tell them apart; a device
 * that writes in between meets a page that is gone. Here so that the explorer is seen to find it.
 */
import { glue, when } from '../kernel/procedure.ts';
import type { Design } from './design.ts';
import { holdsOld, putOld, remember, tracked } from './tracked.ts';

export const trackedEarly: Design = {
  ...tracked,
  name: 'tracked-early',
  beforeWrite: [when(holdsOld, [putOld])],
  afterWrite: [glue(remember)],
};
