'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');

/** Stand for the packages of Flowise. What they see is printed, a line of JSON each. */
const PACKAGES = {
  '@opentelemetry/api': `
    const { AsyncLocalStorage } = require('node:async_hooks');
    const current = new AsyncLocalStorage();
    let ids = 0;
    exports.ROOT_CONTEXT = undefined;
    exports.SpanKind = { INTERNAL: 0, PRODUCER: 3, CONSUMER: 4 };
    exports.SpanStatusCode = { ERROR: 2 };
    exports.context = { active: () => current.getStore() };
    exports.propagation = {
      inject: (context, carrier) => { if (context) carrier.traceparent = context.trace + '-' + context.id; },
      extract: (context, { traceparent }) =>
        traceparent ? { trace: traceparent.split('-')[0], id: traceparent.split('-')[1] } : context,
    };
    exports.trace = {
      getActiveSpan: () => current.getStore(),
      getTracer: () => ({
        startActiveSpan(name, { kind, attributes }, parent, work) {
          const id = process.env.PREFIX + ++ids;
          const span = { name, kind, attributes, id, trace: parent?.trace ?? 'trace' + id, parent: parent?.id };
          span.setAttribute = (key, value) => (attributes[key] = value);
          span.setStatus = (status) => (span.status = status);
          span.end = () => console.log(JSON.stringify({ span }));
          return current.run(span, () => work(span));
        },
      }),
    };`,
  '@opentelemetry/sdk-metrics': `
    exports.PeriodicExportingMetricReader = class { constructor(options) { this.options = options; } };
    exports.MeterProvider = class {
      constructor({ readers }) { this.readers = readers; }
      getMeter() {
        return {
          createObservableGauge: (name) => name,
          addBatchObservableCallback: async (callback) => {
            await new Promise((done) => setTimeout(done, 20));
            const metrics = [];
            await callback({ observe: (name, value, { queue }) => metrics.push([name, queue, value]) });
            const { exporter, exportIntervalMillis } = this.readers[0].options;
            console.log(JSON.stringify({ metrics, url: exporter.url, exportIntervalMillis }));
          },
        };
      }
    };`,
  '@opentelemetry/exporter-metrics-otlp-http': `
    exports.OTLPMetricExporter = class { constructor({ url }) { this.url = url; } };`,
  bullmq: `
    exports.Job = class { waitUntilFinished() {} };
    exports.QueueEvents = class extends require('node:events') { async consumeEvents() {} };
    exports.Queue = class {
      constructor(name) { this.name = name; this.waitUntilReady(); }
      async waitUntilReady() {}
      async getJobCounts() { return { wait: 3, prioritized: 1, active: 2, delayed: 9 }; }
      async add(name, data, opts) {
        if (data.refuse) throw new TypeError('no connection');
        console.log(JSON.stringify({ added: { name, data, opts } }));
        return { id: name };
      }
    };
    exports.Worker = class {
      constructor(name, work) { this.name = name; this.work = work; }
      callProcessJob(job, token) { return this.work(job, token); }
      run() {} isRunning() { return true; } async pause() {}
    };`,
};

const FLOW = {
  id: 'flow-1',
  type: 'AGENTFLOW',
  flowData: JSON.stringify({
    nodes: [
      { data: { inputs: { modelName: 'gpt-5', prompt: 'the secret recipe' } } },
      { data: { inputs: { llmModelConfig: { modelName: 'nova-lite', credential: 'c-1' } } } },
      { data: { inputs: { modelName: 'gpt-5' } } },
      { data: {} },
    ],
  }),
};

/**
 * Runs `source` as the main module of a process with the preload; returns what it printed.
 *
 * @param {string} source
 * @param {Record<string, string>} [env]
 * @returns {Promise<any[]>}
 */
