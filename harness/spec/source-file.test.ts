import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SourceFile } from './source-file.ts';

const file = (text: string): SourceFile => new SourceFile('a.yaml', '/p/a.yaml', text);

describe('places', () => {
  test('a place says where an offset is, for every offset of every text', () => {
    const lines = fc.array(
      fc.string({ maxLength: 12 }).map((s) => s.replace(/[\r\n]/g, '')),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), (texts, end) => {
        const source = file(texts.join(end));
        let offset = 0;
        for (const [i, text] of texts.entries()) {
          expect(source.line(i + 1)).toBe(text);
          for (let col = 1; col <= text.length; col++) {
            expect(source.place(offset + col - 1)).toMatchObject({
              file: 'a.yaml',
              line: i + 1,
              col,
            });
          }
          offset += text.length + end.length;
        }
      }),
    );
  });

  test('the end is on the same line, and never before the place', () => {
    const source = file('abc: {\n  d: 1 }\n');
    expect(source.place(5, 14)).toEqual({ file: 'a.yaml', line: 1, col: 6, endCol: 7 });
    expect(source.place(0, 3)).toMatchObject({ col: 1, endCol: 4 });
    expect(source.place(3, 3)).toMatchObject({ col: 4, endCol: 5 });
  });

  test('an empty file and the end of a file have places', () => {
    expect(file('').place(0)).toMatchObject({ line: 1, col: 1, endCol: 2 });
    expect(file('a\n').place(2)).toMatchObject({ line: 2, col: 1 });
    expect(file('a').line(99)).toBe('');
  });
});
