'use strict';

/**
 * Loaded into every Node process of the image (`NODE_OPTIONS=--require /opt/flowise/preload.cjs`): it gives Flowise
 * what a pod behind a load balancer needs and Flowise 3.1.4 has no setting for. In a process that is no server or
 * worker, serves no HTTP, has no SIGTERM listener, opens no connection to Redis or PostgreSQL and is told of no proxy,
 * it does nothing.
 * Traces and counts of the queue need a collector (`OTEL_EXPORTER_OTLP_ENDPOINT`) and the instrumentation, which must
 * be loaded after this. Our own fixes of Flowise are in `preload/guards`.
 */
require('./preload/proxy.cjs').install();
require('./preload/variables.cjs').install();
require('./preload/keys.cjs').install();
require('./preload/compiled.cjs').install();
require('./preload/guards.cjs').install();
require('./preload/modules.cjs').install();
require('./preload/nodes.cjs').install();
require('./preload/health.cjs').install();
require('./preload/http.cjs').install();
require('./preload/uploads.cjs').install();
require('./preload/drain.cjs').install();
require('./preload/redis.cjs').install();
require('./preload/jobs.cjs').install();
require('./preload/trace.cjs').install();
require('./preload/backlog.cjs').install();
