interface Referred {
  readonly $ref: string;
}
export interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown } | Referred>>;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly example?: unknown;
}
export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, Media>>;
}
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly components: {
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

/** What answers a GET. */
interface Pages {
  readonly get: (url: string) => Promise<{ readonly body: unknown }>;
}

/** The document that `app` serves, with what its operations refer to put in; schemas stay references. */
export async function readDocument(app: Pages): Promise<Document> {
  const document = (await app.get('/openapi.json')).body as Document;
  const whole = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(whole);
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value) {
      const to = String(value.$ref);
      if (!to.startsWith('#/components/schemas/')) return whole(lookUp(document, to));
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, whole(each)]));
  };
  return { ...document, paths: whole(document.paths) as Document['paths'] };
}

function lookUp(document: object, reference: string): unknown {
  const steps = reference.split('/').slice(1);
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document);
}

/** The example of an answer: the one that there is, or the one of this name. */
export function exampleOf(media: Media | undefined, name = 'example'): unknown {
  const { example, examples = {} } = media ?? {};
  const named = examples[name] ?? Object.values(examples)[0];
  const value = example ?? (named && 'value' in named ? named.value : undefined);
  expect(value, 'an example of the answer').toBeDefined();
  return value;
}

/** The call that the examples of an operation make together. */
export function requestOf(
  path: string,
  { parameters = [], requestBody }: Operation,
): { url: string; headers: Record<string, string>; payload?: string } {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let pathname = path;
  for (const { name, in: place, example, required } of parameters) {
    if (example === undefined && required !== true) continue;
    expect(example, `an example for the parameter ${name}`).toBeDefined();
    if (place === 'path') pathname = pathname.replace(`{${name}}`, encodeURIComponent(String(example)));
    else if (place === 'header') headers[name.toLowerCase()] = String(example);
    else for (const each of [example].flat()) query.append(name, String(each));
  }
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const url = query.size === 0 ? pathname : `${pathname}?${query.toString()}`;
  if (type === undefined) return { url, headers };
  const payload = JSON.stringify(media?.example);
  return { url, headers: { ...headers, 'content-type': type }, payload };
}

/** Without what is another each time: ids and times stay as whether they are there. */
export function apart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(apart);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      ['prediction_id', 'request_id', 'time'].includes(key) ? typeof each : apart(each),
    ]),
  );
}
