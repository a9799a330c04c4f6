'use strict';

const { replaceOnce } = require('./edits.cjs');

const DIST = 'flowise/dist';

/** Under which a request carries its flow from the first step that reads it to the last. */
const HANDED = "Symbol.for('flowise-preload.flow')";

/**
 * Replaces texts that must stand in a source exactly once each.
 *
 * @param {[string, string][]} pairs what stands there, and what is compiled instead
 * @returns {(source: string) => string}
 */
const edits = (pairs) => (source) => pairs.reduce((text, [before, after]) => replaceOnce(text, before, after), source);

/**
 * Lets a function be run once in a process; for what cannot change while it runs.
 *
 * @param {any} exports
 * @param {string} name
 */
function once(exports, name) {
  const read = exports[name];
  /** @type {unknown} */
  let found;
  exports[name] = () => (found ??= read());
}

/**
 * Whether a server may listen to the steps of a job: its client asked for a stream, or somebody tries a webhook. A server
 * listens before it adds the job.
 *
 * @param {{ chatType?: string, incomingInput?: { streaming?: unknown } }} data of a job
 */
const isHeard = ({ chatType, incomingInput }) => Boolean(chatType || incomingInput?.streaming);

/**
 * A publisher that tells nobody. Nodes still see one, and ask models in the same way as with it.
 *
 * @param {object} publisher
 * @param {{ prototype: object }} type
 */
function silence(publisher, type) {
  const methods = Object.getOwnPropertyNames(type.prototype).filter((name) => name.startsWith('stream'));
  return Object.assign(Object.create(publisher), Object.fromEntries(methods.map((name) => [name, () => {}])));
}

/**
 * Ends an execution's update with one statement. Flowise reads the row, all data of the run included, lets TypeORM read it
 * again, and writes what differs.
 *
 * @type {[string, string][]}
 */
const UPDATE_ONCE = [
  [
    `    const execution = await appDataSource.getRepository(Execution_1.Execution).findOneBy({
        id: executionId,
        workspaceId
    });
    if (!execution) {
        throw new Error(\`Execution \${executionId} not found\`);
    }
    const updateExecution = new Execution_1.Execution();
`,
    '',
  ],
  [
    `    Object.assign(updateExecution, bodyExecution);
    appDataSource.getRepository(Execution_1.Execution).merge(execution, updateExecution);
    await appDataSource.getRepository(Execution_1.Execution).save(execution);
`,
    `    if (Object.keys(bodyExecution).length === 0) return;
    const row = workspaceId ? { id: executionId, workspaceId } : { id: executionId };
    const { affected } = await appDataSource.getRepository(Execution_1.Execution).update(row, bodyExecution);
    if (!affected) throw new Error(\`Execution \${executionId} not found\`);
`,
  ],
];

/**
 * What a prediction asks again and again although it cannot have changed, or asks and does not use. Nothing is kept beyond
 * a request, but the version of the package. Each with its risk in docs/decisions/0070-round-trips.md.
 *
 * Tested by tests/e2e/test_round_trips.py, which counts the statements of a prediction.
 *
 * @type {import('./guards.cjs').Guard[]}
 */
