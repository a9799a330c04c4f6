'use strict';

const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');

/** Where Node's own `fetch`, and undici from npm, look for who sends their requests. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/**
 * Sends HTTP and HTTPS through the proxy of `FLOWISE_PROXY_URL`, but for what `FLOWISE_NO_PROXY` names, by Node's own
 * support for proxies (Node.js 24, "Built-in Proxy Support"). What that leaves out by itself, and is added here:
 *
 * - Agents that a library makes (the AWS SDK, Flowise's check of addresses, agents with a certificate): Node takes the
 *   proxy only for its global agents.
 * - `fetch` to an address within a range of `FLOWISE_NO_PROXY`: undici compares names only.
 * - gRPC, which has variables of its own.
 *
 * Flowise's check of addresses still looks the host up and refuses what is denied before anything is sent; only then is
 * the proxy asked, by the host's name, so a lookup that an agent brings along is not used for the proxy itself.
 */
function install() {
  const url = process.env.FLOWISE_PROXY_URL;
  if (!url) return;
  const direct = process.env.FLOWISE_NO_PROXY ?? '';
  const proxyEnv = { http_proxy: url, https_proxy: url, no_proxy: direct };
  http.setGlobalProxyFromEnv(proxyEnv);
  for (const module of [http, https]) proxyAgents(/** @type {{ Agent: typeof http.Agent }} */ (module), proxyEnv);
  syncBuiltinESMExports();
  letFetchPast(ranges(direct), url);
  Object.assign(process.env, { grpc_proxy: url, no_grpc_proxy: direct });
}

/**
 * @param {{ Agent: typeof http.Agent }} module
 * @param {Record<string, string>} proxyEnv
 */
function proxyAgents(module, proxyEnv) {
  /** @param {unknown[]} given */
  const options = ([own, ...rest]) => [{ proxyEnv, .../** @type {object | undefined} */ (own) }, ...rest];
  const Agent = new Proxy(module.Agent, {
    construct: (target, given, newTarget) => Reflect.construct(target, options(given), newTarget),
    apply: (target, self, given) => Reflect.apply(/** @type {any} */ (target), self, options(given)),
  });
  Agent.prototype.constructor = Agent; // what a request with `agent: false` takes
  module.Agent = Agent;
}

/**
 * @param {string} direct
 * @returns {net.BlockList} the ranges in it, `10.0.0.0-10.255.255.255`
 */
function ranges(direct) {
  const found = new net.BlockList();
  for (const entry of direct.split(',')) {
    const [first = '', last = '', ...more] = entry.split('-');
    if (net.isIPv4(first) && net.isIPv4(last) && more.length === 0) found.addRange(first, last);
  }
  return found;
}

/**
 * @param {net.BlockList} networks
 * @param {string} url
 */
function letFetchPast(networks, url) {
  const proxied = /** @type {any} */ (globalThis)[DISPATCHER];
  const straight = new proxied.constructor({ httpProxy: url, httpsProxy: url, noProxy: '*' });
  const dispatch = proxied.dispatch.bind(proxied);
  proxied.dispatch = (/** @type {{ origin: string | URL }} */ options, /** @type {object} */ handler) => {
    const { hostname } = new URL(options.origin);
    const past = net.isIPv4(hostname) && networks.check(hostname);
    return past ? straight.dispatch(options, handler) : dispatch(options, handler);
  };
}

module.exports = { install };
