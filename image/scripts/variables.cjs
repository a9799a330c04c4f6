'use strict';

/** Prints the secrets of `FLOWISE_ENVIRONMENT_ARNS` (name to ARN) as JSON (name to text) for the preload. */
const { Stop, fromImage, required, run } = require('./postgres.cjs');

/**
 * @param {string} name of the variable
 * @param {string} arn of its secret
 * @returns {Promise<[string, string]>}
 */
async function read(name, arn) {
  const { GetSecretValueCommand, SecretsManagerClient } = fromImage('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ region: arn.split(':')[3] });
  const hint = `app.environment_secrets.${name}: the secret ${arn}`;
  /** @type {string | undefined} */
  let text;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } catch (error) {
    const { name: kind, message } = /** @type {Error} */ (error);
    throw new Stop(
      `${hint} cannot be read (${kind}: ${message}). It must exist, and be encrypted with aws/secretsmanager or the ` +
        "stack's own key.",
    );
  }
  if (!text) throw new Stop(`${hint} holds no text: binary secrets are no variables.`);
  return [name, text];
}

async function main() {
  const arns = /** @type {Record<string, string>} */ (JSON.parse(required('FLOWISE_ENVIRONMENT_ARNS')));
  const values = await Promise.all(Object.entries(arns).map(([name, arn]) => read(name, arn)));
  process.stdout.write(JSON.stringify(Object.fromEntries(values)));
}

if (require.main === module) {
  require('../preload/proxy.cjs').install(); // it is started without the preload
  run('variables', main);
}
