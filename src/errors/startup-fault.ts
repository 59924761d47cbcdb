/** One thing that keeps the program from starting, and what the operator does about it. */
export interface Fault {
  readonly what: string;
  readonly mend: string;
}

/** The start cannot go on. `main` prints every fault with its mend and ends with exit code 1. */
export class StartupFault extends Error {
  constructor(readonly faults: readonly Fault[]) {
    super(
      ['Nestor cannot start:', ...faults.map(({ what, mend }) => `  - ${what}\n    mend: ${mend}`)].join(
        '\n',
      ),
    );
    this.name = 'StartupFault';
  }

  /** What stopped the start, as a fault with a mend where there is one to name. */
  static from(error: unknown): StartupFault {
    if (error instanceof StartupFault) return error;
    const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      return new StartupFault([{ what: message, mend: 'stop the other process or set another PORT' }]);
    // Looking up HOST is the only question for a name that a start asks.
    if (syscall === 'listen' || syscall === 'getaddrinfo') {
      return new StartupFault([
        { what: message, mend: 'set HOST and PORT to an address that this machine may listen on' },
      ]);
    }
    if (code === 'ERR_DLOPEN_FAILED') {
      const mend =
        'onnxruntime is made for Linux with glibc: use a Debian, Ubuntu or Red Hat system or the container image, not Alpine (musl), or a newer one where a GLIBC version is missing';
      return new StartupFault([{ what: `a library cannot be loaded: ${message.split('\n')[0]}`, mend }]);
    }
    if (code === 'EACCES' || code === 'EPERM')
      return new StartupFault([{ what: message, mend: 'let the process use that path' }]);
    return new StartupFault([
      { what: stack ?? message, mend: 'this is a fault of Nestor; please report it' },
    ]);
  }
}
