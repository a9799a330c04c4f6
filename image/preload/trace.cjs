'use strict';

const { onLoad } = require('./modules.cjs');
const { log } = require('./settings.cjs');

/** Nodes of a flow name their model in one of these inputs (Flowise 3.1.4), agent nodes one level deeper. */
const MODEL_INPUTS = ['modelName', 'model', 'customModelName', 'customModel'];

/** The API of OpenTelemetry; the instrumentation loads it. @type {any} */
let otel;

const tracer = () => otel.trace.getTracer('flowise-preload');

/**
 * Runs `work` in a span that is current meanwhile, and notes on it how the work failed.
 *
 * @template T
 * @param {string} name
 * @param {{ kind: number, attributes: Record<string, unknown> }} options
 * @param {unknown} parent context
 * @param {(span: any) => Promise<T>} work
 * @returns {Promise<T>}
 */
function inSpan(name, options, parent, work) {
  return tracer().startActiveSpan(name, options, parent, async (/** @type {any} */ span) => {
    try {
      return await work(span);
    } catch (error) {
      const { name: type, message } = /** @type {Error} */ (error);
      span.setAttribute('error.type', type ?? typeof error);
      span.setStatus({ code: otel.SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/**
 * A job carries the context of whoever asked for it, in the field that BullMQ keeps for this purpose; the worker goes on
 * in it. So a prediction is one trace, from the request to the model, though two processes have their part in it.
 *
 * @param {{ Queue: { prototype: any }, Worker: { prototype: any } }} bullmq the module's exports
 */
function linkJobs({ Queue: { prototype: queue }, Worker: { prototype: worker } }) {
  const add = queue.add;
  queue.add = function (/** @type {string} */ name, /** @type {unknown} */ data, /** @type {any} */ options) {
    const span = { kind: otel.SpanKind.PRODUCER, attributes: messaging(this.name, 'send') };
    return inSpan(`send ${this.name}`, span, otel.context.active(), async (current) => {
      const carrier = {};
      otel.propagation.inject(otel.context.active(), carrier);
      const job = await add.call(this, name, data, { ...options, telemetry: { metadata: JSON.stringify(carrier) } });
      current.setAttribute('messaging.message.id', String(job.id));
      return job;
    });
  };

  const callProcessJob = worker.callProcessJob;
  worker.callProcessJob = function (/** @type {any} */ job, /** @type {string} */ token) {
    const parent = otel.propagation.extract(otel.ROOT_CONTEXT, carrierOf(job));
    const attributes = {
      ...messaging(this.name, 'process'),
      'messaging.message.id': String(job.id),
      'flowise.queue.wait_ms': Math.max(0, (job.processedOn ?? Date.now()) - job.timestamp),
    };
    const span = { kind: otel.SpanKind.CONSUMER, attributes };
    return inSpan(`process ${this.name}`, span, parent, () => callProcessJob.call(this, job, token));
  };
}

/** @param {string} queue @param {string} operation */
function messaging(queue, operation) {
  return {
    'messaging.system': 'bullmq',
    'messaging.destination.name': queue,
    'messaging.operation.type': operation,
  };
}

/**
 * What the producer wrote; nothing for the jobs of a schedule, and for those of a server without this module.
 *
 * @param {{ opts?: { telemetry?: { metadata?: string } } }} job
 * @returns {Record<string, string>}
 */
function carrierOf(job) {
  try {
    return JSON.parse(job.opts?.telemetry?.metadata ?? '{}');
  } catch {
    return {};
  }
}

/**
 * Gives every run of a flow a span that says which flow it was. Neither the question nor the answer is on it.
 *
 * @param {{ executeFlow: (data: any) => Promise<unknown> }} buildChatflow the module's exports
 */
function describeFlows(buildChatflow) {
  const executeFlow = buildChatflow.executeFlow;
  buildChatflow.executeFlow = (data) => {
    const span = { kind: otel.SpanKind.INTERNAL, attributes: flowAttributes(data.chatflow ?? {}) };
    return inSpan('execute flow', span, otel.context.active(), () => executeFlow(data));
  };
}

/**
 * @param {{ id?: string, type?: string, flowData?: string }} flow
 * @returns {Record<string, string | number>}
 */
function flowAttributes({ id, type, flowData }) {
  /** @type {Record<string, string | number>} */
  const attributes = {};
  if (id) attributes['flowise.flow.id'] = id;
  if (type) attributes['flowise.flow.type'] = type;
  let nodes = [];
  try {
    nodes = JSON.parse(flowData ?? '{}').nodes ?? [];
  } catch {
    return attributes; // Flowise says itself what is wrong with it
  }
  attributes['flowise.flow.nodes'] = nodes.length;
  const models = new Set(nodes.flatMap((/** @type {any} */ node) => modelsIn(node?.data?.inputs)));
  // One text, because X-Ray takes no lists as annotations.
  if (models.size > 0) attributes['gen_ai.request.model'] = [...models].sort().join(',');
  return attributes;
}

/**
 * @param {any} inputs of a node
 * @returns {string[]}
 */
function modelsIn(inputs) {
  if (!inputs || typeof inputs !== 'object') return [];
  const configs = Object.entries(inputs).filter(([name, value]) => /ModelConfig$/.test(name) && value);
  return [inputs, ...configs.map(([, value]) => value)].flatMap((each) =>
    MODEL_INPUTS.map((name) => each[name]).filter((value) => typeof value === 'string' && value !== ''),
  );
}

/**
 * Says on the request's span which request it was for CloudFront and the load balancer, whose logs have the same ids.
 *
 * @param {import('node:http').IncomingMessage} request
 */
function nameRequest({ headers }) {
  const span = otel?.trace.getActiveSpan();
  if (!span) return;
  for (const [header, attribute] of [
    ['x-amz-cf-id', 'aws.cloudfront.request_id'],
    ['x-amzn-trace-id', 'aws.load_balancer.trace_id'],
  ]) {
    const value = headers[header];
    if (typeof value === 'string') span.setAttribute(attribute, value.slice(0, 256));
  }
}

/** Traces what the instrumentation cannot see, where there is a collector to send it to. */
function install() {
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return;
  onLoad('@opentelemetry/api', (exports) => (otel ??= exports));
  const whenTraced = (/** @type {string} */ name, /** @type {(exports: any) => void} */ patch) =>
    onLoad(name, (exports) => {
      if (otel) patch(exports);
      else log(`no traces of ${name}: the instrumentation is not loaded`);
    });
  whenTraced('bullmq', linkJobs);
  whenTraced('./buildChatflow', describeFlows);
}

module.exports = { install, nameRequest };
