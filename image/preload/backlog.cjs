'use strict';

const { createRequire } = require('node:module');

const { onLoad } = require('./modules.cjs');
const { log, milliseconds } = require('./settings.cjs');

/** Kinds of jobs that have no worker yet. Those of a schedule that are not due do not count. */
const WAITING = ['wait', 'prioritized', 'paused'];

/**
 * Queues that this process puts jobs into.
 * @type {Set<{ name: string, getJobCounts: (...types: string[]) => Promise<Record<string, number>> }>}
 */
const queues = new Set();

/**
 * Reports how many jobs wait and run in each queue, as the gauges `queue_backlog` and `queue_active`. Every process
 * reports the same numbers, so that somebody does as long as one runs: the maximum tells, not the sum. The attribute
 * `queue` says what the queue is for (`prediction`, `upsertion`, `schedule`), without the stack's own prefix.
 *
 * @param {string} endpoint of the collector
 */
function report(endpoint) {
  const requireFlowise = createRequire(String(process.argv[1]));
  const { MeterProvider, PeriodicExportingMetricReader } = requireFlowise('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter } = requireFlowise('@opentelemetry/exporter-metrics-otlp-http');
  const interval = milliseconds('FLOWISE_BACKLOG_SECONDS', 60);
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, 10_000),
  });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('flowise-preload');
  const backlog = meter.createObservableGauge('queue_backlog', { description: 'Jobs that wait for a worker' });
  const active = meter.createObservableGauge('queue_active', { description: 'Jobs that run' });
  meter.addBatchObservableCallback(
    async (/** @type {any} */ result) => {
      for (const queue of queues) {
        const attributes = { queue: kindOf(queue.name) };
        const counts = await queue.getJobCounts(...WAITING, 'active');
        const waiting = WAITING.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
        result.observe(backlog, waiting, attributes);
        result.observe(active, counts.active ?? 0, attributes);
      }
    },
    [backlog, active],
  );
}

/** @param {string} name of a queue: Flowise puts QUEUE_NAME and a dash before what it is for */
function kindOf(name) {
  const prefix = `${process.env.QUEUE_NAME || 'flowise-queue'}-`;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** @param {{ Queue: { prototype: any } }} bullmq the module's exports */
function watchQueues({ Queue: { prototype } }) {
  const endpoint = String(process.env.OTEL_EXPORTER_OTLP_ENDPOINT).replace(/\/$/, '');
  const waitUntilReady = prototype.waitUntilReady; // which the constructor calls
  prototype.waitUntilReady = function () {
    queues.add(this);
    if (queues.size === 1) {
      try {
        report(endpoint);
      } catch (error) {
        log(`the backlog of the queues is not reported: ${/** @type {Error} */ (error).message}`);
      }
    }
    return waitUntilReady.call(this);
  };
}

/** Counts the jobs of every queue, where there is a collector to tell. */
function install() {
  if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) onLoad('bullmq', watchQueues);
}

module.exports = { install };
