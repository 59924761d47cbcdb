import type { Siblings } from '../channel/siblings.js';
import type { StateDatabase } from '../state/state-database.js';
import type { Trainable } from '../state/tables.js';
import { checkArguments, type DeclaredArguments } from './training-arguments.js';

const DECLARED = 'trainings are declared';

/** What runners can train, by the last declaration of one. */
export class Trainables {
  /** As this process has written it, and no other worker since; a runner says the same every 20 s. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly state: StateDatabase,
    private readonly siblings: Pick<Siblings, 'on' | 'pass'>,
  ) {
    siblings.on(DECLARED, (models: string[]) => models.forEach((model) => this.written.delete(model)));
  }

  /** Keeps what a runner declares; schemas as `schemaFaults` takes them. @throws StateUnavailable */
  async declare(runner: string, schemas: Readonly<Record<string, object>>): Promise<void> {
    const trainables: Trainable[] = Object.entries(schemas)
      .map(([model, schema]) => ({ model, schema: JSON.stringify(schema), runner }))
      .filter(({ model, schema }) => this.written.get(model) !== schema);
    if (trainables.length === 0) return;
    await this.state.run('declareTrainables', { trainables });
    for (const { model, schema } of trainables) this.written.set(model, schema);
    const models = trainables.map(({ model }) => model);
    await this.siblings.pass(DECLARED, models);
  }

  /** What the arguments of a model's training may be; undefined if no runner has declared it yet. @throws StateUnavailable */
  async declared(model: string): Promise<DeclaredArguments | undefined> {
    const found = await this.state.run('trainable', { model });
    return found && argumentsOf(found);
  }

  /** The same of every model that a runner has declared, in order of name. @throws StateUnavailable */
  async all(): Promise<ReadonlyMap<string, DeclaredArguments>> {
    const found = await this.state.run('listTrainables', undefined);
    return new Map(found.map((each) => [each.model, argumentsOf(each)]));
  }

  /**
   * Compares arguments with the declaration of a model.
   * @returns false if no runner has declared it yet.
   * @throws InvalidInput that names each fault; StateUnavailable
   */
  async check(model: string, given: Readonly<Record<string, unknown>>): Promise<boolean> {
    const declared = await this.declared(model);
    if (declared === undefined) return false;
    checkArguments(given, declared);
    return true;
  }
}

const argumentsOf = ({ schema }: Trainable): DeclaredArguments => JSON.parse(schema) as DeclaredArguments;
