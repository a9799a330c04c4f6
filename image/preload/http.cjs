'use strict';

const http = require('node:http');

const { problem } = require('./health.cjs');
const { milliseconds } = require('./settings.cjs');
const { setCaching } = require('./static.cjs');
const { nameRequest } = require('./trace.cjs');

/** Servers that accept connections now. @type {Set<http.Server>} */
const servers = new Set();

/** Responses that are not finished yet. @type {Set<http.ServerResponse>} */
const inFlight = new Set();

let draining = false;

/** Stops saying ready and closes the listening sockets; requests that have arrived go on. */
function stopAccepting() {
  draining = true;
  for (const server of servers) server.close();
}

/**
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 * @returns {boolean} true when the request is answered here and must not reach Flowise
 */
function beforeFlowise(request, response) {
  // A connection the load balancer keeps open can still bring requests after the listening socket is closed.
  if (draining) response.setHeader('Connection', 'close');
  if (request.url === '/readyz') {
    if (draining) {
      response.writeHead(503, { 'Content-Type': 'text/plain' }).end('draining\n');
      return true;
    }
  } else {
    inFlight.add(response);
    response.once('close', () => inFlight.delete(response));
  }
  // The edge ends TLS and speaks plain HTTP inside the VPC. Without this header Express takes the request for an
  // insecure one, the session cookie (Secure in production) is never sent, and the login loops.
  if (process.env.FLOWISE_EDGE_PROTO === 'https') request.headers['x-forwarded-proto'] = 'https';
  setCaching(request, response);
  nameRequest(request);
  return false;
}

/**
 * Says whether the pod can serve: when nothing that it depends on is away, Flowise itself answers, through its whole
 * middleware. So 200 means more than that a port is open.
 *
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 * @param {() => void} ask passes the request on
 */
async function answerReadiness(request, response, ask) {
  const why = await problem();
  if (why) {
    response.writeHead(503, { 'Content-Type': 'text/plain' }).end(`${why}\n`);
    return;
  }
  request.url = '/api/v1/ping';
  ask();
}

/** Wraps `http.Server.prototype.emit`, which sees every server of the process however it was made. */
function install() {
  const keepAlive = milliseconds('FLOWISE_KEEP_ALIVE_SECONDS', 75);
  const emit = http.Server.prototype.emit;

  /** @this {http.Server} @param {string | symbol} event @param {any[]} args */
  http.Server.prototype.emit = function (event, ...args) {
    if (event === 'listening') {
      // Longer than the load balancer's idle timeout (60 s): whoever closes first must be the load balancer, else it
      // sends a request into a closing connection and answers 502. Node's default is 5 s.
      this.keepAliveTimeout = keepAlive;
      this.headersTimeout = keepAlive + 5_000;
      servers.add(this);
    } else if (event === 'close') {
      servers.delete(this);
    } else if (event === 'request') {
      const [request, response] = args;
      const probed = request.url === '/readyz';
      if (beforeFlowise(request, response)) return true;
      if (probed) {
        void answerReadiness(request, response, () => emit.call(this, event, ...args));
        return true;
      }
    }
    return emit.call(this, event, ...args);
  };
}

module.exports = { inFlight, install, stopAccepting };
