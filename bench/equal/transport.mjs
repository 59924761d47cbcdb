// How requests may come over a connection: one behind the other, in pieces, in chunks, broken off, or not as HTTP at all.
// A case is what is written, piece by piece, and how many replies are expected; the whole byte stream that comes back is
// compared, and whether the connection is kept.
import { setTimeout as pause } from 'node:timers/promises';
import { CLOSES, Connection } from './connection.mjs';
import { chunkCases } from './transport/chunks.mjs';
import { connectionCases } from './transport/connections.mjs';
import { lengthCases } from './transport/lengths.mjs';
import { Maker } from './transport/maker.mjs';
import { oddCases } from './transport/odd.mjs';
import { pieceCases } from './transport/pieces.mjs';

/** Long enough that the server reads the pieces one by one; what it answers may not depend on it. */
const BETWEEN_PIECES_MS = 2;
/** How long a reply is waited for that may not come; long, as the machine may be busy, and no case is known to need it. */
const QUIET_MS = 10_000;
/** The server gives headers ten seconds. */
const SLOW_MS = 15_000;
const LAST = 'GET /apitest HTTP/1.1\r\nhost: localhost\r\nx-request-id: last\r\n\r\n';

/**
 * All cases: `{name, pieces, methods, end}`. `methods` are those of the requests that get a reply; `end` says what the
 * client does then: `half-close`, `leave` at once, `wait` for the server to close; else it uses the connection once more.
 */
export function transportCases({ rows, random, maxBody }) {
  const maker = new Maker(rows, random, maxBody);
  const cases = [pieceCases, chunkCases, connectionCases, lengthCases, oddCases].flatMap((make) =>
    make(maker),
  );
  return cases.map(({ name, pieces, methods = ['POST'], end }) => ({
    name,
    pieces: [pieces].flat(),
    methods,
    end,
  }));
}

/** Runs a case: `{reply, connection}`, where `reply` is all that came. */
export async function runCase(port, { pieces, methods, end }) {
  const connection = new Connection(port);
  try {
    for (const piece of pieces) {
      if (connection.isClosed) break;
      connection.write(piece);
      await pause(BETWEEN_PIECES_MS);
    }
    // Else the end may reach the server together with the bytes before it, or only after them.
    if (end === 'leave' || end === 'half-close') await untilRead(port);
    if (end === 'leave') {
      connection.destroy();
      await untilRead(port);
      return { reply: '', connection: 'left by the client' };
    }
    const fate = await fateOf(connection, methods, end);
    return { reply: connection.text, connection: fate };
  } finally {
    connection.destroy();
  }
}

/** The server has read what was sent before when it answers on a new connection. */
async function untilRead(port) {
  const connection = new Connection(port);
  connection.write(LAST);
  await connection.until(() => connection.hasAnswered(['GET']), QUIET_MS);
  connection.destroy();
}

async function fateOf(connection, methods, end) {
  const untilClosed = async (milliseconds) => {
    await connection.until(() => false, milliseconds);
    return connection.isClosed ? 'closed' : 'kept';
  };
  if (end === 'wait') return untilClosed(SLOW_MS);
  await connection.until(() => connection.hasAnswered(methods), QUIET_MS);
  if (end === 'half-close') connection.socket.end();
  if (end === 'half-close' || CLOSES.test(connection.text)) return untilClosed(QUIET_MS);
  // Whether the connection is of use still, is seen by using it.
  const before = connection.text.length;
  connection.write(LAST);
  await connection.until(() => connection.text.includes('API working', before), QUIET_MS);
  if (connection.isClosed) return 'closed';
  return connection.text.length > before ? 'kept' : 'silent';
}
