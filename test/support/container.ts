/** A module to import before the server: it then believes to be in a container of so many bytes. */
export function containerOf(bytes: number): string {
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { readFileSync } = fs;
    fs.readFileSync = (path, ...more) =>
      path === '/sys/fs/cgroup/memory.max' ? '${bytes}' : readFileSync(path, ...more);
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
