import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testSettings } from '../../test/support/create-app.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { InputSpec } from '../artifacts/manifest.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { RecordedRows } from '../pipeline/recorded-rows.js';
import { RecordingRules } from './recording-rules.js';

const input = (name: string, record?: 'keep' | 'hash' | 'drop'): InputSpec => ({
  name,
  type: 'number',
  description: 'd',
  example: 1,
  ...(record && { record }),
});
const loan = {
  model: 'loan',
  inputs: [input('income', 'hash'), input('name', 'drop'), input('term'), input('age', 'keep')],
};

const keyFile = join(temporaryFolder(), 'key');
writeFileSync(keyFile, Buffer.alloc(32), { mode: 0o600 });
const rules = (inputs: string, key = keyFile): RecordingRules =>
  RecordingRules.from(
    AppConfig.from(testSettings({ PREDICTION_LOG_INPUTS: inputs, PREDICTION_LOG_HASH_KEY_FILE: key })),
  );

describe(RecordingRules.name, () => {
  it('hides what the manifest says, and what the operator says before that', () => {
    expect([...rules('').of(loan).hidden]).toEqual([
      ['income', 'hash'],
      ['name', 'drop'],
    ]);
    expect([...rules('loan.income=drop,loan.term=hash,other.age=drop').of(loan).hidden]).toEqual([
      ['income', 'drop'],
      ['name', 'drop'],
      ['term', 'hash'],
    ]);
    expect(rules('loan.term=drop').of({ model: 'credit', inputs: [input('term')] })).toBe(RecordedRows.WHOLE);
  });

  it('refuses a version that hashes where there is no key', () => {
    expect(() => rules('', '').of(loan)).toThrow(ArtifactFault);
    expect(rules('loan.income=drop', '').of(loan).hidden.size).toBe(2);
    expect(rules('', '').hidden(loan).size).toBe(2);
  });

  it('ends a start with a key that cannot be used', () => {
    expect(() => rules('', '/nowhere')).toThrow(StartupFault);
  });

  it('tells models with dots in their names from inputs with dots', () => {
    const dotted = rules('my.loan.income=drop');

    expect([...dotted.of({ model: 'my.loan', inputs: [input('income')] }).hidden.keys()]).toEqual(['income']);
    expect([...dotted.of({ model: 'my', inputs: [input('loan.income')] }).hidden.keys()]).toEqual([
      'loan.income',
    ]);
    expect([...dotted.hiddenByOperator('my.loan')]).toEqual([['income', 'drop']]);
    expect(dotted.hiddenByOperator('loan').size).toBe(0);
  });

  it('knows the names that no model has', () => {
    expect(rules('loan.term=drop,loan.trem=drop,laon.term=drop').unknownAmong([loan])).toEqual([
      'loan.trem',
      'laon.term',
    ]);
  });
});
