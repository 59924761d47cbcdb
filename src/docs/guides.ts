import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DOCS_WAYS, page, policy } from '../pages/page.js';
import { guideHtml } from './guide-html.js';
import { problemResponses } from './problem-responses.js';

/** Beside both `src/` and `dist/`. */
const FOLDER = new URL('../../docs/', import.meta.url);

export interface Guide {
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

const ALL: readonly Guide[] = [
  { name: 'developer', title: 'Calling a model', about: 'Routes, answers, errors, retries' },
  { name: 'data-scientist', title: 'Bringing a model', about: 'From a fitted estimator to a served version' },
  { name: 'operator', title: 'Running it', about: 'Settings, health, metrics, the prediction log, versions' },
  { name: 'deployment', title: 'Deploying it', about: 'Images, compose, Kubernetes' },
  { name: 'scaling', title: 'How much it serves', about: 'What one process takes, and when to add another' },
  { name: 'auditor', title: 'Looking back', about: 'What was predicted, from what, by which model' },
  { name: 'promises', title: 'What is promised', about: 'Each with the command that shows it' },
  { name: 'architecture', title: 'How it is made', about: 'For those who change it' },
];

const found = ALL.filter(({ name }) => existsSync(fileOf(name)));

/** The guides that this installation has. */
export const guides = (): readonly Guide[] => found;

/** Serves them as pages, each made when it is first asked for. */
export function serveGuides(server: FastifyInstance): void {
  const guard = policy();
  for (const guide of found) {
    let made: string | undefined;
    server.get(`/guides/${guide.name}`, { config: { scope: 'nothing' } }, async (_request, reply) => {
      made ??= pageOf(guide, await readFile(fileOf(guide.name), 'utf8'));
      return reply.type('text/html; charset=utf-8').header('content-security-policy', guard).send(made);
    });
  }
}

/** The route of the guides for the document: the controllers do not have it. */
export const guidePaths = (): OpenAPIObject['paths'] =>
  found.length === 0
    ? {}
    : {
        '/guides/{name}': {
          get: {
            operationId: 'getGuide',
            tags: ['operation'],
            summary: 'A guide, as a page',
            parameters: [
              {
                name: 'name',
                in: 'path',
                required: true,
                schema: { type: 'string', enum: found.map(({ name }) => name) },
                example: found[0]!.name,
              },
            ],
            responses: {
              200: { description: 'The guide', content: { 'text/html': { schema: { type: 'string' } } } },
              ...problemResponses(['route_not_found']),
            },
          },
        },
      };

function pageOf({ title }: Guide, text: string): string {
  const content = guideHtml(text, found);
  return page({ title: `${title} · Nestor`, root: '../', ways: DOCS_WAYS, content, isText: true });
}

function fileOf(name: string): URL {
  return new URL(`${name}.md`, FOLDER);
}
