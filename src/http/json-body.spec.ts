import type { FastifyRequest } from 'fastify';
import { columnsForm } from '../inputs/body-form.js';
import { parseJsonBody } from './json-body.js';

const request = {
  headers: { 'content-type': 'application/json' },
  bodyForm: null,
} as unknown as FastifyRequest;
const parse = (text: string): unknown => parseJsonBody(request, Buffer.from(text));

describe(parseJsonBody.name, () => {
  it('holds a large body to the form of its route', () => {
    const body = `[${'[],'.repeat(30_000)}0]`;
    expect(parse(body)).toHaveLength(30_001);

    const bound = { ...request, bodyForm: columnsForm(['a'], 10) } as FastifyRequest;

    expect(() => parseJsonBody(bound, Buffer.from(body))).toThrow(
      'the body holds more than 1,002 objects and lists',
    );
  });

  it('gives the memory of a large body back when it is text', () => {
    const large = Buffer.from(`"${'a'.repeat(5_000_000)}"`);
    expect(parseJsonBody(request, large)).toHaveLength(5_000_000);
    expect(large).toHaveLength(0);
  });

  it('says where a text stops being JSON, however long it is', () => {
    expect(() => parse(`[${'1,\n'.repeat(700_000)}?]`)).toThrow('see line 700001, column 1');
  });
});
