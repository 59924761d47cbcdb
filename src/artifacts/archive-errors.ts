import { DomainError } from '../errors/errors.js';

/** How a tar comes about that is taken; ends most refusals. */
const MAKE_TAR = 'make it of the files alone: tar -cf version.tar -C <version folder> .';

/** The tar of a version cannot be taken as it is: damaged, or with something in it that no version holds. */
export class InvalidArchive extends DomainError {
  readonly code = 'invalid_archive';

  constructor(what: string, mend: string = MAKE_TAR) {
    super(`${what}; ${mend}`);
  }

  /** About one entry, by its name as the archive has it. */
  static entry(name: string, what: string, mend?: string): InvalidArchive {
    return new InvalidArchive(`the archive's entry ${JSON.stringify(name.slice(0, 200))} ${what}`, mend);
  }
}

/** The tar of a version, packed or unpacked, passes what the operator allows. */
export class ArchiveTooLarge extends DomainError {
  readonly code = 'archive_too_large';

  constructor(maxBytes: number) {
    super(
      `the archive is larger than ${maxBytes} bytes; leave out files that the version does not need, or have the operator raise MAX_ARTIFACT_BYTES`,
    );
  }
}

/** The bytes of an upload stopped coming, or came too slowly. */
export class UploadStalled extends DomainError {
  readonly code = 'request_timeout';

  constructor() {
    super('the archive did not arrive in time; send it again');
  }
}

/** Other files stand under this number, or have stood there. Numbers are never used twice. */
export class VersionTaken extends DomainError {
  readonly code = 'version_taken';

  constructor(model: string, version: string, wasDeleted = false) {
    const why = wasDeleted ? 'was deleted, and its number stays taken' : 'is there already with other files';
    super(`${model}/${version} ${why}; export it under a new number`);
  }
}
