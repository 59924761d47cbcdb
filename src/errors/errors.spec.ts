import { DomainError, ModelNotFound } from './errors.js';

describe(DomainError.name, () => {
  it('has no stack, and leaves those of other errors alone', () => {
    const fault = new ModelNotFound('nobody');

    expect(fault.stack).toBe(`Error: ${fault.message}`);
    expect(new Error('other').stack).toContain('\n    at ');
  });
});
