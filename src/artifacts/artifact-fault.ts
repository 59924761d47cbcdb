/** Why a version folder is refused: a text for the log and for `GET /models`. */
export class ArtifactFault extends Error {}

/** Turns what the file system says of `what` into a fault that names it. */
export function cannotBeRead(what: string): (error: Error) => never {
  return ({ message }) => {
    throw new ArtifactFault(`${what} cannot be read: ${message}`);
  };
}
