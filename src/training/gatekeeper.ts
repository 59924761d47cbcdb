import type { Changed } from '../artifacts/alias-change.js';
import type { Stage } from '../config/settings.js';
import { DomainError, RevisionMismatch } from '../errors/errors.js';
import type { Intent, ModelChanges } from '../models/model-changes.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { VersionFiles } from '../models/version-files.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import type { StoredGate } from '../state/stored-gate.js';
import type { StoredJob } from '../state/stored-job.js';
import {
  type GateReport,
  type HistoryGate,
  type JobGate,
  type Judged,
  lackForRule,
  promotesByRule,
  signed,
  spaced,
  verdictOf,
} from './gate.js';
import { GateNotFound, GateNotPassed, noVersion, ReportRefused } from './job-errors.js';

const TRIES = 5;
/** A report as it is kept. */
export interface KeptReport extends GateReport {
  readonly model: string;
  readonly job: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/**
 * Stands between a version and the alias `champion`: takes the reports of runners, says whom they keep out, and promotes
 * by rule where the stage has one.
 */
export class Gatekeeper {
  constructor(
    private readonly stage: Stage,
    private readonly state: StateDatabase,
    private readonly registry: ModelRegistry,
    private readonly files: VersionFiles,
    private readonly changes: ModelChanges,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Takes the report on the version that a job has published, and makes that champion if a rule says so. Without a report
   * the one counts that an earlier call has brought: a server may be killed before it has answered.
   * @returns null if there is none. @throws ReportRefused, StateUnavailable
   */
  async judge(job: StoredJob, given: GateReport | undefined): Promise<JobGate | null> {
    const { id, model, version } = job;
    if (version === null) return null;
    if (given !== undefined) await this.keep(given, { id, model, version });
    const report = given ?? (await this.reports(model, version))[0];
    if (report === undefined) return null;
    const lack = lackForRule(report, job.trigger);
    const promotion =
      lack === undefined ? await this.promote(job, version, report) : { promoted: false, reason: lack };
    return {
      verdict: report.verdict,
      champion: report.champion.version,
      report: `/models/${model}/versions/${version}/gate`,
      ...promotion,
    };
  }

  /** The newest report on a version beside the champion of now, else its newest. @throws GateNotFound, StateUnavailable */
  async report(model: string, version: string): Promise<KeptReport> {
    const { champion } = await this.standing(model);
    const reports = await this.reports(model, version);
    const [newest] = reports;
    if (newest === undefined) throw new GateNotFound(model, version);
    return reports.find((each) => each.champion.sha256 === champion?.sha256) ?? newest;
  }

  /**
   * Makes a version champion unless the gate keeps it out. Who has no report, because somebody has brought the version,
   * may pass: whoever changes the champion is the approval.
   * @throws GateNotPassed unless `overrules`; StateUnavailable; as `ModelChanges.setAlias`
   */
  async setChampion(model: string, version: string, intent: Intent, overrules: boolean): Promise<Changed> {
    await this.changes.opened(model, version);
    for (let tries = 1; ; tries++) {
      const { champion, revision } = await this.standing(model);
      const gate = await this.pass(model, version, champion, overrules);
      const expected = intent.expected === 'any' ? revision : intent.expected;
      try {
        return await this.changes.setAlias(model, 'champion', version, { ...intent, expected }, gate);
      } catch (error) {
        // Another champion may be there by now, with which it was not compared.
        if (!(error instanceof RevisionMismatch) || intent.expected !== 'any' || tries === TRIES) throw error;
      }
    }
  }

  private async pass(
    model: string,
    version: string,
    champion: Judged | undefined,
    overrules: boolean,
  ): Promise<HistoryGate | null> {
    const reports = await this.reports(model, version);
    const [newest] = reports;
    if (newest === undefined || champion?.version === version) return null;
    if (champion === undefined && newest.verdict !== 'failed') return null;
    const ofPair = reports.find((report) => report.champion.sha256 === champion?.sha256);
    if (ofPair !== undefined && ofPair.verdict !== 'failed') return entry(ofPair);
    if (!overrules) throw new GateNotPassed(model, version, champion?.version, ofPair ?? newest);
    return { ...entry(ofPair ?? newest), forced: true };
  }

  private async promote(
    job: StoredJob,
    version: string,
    report: GateReport,
  ): Promise<{ promoted: boolean; reason: string }> {
    const { model } = job;
    const not = (reason: string): { promoted: false; reason: string } => ({ promoted: false, reason });
    if (!promotesByRule(this.stage)) return not(`in ${this.stage} a person decides`);
    try {
      if ((await this.changes.rolledBack(model)).has(version)) return not('it was rolled back before');
      const { champion, revision } = await this.standing(model);
      const { name, gain } = report.metric;
      const why = `${spaced(name)} ${signed(gain)} beside version ${report.champion.version}`;
      if (champion?.version === version) return { promoted: true, reason: why };
      if (champion?.sha256 !== report.champion.sha256)
        return not(
          `the champion is ${champion === undefined ? 'gone' : `version ${champion.version}`} by now, and it was compared with version ${report.champion.version}`,
        );
      const intent = { who: 'rule', reason: `${why} (job ${job.id})`, expected: revision };
      await this.changes.setAlias(model, 'champion', version, intent, { ...entry(report), by_rule: true });
      return { promoted: true, reason: why };
    } catch (error) {
      // The job is done whatever keeps its version from being champion.
      const { message } = error as Error;
      this.logger.warn('version was not promoted', { model, version, job: job.id, reason: message });
      return not(error instanceof DomainError ? message : 'it could not be promoted; the log says why');
    }
  }

  private async keep(
    report: GateReport,
    { id, model, version }: { id: string; model: string; version: string },
  ): Promise<void> {
    const { candidate, champion, verdict, checks } = report;
    if (candidate.version !== version)
      throw new ReportRefused(
        '/gate/candidate/version',
        `must be "${version}", which this job has published`,
      );
    for (const [name, judged] of Object.entries({ candidate, champion })) {
      const sha256 = await this.files.digest(model, judged.version).catch(unlessThere);
      if (sha256 !== judged.sha256)
        throw new ReportRefused(
          `/gate/${name}/sha256`,
          sha256 === undefined
            ? noVersion(judged.version)
            : `is not that of the model.onnx of version "${judged.version}" here; compare the files of this server`,
        );
    }
    const follows = verdictOf(checks);
    if (verdict !== follows)
      throw new ReportRefused('/gate/verdict', `must be "${follows}", which follows from the checks`);
    const gate: StoredGate = {
      model,
      version,
      sha256: candidate.sha256,
      champion: champion.version,
      champion_sha256: champion.sha256,
      verdict,
      report: JSON.stringify(report),
      job: id,
      created: Date.now(),
    };
    await this.state.run('putGate', { gate });
  }

  /** On the files that have that number now, newest first. */
  private async reports(model: string, version: string): Promise<KeptReport[]> {
    const sha256 = await this.files.digest(model, version);
    const kept = await this.state.run('gatesOf', { model, version, sha256 });
    return kept.map(({ report, job, created }) => ({
      ...(JSON.parse(report) as GateReport),
      model,
      job,
      created,
    }));
  }

  /** The champion as the files name it, where none does who answers, and the revision at which that was so. */
  private async standing(model: string): Promise<{ champion: Judged | undefined; revision: number }> {
    const { aliases, revision } = await this.changes.aliases(model);
    const answers = this.registry.state(model).champion;
    const version = aliases === undefined ? answers?.manifest.version : aliases['champion'];
    if (version === undefined) return { champion: undefined, revision };
    const sha256 =
      answers?.manifest.version === version
        ? answers.digest
        : await this.files.digest(model, version).catch(unlessThere);
    return { champion: { version, sha256: sha256 ?? '' }, revision };
  }
}

function entry({ verdict, candidate, champion }: GateReport): HistoryGate {
  return { verdict, candidate, champion };
}

/** A version that is not there, or not whole, has no digest. */
function unlessThere(error: unknown): undefined {
  if (error instanceof DomainError) return undefined;
  throw error;
}
