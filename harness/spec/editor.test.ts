/** What an editor makes of the published schema: yaml-language-server over stdio, as VS Code and others run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { starter } from '../init/starters.ts';

const ROOT = join(__dirname, '../..');
const SERVER = join(ROOT, 'node_modules/yaml-language-server/bin/yaml-language-server');
const SCHEMA = pathToFileURL(join(ROOT, 'schemas/spec.schema.json')).href;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly diagnostics?: readonly Problem[] };
  readonly result?: unknown;
}
interface Problem {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

/** The base protocol of LSP: a header with the length, then JSON. */
class Client {
  private readonly server: ChildProcess = spawn(process.execPath, [SERVER, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  private rest = Buffer.alloc(0);
  private readonly waiting: { wants: (m: Message) => boolean; done: (m: Message) => void }[] = [];
  private ids = 0;
  private files = 0;

  constructor() {
    this.server.stdout?.on('data', (chunk: Buffer) => this.read(chunk));
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const end = this.rest.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.rest.toString('latin1'))?.[1]);
      if (end < 0 || this.rest.length < end + 4 + length) return;
      const body = this.rest.subarray(end + 4, end + 4 + length).toString('utf8');
      this.rest = this.rest.subarray(end + 4 + length);
      this.take(JSON.parse(body) as Message);
    }
  }

  private take(message: Message): void {
    // What the server asks of its client, such as its settings, is answered with nothing.
    if (message.id !== undefined && message.method !== undefined)
      this.send({
        id: message.id,
        result: message.method.includes('onfiguration') ? [{}, {}, {}, {}, {}] : null,
      });
    const at = this.waiting.findIndex(({ wants }) => wants(message));
    if (at >= 0) this.waiting.splice(at, 1)[0]?.done(message);
  }

  private send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private next(wants: (message: Message) => boolean): Promise<Message> {
    return new Promise((done) => this.waiting.push({ wants, done }));
  }

  async request(method: string, params: object): Promise<unknown> {
    const id = ++this.ids;
    const answer = this.next((m) => m.id === id && m.method === undefined);
    this.send({ id, method, params });
    return (await answer).result;
  }

  notify(method: string, params: object): void {
    this.send({ method, params });
  }

  /** Opens a text as a spec; its diagnostics. */
  async open(text: string): Promise<{ uri: string; problems: readonly Problem[] }> {
    const uri = `file:///project/${++this.files}.spec.yaml`;
    const told = this.next(
      ({ method, params }) => method === 'textDocument/publishDiagnostics' && params?.uri === uri,
    );
    this.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return { uri, problems: (await told).params?.diagnostics ?? [] };
  }

  end(): void {
    this.server.kill();
  }
}

const client = new Client();
beforeAll(async () => {
  await client.request('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  client.notify('initialized', {});
}, 60_000);
afterAll(() => client.end());

const SPEC = starter('its', SCHEMA);
/** The text with a line changed, and where the change is. */
function changed(from: string, to: string): { text: string; line: number } {
  expect(SPEC).toContain(from);
  return {
    text: SPEC.replace(from, to),
    line: SPEC.slice(0, SPEC.indexOf(from)).split('\n').length - 1,
  };
}

describe('an editor', () => {
  test('has nothing to say of the spec that doorbell init writes', async () => {
    expect((await client.open(SPEC)).problems).toEqual([]);
  });

  test.each([
    ['designs: [tracked', 'desings: [tracked', /desings/],
    ['msix: 4', 'msixx: 4', /msixx/],
    ['{ cpu: 0, count: 1 }', '{ cpu: 0, cuont: 1 }', /cuont/],
  ])('underlines %s written as %s', async (from, to, message) => {
    const { text, line } = changed(from, to);
    const { problems } = await client.open(text);
    const found = problems.filter((problem) => message.test(problem.message));
    expect(found.map(({ range }) => range.start.line)).toContain(line);
  });

  test('completes keys and shows descriptions', async () => {
    const { text, line } = changed('designs: [tracked', 'desi\ndesigns: [tracked');
    const { uri } = await client.open(text.replace(/^designs:.*\n/m, ''));
    const at = { textDocument: { uri }, position: { line, character: 4 } };
    const list = (await client.request('textDocument/completion', at)) as {
      readonly items: readonly { readonly label: string }[];
    };
    expect(list.items.map(({ label }) => label)).toContain('designs');
    const { uri: whole } = await client.open(SPEC);
    const title = SPEC.split('\n').findIndex((each) => each.startsWith('steps:'));
    const hover = await client.request('textDocument/hover', {
      textDocument: { uri: whole },
      position: { line: title, character: 2 },
    });
    expect(JSON.stringify(hover)).toMatch(/step/i);
  });
});
