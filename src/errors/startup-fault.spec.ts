import { createServer } from 'node:net';
import { once } from 'node:events';
import { StartupFault } from './startup-fault.js';

const HINT = 'set HOST and PORT to an address that this machine may listen on';

/** What `listen` says of an address that it cannot have. */
async function refusal(host: string, port = 0): Promise<unknown> {
  const [error] = await once(createServer().listen(port, host), 'error').catch((error: unknown) => [error]);
  return error;
}

const errorOf = (message: string, facts: Partial<NodeJS.ErrnoException>): Error =>
  Object.assign(new Error(message), facts);

describe('the mend that a start names', () => {
  it('speaks of HOST and PORT where there is no listening', async () => {
    expect(StartupFault.from(await refusal('192.0.2.1')).faults).toEqual([
      { what: 'listen EADDRNOTAVAIL: address not available 192.0.2.1', mend: HINT },
    ]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])(
    'speaks of HOST and PORT where the name has no address (%s)',
    (code) => {
      const error = errorOf(`getaddrinfo ${code} nowhere`, { code, syscall: 'getaddrinfo' });

      expect(StartupFault.from(error).faults).toEqual([{ what: error.message, mend: HINT }]);
    },
  );

  it('speaks of the system where the library of the runtime cannot be loaded', () => {
    const load = (): void => process.dlopen({ exports: {} }, process.execPath.replace(/[^/]+$/, 'none.node'));
    const faults = ((): StartupFault['faults'] => {
      try {
        load();
        return [];
      } catch (error) {
        return StartupFault.from(error).faults;
      }
    })();

    expect(faults).toEqual([
      {
        what: expect.stringMatching(
          /^a library cannot be loaded: .+none\.node: cannot open shared object file/,
        ),
        mend: expect.stringMatching(/^onnxruntime is made for Linux with glibc: .+ not Alpine \(musl\)/),
      },
    ]);
  });

  it('speaks of PORT where another process listens', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };

    expect(StartupFault.from(await refusal('127.0.0.1', port)).faults).toEqual([
      {
        what: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
        mend: 'stop the other process or set another PORT',
      },
    ]);
    other.close();
  });

  it('speaks of the file where a file may not be used, and not of HOST', () => {
    const error = errorOf("EACCES: permission denied, open '.env'", { code: 'EACCES', syscall: 'open' });

    expect(StartupFault.from(error).faults).toEqual([
      { what: error.message, mend: 'let the process use that path' },
    ]);
  });

  it('asks for a report of everything else, with the stack', () => {
    const error = errorOf("ENOENT: no such file or directory, open 'x'", { code: 'ENOENT', syscall: 'open' });

    expect(StartupFault.from(error).faults).toEqual([
      { what: error.stack, mend: 'this is a fault of Nestor; please report it' },
    ]);
  });
});
