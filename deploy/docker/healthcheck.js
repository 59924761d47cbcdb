// The image's health check: exit code 0 when Nestor is ready, asked where HOST and PORT, or MANAGEMENT_PORT if there
// is one, say that it listens. No shell, no curl.
// Not by fetch(), which refuses some ports that a server may well listen on.
import { get } from 'node:http';

const { HOST, PORT, MANAGEMENT_PORT } = process.env;
const isEveryAddress = !HOST || HOST === '0.0.0.0' || HOST === '::';
const host = isEveryAddress ? 'localhost' : HOST;
get(
  { host, port: MANAGEMENT_PORT || PORT || 3000, path: '/health/ready', agent: false },
  ({ statusCode }) => {
    process.exit(statusCode === 200 ? 0 : 1);
  },
).on('error', () => process.exit(1));
