/** Names by which published clients call a model, and its own name, which records, metrics and `GET /models` say. */
const PUBLISHED: ReadonlyMap<string, string> = new Map([['iris-deepaas', 'iris']]);

/** The model that a name of the DEEPaaS API means. */
export const modelOf = (name: string): string => PUBLISHED.get(name) ?? name;

/** The names that a model has in the DEEPaaS API: its own first. */
export function namesOf(model: string): readonly string[] {
  return [model, ...[...PUBLISHED].flatMap(([name, meant]) => (meant === model ? name : []))];
}
