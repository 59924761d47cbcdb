/** What DEEPaaS says of this version of its API. */
export const API_VERSION = {
  version: 'stable',
  id: 'v2',
  links: [{ rel: 'self', type: 'application/json', href: '/v2/' }],
} as const;

/** Where the description of the API stands, for people and for programs. */
export const API_LINKS = [
  { rel: 'help', type: 'text/html', href: '/ui' },
  { rel: 'describedby', type: 'application/json', href: '/swagger.json' },
] as const;
