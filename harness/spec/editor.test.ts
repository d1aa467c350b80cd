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
/** Names that the spec gives its parts: they have no description of their own. */
const OWN_NAMES = new Set(['its:', 'smmu:', 'nic:', 'vm:']);

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

  test.each([
    ['a key of the spec', 'designs: [tracked', 'desi', 'designs'],
    ['an operation', '  - teardown: nic', '  - tear', 'teardown'],
    ['a kind of expectation', '    expect:', '    expect:\n      inter', 'interrupts'],
    ['a field of an expectation', '{ cpu: 0, count: 1 }', '{ cpu: 0, co', 'count'],
  ])('completes %s', async (_, from, typed, wanted) => {
    expect(await completions(from, typed)).toContain(wanted);
  });

  test('completes the keys of the kind that was chosen, and no other', async () => {
    const labels = await completions('kind: gicv3-its, ', 'kind: gicv3-its, device-i');
    expect(labels).toContain('device-id-bits');
    expect(labels).not.toContain('stride');
    const kinds = await completions('kind: gicv3-its', 'kind: ');
    expect(kinds).toEqual(expect.arrayContaining(['gicv2m', 'gicv3-its', 'riscv-imsic']));
  });

  test.each([
    ['steps:', 2, 'Steps, in order.', 'steps: [ { attach:'],
    ['setup:', 2, 'Sets up vectors', 'setup: { device: nic, vectors: 4, cpu: 0 }'],
    ['kind: gicv3-its', 1, 'gicv3-its', 'kind: gicv3-its'],
    ['msix: 4', 1, 'Entries of the MSI-X table', 'msix: 4'],
    ['count: 1', 1, 'How often it arrived there', 'count: 1'],
  ])(
    'shows of %s what it is, and in a line of its own an example',
    async (at, by, prose, example) => {
      const text = await hover(SPEC, SPEC.indexOf(at) + by);
      expect(text).toContain(prose);
      expect(text).toMatch(/\n+Example: /);
      expect(text).toContain(example);
    },
  );

  test('shows an example of every key of the spec', async () => {
    const without: string[] = [];
    for (const { 0: at, index } of SPEC.matchAll(/(?<=[ \n{]|^)[a-z-]+:(?=[ \n])/gm)) {
      const line = SPEC.slice(SPEC.lastIndexOf('\n', index) + 1, index);
      if (line.includes('#') || OWN_NAMES.has(at)) continue;
      const text = await hover(SPEC, index);
      if (!text.includes('Example: ')) without.push(`${line}${at}`);
    }
    expect(without).toEqual([]);
  });
});

test('an editor knows the configuration file by its modeline', async () => {
  const config = pathToFileURL(join(ROOT, 'schemas/config.schema.json')).href;
  const good = `# yaml-language-server: $schema=${config}\nrun:\n  reporter: [lines, tap]\n`;
  expect((await client.open(good)).problems).toEqual([]);
  const { problems } = await client.open(good.replace('reporter', 'reporters'));
  expect(problems.map(({ message, range }) => [message, range.start.line])).toEqual([
    [expect.stringContaining('reporters'), 2],
  ]);
  expect(await hover(good, good.indexOf('reporter'))).toMatch(/\n+Example: reporter: /);
});

/** What is offered at the end of `typed`, which stands where `from` was. */
async function completions(from: string, typed: string): Promise<string[]> {
  expect(SPEC).toContain(from);
  const before = `${SPEC.slice(0, SPEC.indexOf(from))}${typed}`;
  const rest = SPEC.slice(SPEC.indexOf(from) + from.length);
  // What stands behind it on the line stays; a key that is being written has the line for itself.
  const text =
    typed.startsWith('{') || typed.startsWith('kind')
      ? `${before}${rest}`
      : `${before}\n${rest.replace(/^.*\n/, '')}`;
  const { uri } = await client.open(text);
  const lines = before.split('\n');
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const list = (await client.request('textDocument/completion', {
    textDocument: { uri },
    position,
  })) as { readonly items: readonly { readonly label: string }[] };
  return list.items.map(({ label }) => label);
}

async function hover(text: string, offset: number): Promise<string> {
  const before = text.slice(0, offset).split('\n');
  const { uri } = await client.open(text);
  const answer = (await client.request('textDocument/hover', {
    textDocument: { uri },
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  })) as { readonly contents?: { readonly value?: string } } | null;
  return answer?.contents?.value?.replaceAll('\\', '').replaceAll('&emsp;', ' ') ?? '';
}
