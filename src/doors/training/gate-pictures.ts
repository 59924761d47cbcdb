import { type Html, html } from '../../pages/html.js';
import { type Curve, round, squarePicture } from '../../pages/square-picture.js';
import { type GatePictures, signed, spaced } from '../../training/gate.js';

/** Pictures without script or style of their own: they take the colours of the page, dark or light. */
const [CANDIDATE, CHAMPION] = ['var(--accent)', 'var(--faint)'];

/** How much is gained with its interval, figure by figure; a line where nothing is, and one where too much is lost. */
export function differencesPicture(differences: NonNullable<GatePictures['differences']>): Html {
  const [width, row, left, right] = [400, 48, 8, 8];
  const ends = differences.flatMap(({ low, high, limit }) => [low, high, limit ?? 0]);
  const [least, greatest] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const room = (greatest - least || 1) * 0.05;
  const x = (value: number): number =>
    round(left + ((value - least + room) / (greatest - least + 2 * room)) * (width - left - right));
  const rows = differences.map(({ name, estimate, low, high, limit }, index) => {
    const y = index * row + 32;
    return html`<text x="${left}" y="${y - 14}" fill="currentColor">
        ${spaced(name)}: ${signed(estimate)} (${signed(low)} to ${signed(high)})
      </text>
      ${
        limit === null
          ? undefined
          : html`<line
              x1="${x(limit)}"
              x2="${x(limit)}"
              y1="${y - 8}"
              y2="${y + 8}"
              stroke="var(--refused)"
              stroke-dasharray="3 2"
            />`
      }
      <line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" stroke="${CANDIDATE}" stroke-width="4" />
      <circle cx="${x(estimate)}" cy="${y}" r="6" fill="${CANDIDATE}" />`;
  });
  const height = differences.length * row + 8;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Differences with their intervals">
    <line x1="${x(0)}" x2="${x(0)}" y1="4" y2="${height - 4}" stroke="${CHAMPION}" />
    ${rows}
  </svg>`;
}

/** Both curves over the square from 0 to 1. */
export function rocPicture({ candidate, champion }: NonNullable<GatePictures['roc']>): Html {
  return squarePicture('False positive rate', 'True positive rate', [
    { points: champion, colour: CHAMPION },
    { points: candidate, colour: CANDIDATE },
  ]);
}

/** Predicted and observed shares of the last class; the diagonal is what they should be. */
export function calibrationPicture({ candidate, champion }: NonNullable<GatePictures['calibration']>): Html {
  const curve = (bins: typeof candidate, colour: string): Curve => ({
    points: bins.map(({ predicted, observed }) => [predicted, observed]),
    colour,
    hasDots: true,
  });
  return squarePicture('Predicted', 'Observed', [curve(champion, CHAMPION), curve(candidate, CANDIDATE)]);
}
