-- Rotates through prepared paths (file PATHS), with the header AUTHORIZATION if set; ends with one line of JSON.
local paths = {}
local threads = 0
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end

function setup(thread)
  thread:set("offset", threads * math.floor(#paths / 2))
  threads = threads + 1
end

function init(args)
  local headers = {}
  local authorization = os.getenv("AUTHORIZATION")
  if authorization then headers["Authorization"] = authorization end
  requests = {}
  for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path, headers) end
  position = offset
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests":%d,"seconds":%f,"bytes":%d,"p50":%f,"p99":%f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
