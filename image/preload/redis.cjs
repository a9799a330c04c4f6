'use strict';

const { lostClients } = require('./health.cjs');
const { onLoad } = require('./modules.cjs');
const { log } = require('./settings.cjs');

/** What @redis/client says when Redis closes a connection. */
const SOCKET_LOST = 'Socket closed unexpectedly';

/**
 * Gives every client of @redis/client an `error` listener, which is all its own reconnection needs.
 *
 * Flowise's usage cache (through @keyv/redis 4.6) has none: the first lost connection throws inside the client before
 * it reconnects, Flowise swallows the exception, and from then on every prediction waits without end while ping says
 * pong.
 *
 * @param {{ createClient: (...args: any[]) => import('node:events').EventEmitter }} redis the module's exports
 */
function listenForErrors(redis) {
  const create = redis.createClient;
  redis.createClient = (...args) => {
    const client = create(...args);
    client.on('error', (/** @type {Error} */ error) => {
      // The client tries again twice a second: one line per outage is enough.
      if (!lostClients.has(client)) log(`Redis connection lost (${error.message}): reconnecting`);
      lostClients.add(client);
    });
    client.on('ready', () => {
      if (lostClients.delete(client)) log('Redis connection is back');
    });
    client.on('end', () => lostClients.delete(client));
    return client;
  };
}

/** Wraps the loading of @redis/client, and ends the process if a connection is lost for good all the same. */
function install() {
  onLoad('@redis/client', listenForErrors);

  // Runs before Flowise's own handler, which would swallow the exception. Nobody reconnects after it, so a fresh
  // process is the only way out: the kubelet starts one.
  process.on('uncaughtExceptionMonitor', (error) => {
    if (error.message !== SOCKET_LOST) return;
    log(
      `a Redis client lost its connection and does not reconnect (${SOCKET_LOST}): exiting, so that the pod is restarted`,
    );
    process.exit(1);
  });
}

module.exports = { install, listenForErrors };