const TRIPS = [
  {
    name: 'flow-read-once',
    closes: [],
    why: 'Three steps of one request read the whole flow, one after the other.',
    files: {
      [`${DIST}/controllers/predictions/index.js`]: {
        sha256: 'f14ce237e99197812933ce494904d7df8691b067b95b6f0c8ec6a3145fc47e06',
        edit: edits([
          ['        let isDomainAllowed = true;\n', `        req[${HANDED}] = chatflow;\n        let isDomainAllowed = true;\n`],
          ['checkIfChatflowIsValidForStreaming(req.params.id)', 'checkIfChatflowIsValidForStreaming(req.params.id, chatflow)'],
        ]),
      },
      [`${DIST}/services/chatflows/index.js`]: {
        sha256: '7dc9c93d4873555347b59e1b2c8929f4fdcb28f7fef953722dfcb1d2be4245f0',
        edit: edits([
          [
            `const checkIfChatflowIsValidForStreaming = async (chatflowId) => {
    try {
        const appServer = (0, getRunningExpressApp_1.getRunningExpressApp)();
        //**
        const chatflow = await`,
            `const checkIfChatflowIsValidForStreaming = async (chatflowId, known) => {
    try {
        const appServer = (0, getRunningExpressApp_1.getRunningExpressApp)();
        const chatflow = known ?? await`,
          ],
        ]),
      },
      [`${DIST}/utils/buildChatflow.js`]: {
        sha256: '34812db365878eaf5521b843397b1729ff79a593ee5200df5c67a6f8f34c7bbc',
        edit: edits([
          [
            `    // Check if chatflow exists
    const chatflow = await appServer`,
            `    const handed = req[${HANDED}];
    delete req[${HANDED}];
    const chatflow = handed?.id === chatflowid ? handed : await appServer`,
          ],
        ]),
      },
    },
  },
  {
    name: 'agent-flow-statements',
    closes: [],
    why: 'A run reads all former runs of its chat, reads its own row twice to write it, and opens a transaction for one row.',
    files: {
      [`${DIST}/utils/buildAgentflow.js`]: {
        sha256: '411cfdaad77eb982c4d8e30b16d584cee165e4f7e64fbdcd48d1852384f07edc',
        edit: edits([
          ...UPDATE_ONCE,
          ['getRepository(Execution_1.Execution).save(execution);', 'getRepository(Execution_1.Execution).save(execution, { transaction: false });'],
          // Of the executions found only the first is used.
          [
            `            order: {
                createdDate: 'DESC'
            }
        });`,
            `            order: {
                createdDate: 'DESC'
            },
            take: 1
        });`,
          ],
          // Variables are read when a node's inputs name one.
          [
            'const availableVariables = await appDataSource.getRepository(Variable_1.Variable).findBy((0, ControllerServiceUtils_1.getWorkspaceSearchOptions)(workspaceId));',
            `let variables;
        const availableVariables = () => (variables ??= appDataSource.getRepository(Variable_1.Variable).findBy((0, ControllerServiceUtils_1.getWorkspaceSearchOptions)(workspaceId)));`,
          ],
          [
            'getGlobalVariable)(flowConfig, availableVariables, variableOverrides)',
            'getGlobalVariable)(flowConfig, typeof availableVariables === "function" ? await availableVariables() : availableVariables, variableOverrides)',
          ],
          // The id of the answer was made a moment ago: there is no such row to look for.
          [
            'const chatMessage = await (0, addChatMesage_1.utilAddChatMessage)(apiMessage, appDataSource);',
            'const chatMessage = await (0, addChatMesage_1.utilAddChatMessage)(apiMessage, appDataSource, true);',
          ],
        ]),
      },
      [`${DIST}/utils/addChatMesage.js`]: {
        sha256: 'bd5d0c9dd2ce9eec981d5412b13143ec158a5477287b1cf30318940f1b3cd7bd',
        edit: edits([
          ['async (chatMessage, appDataSource) => {', 'async (chatMessage, appDataSource, isNew = false) => {'],
          [
            '    const dbResponse = await dataSource.getRepository(ChatMessage_1.ChatMessage).save(chatmessage);',
            `    if (isNew) {
        await dataSource.getRepository(ChatMessage_1.ChatMessage).insert(chatmessage);
        return chatmessage;
    }
    const dbResponse = await dataSource.getRepository(ChatMessage_1.ChatMessage).save(chatmessage, { transaction: false });`,
          ],
        ]),
      },
    },
  },
  {
    name: 'version-read-once',
    closes: [],
    why: 'Every prediction reads package.json from the disk, twice, for telemetry that is off.',
    files: {
      [`${DIST}/utils/index.js`]: {
        sha256: 'd6d745c2fb65230f4559835cf70754ecc650421901a68d8bcc3efccc10b50046',
        patch: (exports) => once(exports, 'getAppVersion'),
      },
    },
  },
  {
    name: 'queue-commands',
    closes: [],
    why: 'A worker tells the queue every step of a run that nobody listens to, and reads all that is told of its queues.',
    files: {
      [`${DIST}/queue/PredictionQueue.js`]: {
        sha256: 'aaca2becf44e31abfda9b213c438db62d74f606d15800824bca01ba0ed22c925',
        edit: edits([
          [
            '            data.sseStreamer = this.redisPublisher;',
            `            data.sseStreamer = isHeard(data) ? this.redisPublisher : (this.silent ??= silence(this.redisPublisher, RedisEventPublisher_1.RedisEventPublisher));`,
          ],
          ['class PredictionQueue extends', `const { isHeard, silence } = require(${JSON.stringify(__filename)});\nclass PredictionQueue extends`],
        ]),
      },
      [`${DIST}/queue/BaseQueue.js`]: {
        sha256: '592efceacc7b719f7f2e2b20b9e5323183768f81bb2867041df3529b14680a8a',
        // Who waits for a job is a server. A worker reads what is told of predictions elsewhere, to stop one that is aborted.
        edit: edits([
          [
            'new bullmq_1.QueueEvents(queueName, { connection: this.connection });',
            "new bullmq_1.QueueEvents(queueName, { connection: this.connection, autorun: process.argv[2] !== 'worker' });",
          ],
        ]),
      },
      [`${DIST}/utils/quotaUsage.js`]: {
        sha256: '06ceff65c60f32fcebed0482a2b52aab82e8fd3d34b63a5ec7403922474643d2',
        // Without a subscription there is no limit, and nothing reads the count.
        edit: edits([
          [
            `const updatePredictionsUsage = async (orgId, subscriptionId, _ = '', usageCacheManager) => {
    if (!usageCacheManager)`,
            `const updatePredictionsUsage = async (orgId, subscriptionId, _ = '', usageCacheManager) => {
    if (!usageCacheManager || !subscriptionId)`,
          ],
        ]),
      },
    },
  },
];

module.exports = { TRIPS, edits, isHeard, once, silence };
