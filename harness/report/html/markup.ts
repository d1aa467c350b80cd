/** Text that is safe within HTML, and the few elements that a report is made of. */
import { printable } from '../style.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Of any text; control characters are spelt out, line ends of `text` are kept. */
export const escaped = (text: string): string =>
  text
    .split('\n')
    .map((line) => printable(line, 10_000).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c))
    .join('\n');

/** An element whose content is markup already. */
export const element = (name: string, attributes: string, content: string): string =>
  `<${name}${attributes === '' ? '' : ` ${attributes}`}>${content}</${name}>`;

export const span = (className: string, text: string): string =>
  element('span', `class="${className}"`, escaped(text));

export const fold = (className: string, open: boolean, summary: string, content: string): string =>
  `<details class="${className}"${open ? ' open' : ''}><summary>${summary}</summary>${content}</details>\n`;
