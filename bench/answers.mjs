/** What must be so of every explanation of a firmware, whatever became of the firmware. */

/** The ranges of each bridge follow one another, from the first requester ID of its buses on. */
export function eachRequesterHasAnswers({ bridges }) {
  for (const { busRange, msi, iommu, truncated } of bridges)
    for (const ranges of [msi, iommu]) {
      let expected = busRange[0] << 8;
      for (const { rid, lastRid } of ranges) {
        if (rid !== expected || lastRid < rid) throw new Error('a requester ID without an answer');
        expected = lastRid + 1;
      }
      if (!truncated && expected !== ((busRange[1] << 8) | 0xff) + 1)
        throw new Error('requester IDs at the end without an answer');
    }
}
