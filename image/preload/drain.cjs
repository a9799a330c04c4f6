'use strict';

const { pauseWorkers } = require('./health.cjs');
const { inFlight, stopAccepting } = require('./http.cjs');
const { log, milliseconds } = require('./settings.cjs');

/** How often the drain looks whether the last request has ended. */
const CHECK_MILLISECONDS = 50;

/**
 * Resolves when no request is in flight, or when the time is up.
 *
 * @param {number} limit milliseconds
 * @returns {Promise<void>}
 */
function drained(limit) {
  const deadline = Date.now() + limit;
  return new Promise((resolve) => {
    const check = () => {
      if (inFlight.size === 0 || Date.now() >= deadline) resolve();
      else setTimeout(check, CHECK_MILLISECONDS);
    };
    check();
  });
}

/**
 * Resolves when the workers of this process have finished their jobs, or when the time is up.
 *
 * @param {number} limit milliseconds
 * @returns {Promise<void>}
 */
function jobsDone(limit) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      log('time is up: leaving jobs unfinished; FLOWISE_DRAIN_SECONDS is too short');
      resolve();
    }, limit);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    pauseWorkers().then(done, (/** @type {Error} */ error) => {
      log(`the workers cannot be paused (${error.message})`);
      done();
    });
  });
}

/**
 * Holds SIGTERM back until the requests in flight and the jobs have ended: Flowise's own handler cuts requests within
 * two seconds, and jobs after thirty.
 *
 * Wraps `process.emit` instead of adding a listener, because a listener cannot delay the others, and because a process
 * without any SIGTERM listener must go on dying of the signal.
 */
function install() {
  const limit = milliseconds('FLOWISE_DRAIN_SECONDS', 120);
  const emit = process.emit;
  let draining = false;

  // @ts-expect-error: process.emit has one overload per event; this passes all of them on unchanged.
  process.emit = function (event, ...args) {
    if (event !== 'SIGTERM') return Reflect.apply(emit, process, [event, ...args]);
    if (draining) return true;
    draining = true;
    stopAccepting();
    if (inFlight.size > 0) log(`SIGTERM: waiting for ${inFlight.size} request(s) in flight, at most ${limit / 1000} s`);
    void Promise.all([drained(limit), jobsDone(limit)]).then(() => {
      if (inFlight.size > 0) log(`time is up: cutting ${inFlight.size} request(s); FLOWISE_DRAIN_SECONDS is too short`);
      Reflect.apply(emit, process, [event, ...args]);
    });
    return true;
  };
}

module.exports = { install };
