/** What the rest of the project uses of the ACPI half. */
export { iommuOf, msiOf } from './answers.ts';
export { readMachine } from './machine.ts';
export { nodeName } from './names.ts';
export { ERAS } from '../explanation.ts';
