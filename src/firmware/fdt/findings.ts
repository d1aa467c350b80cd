/**
 * What a reviewer of this tree would say: all rules, in the order of severity and then of the tree.
 */
import type { Era } from '../explanation.ts';
import type { Finding } from '../finding.ts';
import { Board } from './board.ts';
import { hostBridges } from './explain.ts';
import { bridgeFindings } from './findings/bridges.ts';
import { collisions } from './findings/collisions.ts';
import { controllerFindings } from './findings/controllers.ts';
import { mapFindings } from './findings/maps.ts';
import { nodeFindings } from './findings/nodes.ts';
import { disabledBy } from './status.ts';
import type { DtTree } from './tree.ts';

/** Nobody reads more, and no machine has more bridges: a tree made to hurt could have millions. */
const MAX_FINDINGS = 1000;
const MAX_BRIDGES = 256;
const ORDER = { error: 0, warning: 1, note: 2 } as const;

export function treeFindings(tree: DtTree, era: Era): Finding[] {
  const board = new Board(tree, era);
  // What is switched off harms nobody: only what Linux looks at is reviewed.
  const bridges = hostBridges(tree)
    .filter((bridge) => disabledBy(bridge) === undefined)
    .slice(0, MAX_BRIDGES);
  const found = [
    ...nodeFindings(board, bridges),
    ...controllerFindings(board),
    ...bridges.flatMap((bridge) => [
      ...mapFindings(board, bridge),
      ...bridgeFindings(board, bridge),
    ]),
    ...collisions(board, bridges),
  ];
  return found.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]).slice(0, MAX_FINDINGS);
}
