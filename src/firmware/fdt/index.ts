/** What scripts and benchmarks use of the device-tree half. */
export { explanationJson } from '../explanation-json.ts';
export { ERAS } from '../explanation.ts';
export { importTopology } from '../topology.ts';
export { explainTree } from './explain.ts';
export { treeFindings } from './findings.ts';
export { readFdt } from './read-fdt.ts';
export { NO_SIZES, sizeReview } from '../sizes.ts';
