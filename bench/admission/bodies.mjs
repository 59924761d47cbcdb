// The bodies of the loads, all of them legal.
import { bulkRows } from '../bulk.mjs';

const WORDS = 'that movie was boring and the plot a waste of time, but I loved her acting; ';

const instances = (rows) => Buffer.from(JSON.stringify({ instances: rows }));

export const BULK = '/v1/models/turnover:predict';
export const TEXTS = '/v1/models/sentiment:predict';

/** Ten thousand texts, 15 MB. */
export const texts = () =>
  instances(
    Array.from({ length: 10_000 }, (_, index) => ({ text: (index + WORDS.repeat(25)).slice(0, 1_490) })),
  );

export const rows = (count) => instances(bulkRows(count));

/** The head of an upload of so many bytes, and its beginning. */
export const head = (path, bytes, more = '') =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n${more}\r\n`;
