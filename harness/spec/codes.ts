/**
 * Codes of what can be wrong with a spec: DB1xx the file and its YAML, DB2xx the schema, DB3xx the
 * meaning. Each is a row of docs/errors.md and, where a file can show it, a file under
 * specs/fault/.
 */
export interface CodeText {
  readonly title: string;
  readonly meaning: string;
  readonly mend: string;
}

export const SPEC_CODES = {
  DB101: {
    title: 'cannot read',
    meaning: 'The file is missing, a folder, or not readable.',
    mend: 'Check the path and its permissions.',
  },
  DB102: {
    title: 'too large',
    meaning: 'The file is larger than 1 MiB.',
    mend: 'Split it, or use named steps and a matrix.',
  },
  DB103: {
    title: 'not text',
    meaning: 'The file holds NUL bytes or is not UTF-8.',
    mend: 'Save it as UTF-8.',
  },
  DB104: {
    title: 'YAML syntax',
    meaning: 'The YAML parser does not accept the text.',
    mend: 'In { } and [ ] a parameter must be quoted: "${name}".',
  },
  DB105: {
    title: 'duplicate key',
    meaning: 'A mapping has the same key twice.',
    mend: 'Take one of them away.',
  },
  DB106: {
    title: 'too much YAML',
    meaning: 'Nesting, aliases or nodes beyond the limit.',
    mend: 'A spec needs no more than 64 levels and 100,000 nodes.',
  },
  DB107: {
    title: 'unusable key or tag',
    meaning: 'A key that is not text, is __proto__, or a tag that is not known.',
    mend: 'Keys are plain words; tags are not used.',
  },
  DB108: {
    title: 'several documents',
    meaning: 'The file holds more than one YAML document.',
    mend: 'One file, one spec.',
  },
  DB201: {
    title: 'unknown key',
    meaning: 'The schema has no such key there.',
    mend: 'See the language reference; the message says what is near.',
  },
  DB202: { title: 'missing key', meaning: 'A compulsory key is missing.', mend: 'Add it.' },
  DB203: {
    title: 'wrong form',
    meaning: 'The value has another type or form than the schema wants.',
    mend: 'The hint is the description of what belongs there.',
  },
  DB204: {
    title: 'not one of',
    meaning: 'The value is not one of the words that are possible.',
    mend: 'The message lists them.',
  },
  DB205: {
    title: 'wrong length',
    meaning: 'A list, mapping or text is too short or too long.',
    mend: 'See the limits in the language reference.',
  },
  DB301: {
    title: 'unknown name',
    meaning: 'No device, domain, controller, IOMMU, design or named step has this name.',
    mend: 'The message lists those that exist.',
  },
  DB302: {
    title: 'unknown parameter',
    meaning: '${name} stands for no matrix value and no parameter.',
    mend: 'Add it to matrix: or params:.',
  },
  DB303: {
    title: 'out of range',
    meaning: 'A number is too small, too large, or not one of those possible.',
    mend: 'The message says what is.',
  },
  DB304: {
    title: 'misaligned',
    meaning: 'An address or size is not a multiple of the page.',
    mend: 'Round it.',
  },
  DB305: {
    title: 'overlap',
    meaning: 'Two frames, SPI ranges or names claim the same.',
    mend: 'Move one of them.',
  },
  DB306: {
    title: 'contradiction',
    meaning: 'Two keys that exclude each other, or one that needs another.',
    mend: 'The message says which.',
  },
  DB307: {
    title: 'one operation a step',
    meaning: 'A step has no operation, or more than one.',
    mend: 'Begin each operation with a dash.',
  },
  DB308: {
    title: 'include',
    meaning: 'An included file cannot be used: outside the project, in a cycle, or too deep.',
    mend: 'Include files of the project, and none that includes itself.',
  },
  DB309: {
    title: 'too many cases or steps',
    meaning: 'More than 256 matrix points or 200,000 steps.',
    mend: 'Split the spec.',
  },
  DB310: {
    title: 'no such vector',
    meaning: 'The vector is beyond what the device has, or nothing set it up before.',
    mend: 'Set it up in an earlier step.',
  },
  DB311: {
    title: 'no IOMMU',
    meaning: 'A step attaches a device that has no IOMMU in front of it.',
    mend: 'Give the device iommus:.',
  },
  DB312: {
    title: 'what is used is gone',
    meaning:
      'A step uses a domain after free-domain, or a device of which detach: { only: device } closed the descriptor.',
    mend: 'Use another domain, or close the rest first.',
  },
  DB320: {
    title: 'block without a case',
    meaning: 'design: or when: names what the spec does not run.',
    mend: 'Name one of designs: or matrix:.',
  },
  DB330: {
    title: 'nothing is checked',
    meaning: 'No step and no end expects anything.',
    mend: 'Say what must be seen: expect:.',
  },
  DB430: {
    title: 'a schedule that its threads do not fit',
    meaning:
      'A step of schedule: is of an operation that its thread does not have, or not at that point, or is of no operation.',
    mend: 'A thread begins an operation of interleave:, in its order, and then takes its steps.',
  },
  DB433: {
    title: 'a property that no state can have',
    meaning:
      'always: and eventually: speak of states, so of mappings, messages, affinity, leaks and windows; sometimes: also of what happens in a step.',
    mend: 'Say with sometimes: that it happens, or of which state it leaves.',
  },
} as const satisfies Record<string, CodeText>;
export type SpecCode = keyof typeof SPEC_CODES;
