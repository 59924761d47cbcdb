import { Answers, type ExampleCall, MADE_BY, type Maker, type Shown, TABLES } from './example-call.js';
import type { MediaObject, OperationObject, ResponseObject } from './openapi-types.js';
import { exampleProblem, KILLED, thrownBy } from './problem-examples.js';
import { problemResponses, REFUSES_BY } from './problem-responses.js';
import { TAKES } from '../http/direct-handlers.js';
import type { ProblemCode } from '../http/problems.js';
import type { Takes } from '../http/route-kind.js';
import { ModelNotReady, ModelProcessEnded } from '../errors/errors.js';
import { ModelRegistry } from '../models/model-registry.js';
import { tooLargeExample } from './too-large.js';

/** What changes of models are asked with. */
const FOR_CHANGES = { alias: 'champion', 'If-Match': '*' };

/**
 * Puts a call, its answers and its refusals into an operation of the controllers, asked by `method`; where no model is served there is none
 * to show.
 * @returns whether it stays in the document: one that asks a model that is not served does not.
 */
export function fillExamples(method: string, operation: Made, shown: Shown | undefined): boolean {
  const { [MADE_BY]: made, [REFUSES_BY]: refused, [TAKES]: predicts, [TABLES]: tables } = operation;
  delete operation[MADE_BY];
  delete operation[REFUSES_BY];
  delete operation[TAKES];
  if (tables !== undefined) Object.assign((operation.requestBody as { content: object }).content, tables);
  delete operation[TABLES];
  const call = callOf(made, shown);
  if (call === undefined) return false;
  putIn(operation, call);
  const errors: unknown[] = [...(call.refusals ?? [])];
  if (call.refuses) errors.push(thrownBy(call.refuses));
  if (made !== undefined && 'model' in made)
    errors.push(new ModelNotReady(made.model), new ModelProcessEnded(made.model, KILLED));
  const own: Partial<Record<ProblemCode, object>> = Object.fromEntries(
    errors.map(exampleProblem).map((each) => [each.code, each]),
  );
  if (predicts !== undefined && shown !== undefined) {
    const version =
      made && 'model' in made ? shown.find(ModelRegistry).championOf(made.model) : shown.version;
    own.body_too_large = tooLargeExample({ method, takes: predicts.takes, version }, shown.maxBodyBytes);
  }
  for (const [status, response] of Object.entries(problemResponses(refused?.codes ?? [], own))) {
    // A status may have an answer that is no problem as well: DEEPaaS has words of its own.
    const known = (operation.responses[status] as ResponseObject | undefined)?.content;
    operation.responses[status] = { ...response, content: { ...known, ...response.content } };
  }
  return true;
}

type Made = OperationObject & {
  [MADE_BY]?: Maker;
  [REFUSES_BY]?: { readonly codes: readonly ProblemCode[] };
  [TAKES]?: { readonly takes: Takes | undefined };
  [TABLES]?: Readonly<Record<string, MediaObject>>;
};

/** Undefined: it asks a model that is not served. */
function callOf(made: Maker | undefined, shown: Shown | undefined): ExampleCall | undefined {
  if (made !== undefined && 'model' in made) {
    const champion = shown?.find(ModelRegistry).championOf(made.model);
    if (champion === undefined) return undefined;
    return champion.example === undefined ? { answers: {} } : made.ofModel(champion.example, shown!);
  }
  if (shown === undefined) return { answers: {} };
  const { model, version } = shown.version.manifest;
  const call = made?.ofServer(shown);
  return { answers: {}, ...call, parameters: { model, version, ...FOR_CHANGES, ...call?.parameters } };
}

function putIn(operation: OperationObject, { parameters = {}, body, answers }: ExampleCall): void {
  for (const parameter of operation.parameters ?? []) {
    if ('name' in parameter && parameter.name in parameters) parameter.example = parameters[parameter.name];
  }
  const { requestBody } = operation;
  if (body !== undefined && requestBody !== undefined && 'content' in requestBody) {
    onlyMedia(requestBody.content).example = body;
  }
  for (const [status, answer] of Object.entries(answers)) {
    const response = operation.responses[status] as ResponseObject;
    Object.assign(onlyMedia(response.content ?? {}), exampleOf(answer));
  }
}

function exampleOf(answer: unknown): Pick<MediaObject, 'example' | 'examples'> {
  if (!(answer instanceof Answers)) return { example: answer };
  const named = Object.entries(answer.byName).map(([name, value]) => [name, { value }]);
  return { examples: Object.fromEntries(named) as MediaObject['examples'] & object };
}

/** The first of what an operation takes or gives, which is all of it but for cards. */
function onlyMedia(content: Record<string, MediaObject>): MediaObject {
  const [media] = Object.values(content);
  if (media === undefined) throw new TypeError('an example needs a documented body');
  return media;
}
