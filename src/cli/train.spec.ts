import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Remote } from './remote.js';
import { train } from './train.js';

const DONE = {
  id: 'j1',
  model: 'iris',
  state: 'done',
  version: '2',
  error: null,
  metrics: {},
  created: 'now',
};
const gate = (verdict: string) => ({ verdict, champion: '1', promoted: false, reason: 'so it is' });

/** A server whose one training has ended so, and what it was asked. */
async function serverOf(job: object) {
  const asked: { key: unknown; body: string }[] = [];
  const server = createServer((request: IncomingMessage, reply) => {
    if (request.method === 'POST')
      void text(request).then((body) => asked.push({ key: request.headers['idempotency-key'], body }));
    reply.end(JSON.stringify(job));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('nestor train', () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  beforeEach(() => written.mockClear());
  afterAll(() => written.mockRestore());

  it('asks with arguments and key, and prints how the training has ended', async () => {
    const { url, asked } = await serverOf({ ...DONE, gate: gate('needs_approval') });
    await train('iris', new Remote(url), { arguments: '{"C":2}', key: 'nightly' });
    expect(asked).toEqual([{ key: 'nightly', body: '{"arguments":{"C":2}}' }]);
    expect(written).toHaveBeenCalledExactlyOnceWith(
      'j1  now  iris  done  version 2  gate needs_approval beside version 1, not champion: so it is\n',
    );
  });

  it('leaves out what was not said, and prints the job for programs', async () => {
    const { url, asked } = await serverOf({ ...DONE, gate: null });
    await train('iris', new Remote(url), { json: true });
    expect(asked).toEqual([{ key: undefined, body: '{}' }]);
    expect(JSON.parse(written.mock.calls[0]![0] as string)).toEqual({ ...DONE, gate: null });
  });

  it('fails where the gate has failed', async () => {
    const { url } = await serverOf({ ...DONE, gate: gate('failed') });
    await expect(train('iris', new Remote(url), {})).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('gate failed beside version 1') as string,
    });
    expect(written).not.toHaveBeenCalled();
  });

  it('is called wrongly with arguments that are no JSON', async () => {
    const { url, asked } = await serverOf(DONE);
    await expect(train('iris', new Remote(url), { arguments: 'C=2' })).rejects.toMatchObject({ exitCode: 2 });
    expect(asked).toEqual([]);
  });
});
