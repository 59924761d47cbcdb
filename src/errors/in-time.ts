/** What waits is an estimate, and the answers of those who are taken at the edge would come too late half of the time. */
const MARGIN = 1.25;
/** What is left of waiting where nothing waits: sums of fractions, and what is done within the turn. */
const NO_WAIT = 0.001;

/**
 * Whether a call is likely to be answered within `left` seconds, as far as that is for others to decide: `wait` seconds of their
 * work are before it, and its own runs take `own`. One that finds nobody before it is tried, however long it may take: what a
 * run takes is an estimate, and only runs correct it.
 */
export const isInTime = (wait: number, own: number, left: number): boolean =>
  wait <= NO_WAIT || MARGIN * (wait + own) <= left;
