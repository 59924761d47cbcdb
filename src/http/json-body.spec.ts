import type { FastifyRequest } from 'fastify';
import { parseJsonBody } from './json-body.js';

const request = { headers: { 'content-type': 'application/json' } } as FastifyRequest;
const parse = (text: string): unknown => parseJsonBody(request, Buffer.from(text));

describe(parseJsonBody.name, () => {
  it('counts objects and lists, and not what stands in texts', () => {
    const text = '[{\\"'.repeat(600_000);
    const open = JSON.stringify({ text });
    expect(parse(`[${open},${'[],'.repeat(999_997)}0]`)).toHaveLength(999_999);
    expect(() => parse(`[${open},${'[],'.repeat(999_999)}0]`)).toThrow(
      'more than 1,000,000 objects and lists',
    );
  });

  it('says where a text stops being JSON, however long it is', () => {
    expect(() => parse(`[${'1,\n'.repeat(700_000)}?]`)).toThrow('see line 700001, column 1');
  });
});
