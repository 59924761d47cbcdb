import { Answers, type ExampleCall, MADE_BY, type Maker, type Shown } from './example-call.js';
import type { MediaObject, OperationObject, ResponseObject } from './openapi-types.js';
import { ModelRegistry } from '../models/model-registry.js';

/** What changes of models are asked with. */
const FOR_CHANGES = { alias: 'champion', 'If-Match': '*' };

/**
 * Puts a call and its answers into an operation of the controllers; where no model is served there is none to show.
 * @returns whether it stays in the document: one that asks a model that is not served does not.
 */
export function fillExamples(operation: OperationObject, shown: Shown | undefined): boolean {
  const { [MADE_BY]: made, ...rest } = operation as OperationObject & { [MADE_BY]?: Maker };
  delete (operation as typeof rest & { [MADE_BY]?: Maker })[MADE_BY];
  if (made !== undefined && 'model' in made) {
    const champion = shown?.find(ModelRegistry).championOf(made.model);
    if (champion === undefined) return false;
    if (champion.example !== undefined) putIn(operation, made.ofModel(champion.example, shown!));
    return true;
  }
  if (shown === undefined) return true;
  const { model, version } = shown.version.manifest;
  const call = made?.ofServer(shown);
  putIn(operation, {
    answers: {},
    ...call,
    parameters: { model, version, ...FOR_CHANGES, ...call?.parameters },
  });
  return true;
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
