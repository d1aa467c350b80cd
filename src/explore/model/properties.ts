/** What must hold, by name. Property p of a verdict is PROPERTIES[p - 1]. */
export const PROPERTIES = [
  'no unexpected fault',
  'no interrupt is lost',
  'no interrupt reaches another vector',
  'no interrupt at a CPU that was never asked for',
  'references equal the programmed messages that use them',
  'no binding without a reference',
  'no use of freed memory',
] as const;
export type PropertyName = (typeof PROPERTIES)[number];

/** Number of a property in a verdict, from 1. */
export const property = (name: PropertyName): number => PROPERTIES.indexOf(name) + 1;
