/**
 * docs/firmware-findings.md: each rule of `doorbell check` for device trees on a tree that breaks
 * it.
 */

/**
 * @param {any} modules The findings, sizes and trees of src/firmware.
 * @param {string} note
 */
export function findingsPage({ faults, findings, sizes, trees, explain }, note) {
  /** @type {Map<string, string>} */
  const rules = new Map();
  const era = '6.12';
  const see = (
    /** @type {string} */ title,
    /** @type {any} */ source,
    /** @type {any[]} */ list,
  ) => {
    for (const finding of list)
      if (!rules.has(finding.rule))
        rules.set(finding.rule, entry(title, finding, trees.treeOf(source)));
  };
  // A fault that breaks one rule alone shows it best.
  const sorted = [...faults.FAULTS].sort((a, b) => a[2].length - b[2].length);
  for (const [title, source] of sorted)
    see(title, source, findings.treeFindings(trees.treeOf(source), era));
  for (const [title, source] of faults.SMALL) {
    const explanation = explain.explainTree(trees.treeOf(source), { era });
    see(title, source, sizes.sizeReview(explanation, sizes.NO_SIZES).findings);
  }
  const entries = [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `${note}
# What \`doorbell check\` finds in device trees

Each rule, on a tree of our own that breaks it: what is there, what Linux does with it, what the author probably meant. Which severity counts for
what is in [firmware.md](firmware.md#findings); of ACPI tables, in [firmware-acpi.md](firmware-acpi.md#what-the-check-finds).

${entries.join('\n')}`;
}

function entry(
  /** @type {string} */ title,
  /** @type {any} */ { rule, severity, node, property, message, linux, meant },
  /** @type {any} */ tree,
) {
  const value = property === undefined ? undefined : valueOf(tree.at(node), property);
  const source = value === undefined ? '' : `\n\n    ${property}${value};`;
  return `## ${rule}

${severity}, at \`${node}\`: ${title}.${source}

- ${message}
- Linux: ${linux}
- meant: ${meant}
`;
}

/** As the source of a tree would have it; nothing where the fault is that it is missing. */
function valueOf(/** @type {any} */ node, /** @type {string} */ property) {
  if (node === undefined || !node.has(property)) return undefined;
  const strings = ['status', 'compatible'];
  if (strings.includes(property)) return ` = "${node.strings(property).join('", "')}"`;
  const cells = node.cells(property) ?? [];
  if (cells.length === 0) return '';
  return ` = <${cells.map((/** @type {number} */ each) => `0x${each.toString(16)}`).join(' ')}>`;
}
