/** What the rest of the project uses of the ACPI half. */
export { iommuOf, msiOf } from './answers.ts';
export { explainAcpi } from './explain.ts';
export { findingsOf } from './findings.ts';
export { readMachine } from './machine.ts';
export { nodeName } from './names.ts';
export { ERAS } from '../explanation.ts';
export { NO_SIZES, sizeReview } from '../sizes.ts';
