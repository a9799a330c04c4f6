'use strict';

/** What a request may say about traces: who and what, never where to and with which key. */
const TRACES = new Set([
  ...['id', 'traceId', 'name', 'userId', 'user_id', 'userProps', 'sessionId', 'session_id', 'projectName', 'project_name'],
  ...['tags', 'metadata', 'release', 'version', 'environment'],
]);

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param {Record<string, any>} values
 * @param {(name: string) => boolean} isWanted
 */
const only = (values, isWanted) => Object.fromEntries(Object.entries(values).filter(([name]) => isWanted(name)));

/** @param {any} data of a node @returns {any} with those words about traces that a request may say */
function withTraces(data) {
  const analytics = data?.inputs?.analytics;
  if (!isObject(analytics)) return data;
  const named = Object.entries(analytics).filter(([, values]) => isObject(values));
  const allowed = named.map(([service, values]) => [service, service === 'langWatch' ? values : only(values, (name) => TRACES.has(name))]);
  return { ...data, inputs: { ...data.inputs, analytics: Object.fromEntries(allowed) } };
}

/**
 * What the request of a visitor changes in a flow. Whoever builds the flow names the parameters that may be overridden;
 * no other one is, in whatever form it comes. Words about traces say who and what, and neither address nor key: the keys
 * of a tracing service would go to that address.
 *
 * Tested by image/test/tree/runs.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'overrides',
  closes: ['CVE-2026-52098', 'parameters and addresses that a visitor of a flow must not decide'],
  why: 'Not every form of a parameter was compared with those that may be overridden.',
  files: {
    'flowise/dist/utils/index.js': {
      sha256: 'd6d745c2fb65230f4559835cf70754ecc650421901a68d8bcc3efccc10b50046',
      patch: (exports) => {
        const { replaceInputsWithConfig } = exports;
        exports.replaceInputsWithConfig = (
          /** @type {any} */ data,
          /** @type {any} */ asked,
          /** @type {any} */ nodes,
          /** @type {any} */ variables,
        ) => {
          const enabled = new Set(
            (nodes[data.label] ?? []).filter((/** @type {any} */ each) => each.enabled).map((/** @type {any} */ each) => each.name),
          );
          const config = only(asked, (name) => name === 'analytics' || name === 'vars' || enabled.has(name));
          const replaced = replaceInputsWithConfig(data, config, nodes, variables);
          if ('vars' in config) asked.vars = config.vars; // Flowise leaves there those that may be overridden
          return replaced;
        };
      },
    },
    'flowise-components/dist/src/handler.js': {
      sha256: '801d3af2383795da311118b5ee108a87f11a833d0cf3adc00f0ebe53cb8ad963',
      patch: (exports) => {
        const { AnalyticHandler, additionalCallbacks } = exports;
        const { getInstance } = AnalyticHandler;
        exports.additionalCallbacks = (/** @type {any} */ data, /** @type {any} */ options) =>
          additionalCallbacks(withTraces(data), options);
        AnalyticHandler.getInstance = (/** @type {any} */ data, /** @type {any} */ options) =>
          getInstance.call(AnalyticHandler, withTraces(data), options);
      },
    },
  },
};
