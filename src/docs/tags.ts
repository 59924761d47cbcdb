/** The groups of the routes that other APIs had before, by the model that answers them; with whose they were. */
export const TAKEN_OVER = {
  diabetes: {
    name: 'taken-over-diabetes',
    description:
      "The call of Katana ML's diabetes API, for clients that have it. New callers: POST /models/diabetes/predict.",
  },
  iris: {
    name: 'taken-over-iris',
    description:
      'The predict call of the DEEPaaS API, which names its model iris or iris-deepaas, for clients that have it. New callers: POST /models/iris/predict.',
  },
  sentiment: {
    name: 'taken-over-sentiment',
    description:
      'The call of the published sentiment API, a text in the query of GET /, for clients that have it. New callers: POST /models/sentiment/predict.',
  },
  'sentiment-deep': {
    name: 'taken-over-sentiment-deep',
    description:
      'The calls of the published API of the deep sentiment model, a table of texts, for clients that have them. New callers: POST /v1/models/sentiment-deep:predict.',
  },
  turnover: {
    name: 'taken-over-turnover',
    description:
      'The call of the published employee turnover API, for clients that have it. New callers: POST /models/turnover/predict.',
  },
} as const;