async function run(source, env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'trace-'));
  for (const [name, code] of Object.entries(PACKAGES)) {
    fs.mkdirSync(path.join(directory, 'node_modules', name), { recursive: true });
    fs.writeFileSync(path.join(directory, 'node_modules', name, 'index.js'), code);
  }
  // In a cycle, as Flowise's is: the other module sees it before it is whole.
  fs.writeFileSync(path.join(directory, 'agent.js'), `require('./buildChatflow');`);
  fs.writeFileSync(
    path.join(directory, 'buildChatflow.js'),
    `exports.executeFlow = undefined; require('./agent'); exports.executeFlow = async ({ fail }) => { if (fail) throw new Error('model is away'); return 'answer'; };`,
  );
  const main = path.join(directory, 'main.cjs');
  fs.writeFileSync(main, source);
  const child = spawn(process.execPath, ['--require', PRELOAD, main], {
    env: { PATH: process.env.PATH, PREFIX: 'a', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  fs.rmSync(directory, { recursive: true });
  assert.equal(code, 0, text);
  return text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const INSTRUMENTED = `require('@opentelemetry/api');`;
const SEND = `${INSTRUMENTED}
  new (require('bullmq').Queue)('q-prediction').add('job-1', { question: 'who?' }, { removeOnFail: true });`;

describe('a job', () => {
  test('carries the context of whoever asked for it, and the worker goes on in it', async () => {
    const [{ added }, { span: sent }] = (await run(SEND)).filter((line) => !line.metrics);
    assert.equal(added.opts.removeOnFail, true);
    assert.deepEqual(added.data, { question: 'who?' });
    assert.equal(sent.name, 'send q-prediction');
    assert.equal(sent.kind, 3);
    assert.equal(sent.attributes['messaging.message.id'], 'job-1');

    const job = { id: 'job-1', timestamp: 1000, processedOn: 1250, opts: added.opts };
    const [{ ran }, { span: flow }, { span: processed }] = await run(
      `${INSTRUMENTED}
      const flows = require('./buildChatflow');
      const worker = new (require('bullmq').Worker)('q-prediction', async (job, token) => {
        console.log(JSON.stringify({ ran: [job.id, token] }));
        return flows.executeFlow({ chatflow: ${JSON.stringify(FLOW)}, question: 'who?' });
      });
      worker.callProcessJob(${JSON.stringify(job)}, 'token');`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', PREFIX: 'b' },
    );
    assert.deepEqual(ran, ['job-1', 'token']);
    assert.equal(processed.trace, sent.trace);
    assert.equal(processed.parent, sent.id);
    assert.equal(processed.kind, 4);
    assert.equal(processed.attributes['flowise.queue.wait_ms'], 250);
    assert.equal(flow.trace, sent.trace);
    assert.equal(flow.parent, processed.id);
    assert.deepEqual(flow.attributes, {
      'flowise.flow.id': 'flow-1',
      'flowise.flow.type': 'AGENTFLOW',
      'flowise.flow.nodes': 4,
      'gen_ai.request.model': 'gpt-5,nova-lite',
    });
  });

  for (const [what, opts] of Object.entries({
    'of a schedule': {},
    'of a server without traces': undefined,
    'with a broken context': { telemetry: { metadata: '{traceparent' } },
  })) {
    test(`${what} begins a trace of its own`, async () => {
      const [{ span }] = await run(`${INSTRUMENTED}
        new (require('bullmq').Worker)('q-schedule', async () => {})
          .callProcessJob(${JSON.stringify({ id: 'job-2', timestamp: 0, opts })}, 'token');`);
      assert.equal(span.name, 'process q-schedule');
      assert.equal(span.parent, undefined);
    });
  }

  test('that cannot be sent leaves a failed span, and the error reaches the caller', async () => {
    const lines = await run(`${INSTRUMENTED}
      new (require('bullmq').Queue)('q').add('job-3', { refuse: true })
        .catch((error) => console.log(JSON.stringify({ caught: error.message })));`);
    const { span } = lines.find((line) => line.span);
    assert.equal(span.status.code, 2);
    assert.equal(span.attributes['error.type'], 'TypeError');
    assert.deepEqual(lines.find((line) => line.caught), { caught: 'no connection' });
  });
});

describe('a flow', () => {
  for (const [what, flowData, attributes] of [
    ['without data', undefined, { 'flowise.flow.nodes': 0 }],
    ['that cannot be read', '{"nodes": [', {}],
    ['without a model', '{"nodes": [{"data": {"inputs": {"model": ""}}}]}', { 'flowise.flow.nodes': 1 }],
  ]) {
    test(`${what} is described as far as it goes, and runs`, async () => {
      const [{ span }] = await run(`${INSTRUMENTED}
        require('./buildChatflow').executeFlow({ chatflow: ${JSON.stringify({ id: 'f', flowData })} });`);
      assert.deepEqual(span.attributes, { 'flowise.flow.id': 'f', ...Object(attributes) });
    });
  }

  test('that fails leaves a failed span', async () => {
    const [{ span }] = await run(`${INSTRUMENTED}
      require('./buildChatflow').executeFlow({ chatflow: {}, fail: true }).catch(() => {});`);
    assert.deepEqual(span.status, { code: 2, message: 'model is away' });
  });
});

describe('the backlog', () => {
  test('of every queue is reported once a minute, named by what it is for', async () => {
    const { metrics, url, exportIntervalMillis } = (
      await run(`const { Queue } = require('bullmq'); new Queue('q-prediction'); new Queue('other');`, {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        QUEUE_NAME: 'q',
      })
    ).find((line) => line.metrics);
    assert.deepEqual(metrics, [
      ['queue_backlog', 'prediction', 4],
      ['queue_active', 'prediction', 2],
      ['queue_backlog', 'other', 4],
      ['queue_active', 'other', 2],
    ]);
    assert.equal(url, 'http://collector:4318/v1/metrics');
    assert.equal(exportIntervalMillis, 60_000);
  });
});

describe('without a collector', () => {
  test('jobs and flows are left as they are', async () => {
    const lines = await run(`${SEND} require('./buildChatflow').executeFlow({ chatflow: {} });`, {});
    assert.deepEqual(lines, [{ added: { name: 'job-1', data: { question: 'who?' }, opts: { removeOnFail: true } } }]);
  });
});
