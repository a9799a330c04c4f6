'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const { isFlowise, log } = require('./settings.cjs');

const SCRIPT = path.join(__dirname, '..', 'scripts', 'variables.cjs');

/** How long the secrets may take, with all tries of the SDK. */
const LIMIT_MILLISECONDS = 60_000;

/**
 * Reads the variables that lie in Secrets Manager (`FLOWISE_ENVIRONMENT_ARNS`: name to ARN, as JSON) into the
 * environment, before Flowise looks at it. A process of its own asks: what is loaded here must be done when it returns.
 *
 * Without one of them Flowise is not started: half a configuration is harder to find than a pod that says why.
 */
function install() {
  const arns = process.env.FLOWISE_ENVIRONMENT_ARNS;
  if (!arns || !isFlowise()) return;
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    const answer = execFileSync(process.execPath, [SCRIPT], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LIMIT_MILLISECONDS,
    });
    Object.assign(process.env, JSON.parse(answer));
  } catch {
    // Nothing of the error is shown: it holds what the script has printed, so the values.
    log('Flowise is not started: variables of app.environment_secrets could not be read from Secrets Manager.');
    process.exit(1);
  }
}

module.exports = { install };
