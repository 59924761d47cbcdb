import { type Html, html } from '../../pages/html.js';
import { type GatePictures, signed, spaced } from '../../training/gate.js';

/** Pictures without script or style of their own: they take the colours of the page, dark or light. */
const [CANDIDATE, CHAMPION] = ['var(--accent)', 'var(--faint)'];
const SIDE = 260;
const MARGIN = 36;

type Point = readonly [x: number, y: number];

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
  return square('False positive rate', 'True positive rate', [
    line(champion, CHAMPION),
    line(candidate, CANDIDATE),
  ]);
}

/** Predicted and observed shares of the last class; the diagonal is what they should be. */
export function calibrationPicture({ candidate, champion }: NonNullable<GatePictures['calibration']>): Html {
  const points = (bins: typeof candidate): Point[] =>
    bins.map(({ predicted, observed }) => [predicted, observed]);
  return square('Predicted', 'Observed', [
    line(points(champion), CHAMPION),
    ...dots(points(champion), CHAMPION),
    line(points(candidate), CANDIDATE),
    ...dots(points(candidate), CANDIDATE),
  ]);
}

function square(below: string, beside: string, content: readonly Html[]): Html {
  const far = MARGIN + SIDE;
  return html`<svg
    viewBox="0 0 ${far + 12} ${far + 24}"
    role="img"
    aria-label="${beside} by ${below.toLowerCase()}"
  >
    <rect x="${MARGIN}" y="12" width="${SIDE}" height="${SIDE}" fill="none" stroke="var(--line)" />
    <line x1="${MARGIN}" y1="${SIDE + 12}" x2="${far}" y2="12" stroke="var(--line)" stroke-dasharray="4 3" />
    ${content}
    <text x="${MARGIN + SIDE / 2}" y="${far + 8}" text-anchor="middle" fill="currentColor">${below}</text>
    <text
      x="14"
      y="${12 + SIDE / 2}"
      text-anchor="middle"
      fill="currentColor"
      transform="rotate(-90 14 ${12 + SIDE / 2})"
    >
      ${beside}
    </text>
    <text x="${MARGIN - 4}" y="${SIDE + 12}" text-anchor="end" fill="currentColor">0</text>
    <text x="${MARGIN - 4}" y="20" text-anchor="end" fill="currentColor">1</text>
    <text x="${far}" y="${far - 8}" text-anchor="end" fill="currentColor">1</text>
  </svg>`;
}

function line(points: readonly Point[], colour: string): Html {
  const path = points.map((point) => placed(point).join(',')).join(' ');
  return html`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" />`;
}

function dots(points: readonly Point[], colour: string): Html[] {
  return points.map((point) => {
    const [x, y] = placed(point);
    return html`<circle cx="${x}" cy="${y}" r="4" fill="${colour}" />`;
  });
}

function placed([x, y]: Point): [number, number] {
  return [round(MARGIN + x * SIDE), round(12 + (1 - y) * SIDE)];
}

const round = (value: number): number => Math.round(value * 10) / 10;
