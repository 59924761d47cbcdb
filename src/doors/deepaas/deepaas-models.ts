import { Injectable } from '@nestjs/common';
import { ModelNotFound } from '../../errors/errors.js';
import { ModelRegistry } from '../../models/model-registry.js';
import type { ModelVersion } from '../../models/model-version.js';
import { oneLine } from '../../pages/one-line.js';
import { StateUnavailable } from '../../state/state-unavailable.js';
import { Trainables } from '../../training/trainables.js';
import type { DeclaredArguments } from '../../training/training-arguments.js';
import { modelOf, namesOf } from './published-names.js';

/** What DEEPaaS says of a model; a model that has no version yet is said of by name alone. */
export interface ModelMeta {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly summary: string;
  readonly author?: string;
  readonly license?: string;
  readonly version?: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}

/** A model of the DEEPaaS API under one of its names. */
export interface NamedModel {
  readonly name: string;
  /** What answers; undefined: nothing yet. */
  readonly champion: ModelVersion | undefined;
  /** Undefined: no runner has said yet what a training of it takes. */
  readonly trainedBy: DeclaredArguments | undefined;
}

/** The models of the DEEPaaS API: those that are served, and those that a runner could train. */
@Injectable()
export class DeepaasModels {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly trainables: Trainables,
  ) {}

  /** Each under all of its names, in their order. */
  async all(): Promise<readonly NamedModel[]> {
    const declared = await this.declared();
    const served = this.registry.all().map(({ name }) => name);
    const others = [...declared.keys()].filter((name) => !this.registry.has(name));
    return [...served, ...others].flatMap((model) => {
      const champion = this.registry.championOf(model);
      return namesOf(model).map((name) => ({ name, champion, trainedBy: declared.get(model) }));
    });
  }

  /** @throws ModelNotFound for a name that is neither served nor could be trained */
  async find(name: string): Promise<NamedModel> {
    const model = modelOf(name);
    const trainedBy = (await this.declared()).get(model);
    if (!this.registry.has(model) && trainedBy === undefined) throw new ModelNotFound(name);
    return { name, champion: this.registry.championOf(model), trainedBy };
  }

  /** What is served can be told while the state database is away. */
  private async declared(): Promise<ReadonlyMap<string, DeclaredArguments>> {
    try {
      return await this.trainables.all();
    } catch (error) {
      if (error instanceof StateUnavailable) return new Map();
      throw error;
    }
  }
}

export function modelMeta({ name, champion }: NamedModel): ModelMeta {
  const links = [{ rel: 'self', href: `/v2/models/${name}` }];
  if (champion === undefined) {
    const description = 'No version of this model answers yet';
    return { id: name, name, description, summary: description, links };
  }
  const { description, authors, license, version } = champion.manifest;
  const summary = oneLine(description);
  return { id: name, name, description, summary, author: authors.join(', '), license, version, links };
}
