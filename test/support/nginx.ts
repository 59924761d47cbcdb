import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { atEnd } from './clean-up.js';
import { isOpen } from './ports.js';
import { temporaryFolder } from './temporary-folder.js';

export const HAS_NGINX = spawnSync('nginx', ['-v']).status === 0;

/** A balancer as most run it: it keeps connections to both servers, and learns by trying that one is not there. */
const configuration = (folder: string, port: number, servers: readonly number[]): string => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000;
  upstream nestor {
    ${servers.map((server) => `server 127.0.0.1:${server} max_fails=0;`).join('\n    ')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass http://nestor;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

/**
 * Runs nginx before servers on these ports, until the test file is done.
 * @returns what it complains of, but for servers that are not there.
 */
export async function startNginx(port: number, servers: readonly number[]): Promise<() => string> {
  const folder = temporaryFolder();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, servers));
  const child = spawn('nginx', ['-c', file, '-p', folder], { stdio: 'ignore' });
  atEnd(async () => {
    child.kill('SIGQUIT');
    if (child.exitCode === null) await once(child, 'exit');
  });
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    await after(20);
  }
  return () => {
    const lines = readFileSync(join(folder, 'error.log'), 'utf8').split('\n');
    return lines.filter((line) => !line.includes('Connection refused')).join('\n');
  };
}
