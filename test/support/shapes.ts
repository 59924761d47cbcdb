export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A whole prediction of `model` with the labels of its classes. */
export function prediction(model: string, labels: readonly string[], version = '1'): object {
  return {
    prediction: expect.anything(),
    label: expect.toBeOneOf([...labels]),
    probabilities: Object.fromEntries(labels.map((label) => [label, expect.any(Number)])),
    prediction_id: expect.stringMatching(UUID_V7),
    model,
    version,
  };
}

/** A whole problem document; `errors` are the faults by field, where there are any. */
export function problem(
  code: string,
  status: number,
  more: { detail?: unknown; errors?: readonly unknown[]; error_count?: number } = {},
): object {
  const { detail = expect.any(String), ...fields } = more;
  return {
    type: `urn:nestor:problem:${code}`,
    title: expect.any(String),
    status,
    detail,
    code,
    request_id: expect.any(String),
    error: detail,
    ...fields,
  };
}
