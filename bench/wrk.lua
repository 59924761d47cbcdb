-- Posts one JSON body, given in BENCH_BODY, and prints the outcome as one line of JSON. Where BENCH_PATHS is given, a
-- number of paths, the number in the path goes from 1 to it, one after another. BENCH_KEY is the key that it shows.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
local key = os.getenv("BENCH_KEY")
if key then wrk.headers["x-api-key"] = key end

local paths = tonumber(os.getenv("BENCH_PATHS") or "")
if paths then
  local last = 0
  function request()
    last = last % paths + 1
    return wrk.format(nil, (wrk.path:gsub("{n}", tostring(last))))
  end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('RESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status, broken))
end
