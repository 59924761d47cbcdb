// Reads a JSON list of PromQL expressions and prints those that the grammar of Prometheus 3 (the one its own web page
// uses) cannot read, as a JSON list.
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';

const unreadable = JSON.parse(readFileSync(0, 'utf8')).filter((expression) => {
  let broken = false;
  parser.parse(expression).iterate({
    enter: ({ type }) => {
      broken ||= type.isError;
    },
  });
  return broken;
});
console.log(JSON.stringify(unreadable));
