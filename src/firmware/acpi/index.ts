/** What the rest of the project uses of the ACPI half. */
export { iommuOf, msiOf } from './answers.ts';
export { ACPI_ERAS } from './id-mapping.ts';
export { readMachine } from './machine.ts';
export { nodeName } from './names.ts';
