/**
 * irq_create_affinity_masks and group_cpus_evenly (lib/group_cpus.c): the CPUs in as many groups as
 * there are managed vectors. Clusters and SMT siblings are not modelled, and all CPUs are present.
 */

/**
 * The kernel sorts nodes by their CPUs, with a heap sort that is not stable: where it puts equal
 * ones among more than two is not modelled.
 */
export const isUndecided = (groups: number, nodes: readonly (readonly number[])[]): boolean =>
  nodes.length > 2 &&
  groups > nodes.length &&
  new Set(nodes.map(({ length }) => length)).size < nodes.length;

/**
 * ncpus_cmp_func. Of two that are equal the second comes first: 6.1 and 6.12 booted with two nodes
 * of two CPUs, and an nvme.
 */
const bySize = (nodes: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  nodes.toReversed().sort((a, b) => a.length - b.length);

/** By group, its CPUs. `nodes` has every CPU once. */
export function groupCpusEvenly(
  groups: number,
  nodes: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  // With as many nodes as groups, or more, each node goes to one group, round and round.
  if (groups <= nodes.length)
    return Array.from({ length: groups }, (_, group) =>
      nodes.filter((_, node) => node % groups === group).flat(),
    );
  // alloc_nodes_groups: from the smallest node, by its share of the CPUs that are left, at least
  // one.
  let cpusLeft = nodes.flat().length;
  let groupsLeft = Math.min(groups, cpusLeft);
  return bySize(nodes).flatMap((node) => {
    const own = Math.max(1, Math.floor((groupsLeft * node.length) / cpusLeft));
    cpusLeft -= node.length;
    groupsLeft -= own;
    return inOrder(own, node);
  });
}

/** The CPUs of a node in order, the first groups one larger where it does not come out even. */
function inOrder(groups: number, cpus: readonly number[]): number[][] {
  const [each, over] = [Math.floor(cpus.length / groups), cpus.length % groups];
  return Array.from({ length: groups }, (_, n) => {
    const first = n * each + Math.min(n, over);
    return cpus.slice(first, first + each + (n < over ? 1 : 0));
  });
}
