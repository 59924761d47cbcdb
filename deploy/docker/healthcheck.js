// The image's health check: exit code 0 when Nestor is ready, asked where HOST and PORT say it listens. No shell, no curl.
// Not by fetch(), which refuses some ports that a server may well listen on.
import { get } from 'node:http';

const { HOST, PORT } = process.env;
const isEveryAddress = !HOST || HOST === '0.0.0.0' || HOST === '::';
const host = isEveryAddress ? 'localhost' : HOST;
get({ host, port: PORT || 3000, path: '/health/ready', agent: false }, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).on('error', () => process.exit(1));
