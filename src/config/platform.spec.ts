import { platformFault } from './platform.js';

describe(platformFault.name, () => {
  it.each([
    ['linux', 'x64', 'v24.0.0'],
    ['linux', 'arm64', 'v26.1.0'],
    ['darwin', 'arm64', 'v24.21.0'],
  ] as const)('has nothing against %s on %s with Node %s', (platform, arch, version) => {
    expect(platformFault({ platform, arch, version })).toBeUndefined();
  });

  it.each([
    ['linux', 'x64', 'v20.19.1', 'this is Node 20.19.1, and Nestor needs 24 or newer'],
    ['darwin', 'x64', 'v24.1.0', 'onnxruntime has no library for darwin on x64'],
    ['linux', 'ia32', 'v24.1.0', 'onnxruntime has no library for linux on ia32'],
    ['win32', 'x64', 'v20.0.0', 'Nestor does not run on Windows'],
  ] as const)('says of %s on %s with Node %s: %s', (platform, arch, version, what) => {
    expect(platformFault({ platform, arch, version })).toEqual({ what, mend: expect.any(String) });
  });
});
