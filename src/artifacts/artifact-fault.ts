/** Why a version folder is refused: a text for the log and for `GET /models`. */
export class ArtifactFault extends Error {}
