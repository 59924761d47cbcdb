// The floor: bare node:http that parses JSON and answers JSON. No framework, no check, no model, no record.
import { createServer } from 'node:http';

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    const reply = JSON.stringify({ prediction: body.number_project > 6 ? 1 : 0 });
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': reply.length,
    });
    response.end(reply);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
