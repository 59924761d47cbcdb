// The server as a few files: of some two thousand modules, most of a start would be finding and reading them.
// `npm run build` runs it over what the compiler has made; what stands beside in dist/ serves the command line and the tests.
import { defineConfig } from 'rolldown';

/** Loaded as they were installed: a native library, files that are served, and what is not installed at all. */
const external = [
  /^onnxruntime-node/,
  'swagger-ui-dist',
  /^@nestjs\/(microservices|platform-express|websockets)/,
  '@fastify/multipart',
  '@fastify/view',
  'pg-native',
];

/**
 * Called to see whether they throw. The bundler takes these for calls that do nothing but return, and leaves them out where
 * nobody uses what they return; members of an object it lets stand.
 */
const THROWING = ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent'];

export default defineConfig({
  input: {
    main: 'dist/main.js',
    'journal/search-thread': 'dist/journal/search-thread.js',
    'state/sqlite-thread': 'dist/state/sqlite-thread.js',
  },
  platform: 'node',
  external,
  logLevel: 'warn',
  transform: { define: Object.fromEntries(THROWING.map((name) => [name, `globalThis.${name}`])) },
  output: { dir: 'dist', entryFileNames: '[name].js', chunkFileNames: 'server/[name].js' },
});
