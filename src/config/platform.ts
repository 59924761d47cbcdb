import type { Fault } from '../errors/startup-fault.js';

/** Where onnxruntime brings its library; `linux` means glibc. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64'];
const OLDEST_NODE = 24;

/** What of a process tells whether Nestor can run in it. */
type Host = Pick<NodeJS.Process, 'platform' | 'arch' | 'version'>;

/**
 * Why Nestor cannot run here at all. Asked before anything else is imported: what an older Node or another platform
 * lacks would end the import itself.
 */
export function platformFault({ platform, arch, version }: Host = process): Fault | undefined {
  if (platform === 'win32')
    return { what: 'Nestor does not run on Windows', mend: 'run it in WSL2, or run its container image' };
  if (Number(/\d+/.exec(version)?.[0]) < OLDEST_NODE) {
    return {
      what: `this is Node ${version.slice(1)}, and Nestor needs ${OLDEST_NODE} or newer`,
      mend: 'start it by npm start, which takes the Node that npm ci has installed, or by a newer Node',
    };
  }
  if (PLATFORMS.includes(`${platform}-${arch}`)) return undefined;
  return {
    what: `onnxruntime has no library for ${platform} on ${arch}`,
    mend: `use one of ${PLATFORMS.join(', ')}, or run the container image`,
  };
}
