'use strict';

/**
 * Logs in, where it has an account, and asks a flow a question as a user would; counts whether both went well
 * (CloudWatch, namespace Flowise).
 *
 * Runs as a CronJob. It goes through the public name, so that it sees what users see: name, certificate, firewall, load
 * balancer, server, and in queue mode worker. No answer is a result, not a failure: the script fails only when it
 * cannot count, and then the alarm goes off because nothing is counted.
 */
const { Stop, fromImage, required, run } = require('./postgres.cjs');
const { signedHeaders } = require('./sigv4.cjs');

const COUNT_LIMIT_MILLISECONDS = 20_000;

/**
 * @param {string} url where people reach Flowise
 * @param {string} email
 * @param {string} password
 * @param {number} seconds that an answer may take
 * @returns {Promise<string | undefined>} what is wrong, if anything is
 */
async function login(url, email, password, seconds) {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password }),
      redirect: 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
    });
    await response.arrayBuffer(); // it holds a session: never logged, never kept
    if (response.status !== 200) return `login: HTTP ${response.status}`;
    return response.headers.getSetCookie().length > 0 ? undefined : 'login: no session';
  } catch (error) {
    return `login: ${reasonOf(error, seconds)}`;
  }
}

/**
 * @param {unknown} error
 * @param {number} seconds
 * @returns {string}
 */
function reasonOf(error, seconds) {
  const { name, message, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
  return name === 'TimeoutError' ? `no answer within ${seconds} s` : (cause?.code ?? message);
}

/**
 * @param {string} url where people reach Flowise
 * @param {string} flow
 * @param {string} question
 * @param {number} seconds that an answer may take
 * @returns {Promise<{ problem: string | undefined, seconds: number }>} what is wrong with the answer, if anything is
 */
async function ask(url, flow, question, seconds) {
  const begin = performance.now();
  const took = () => (performance.now() - begin) / 1000;
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/prediction/${flow}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ question }),
      redirect: 'manual', // a sign-in page is no answer
      signal: AbortSignal.timeout(seconds * 1000),
    });
    // Read inside the limit too; the text may be somebody's, so no part of it is ever logged.
    const text = await response.text();
    return { problem: problemOf(response.status, text), seconds: took() };
  } catch (error) {
    return { problem: reasonOf(error, seconds), seconds: took() };
  }
}

/**
 * @param {number} status
 * @param {string} text
 * @returns {string | undefined}
 */
function problemOf(status, text) {
  if (status !== 200) return `HTTP ${status}`;
  try {
    // Flowise answers 200 with its page to every path it does not know.
    const answer = /** @type {{ text?: unknown, json?: unknown } | null} */ (JSON.parse(text));
    if (answer && (answer.json !== undefined || (typeof answer.text === 'string' && answer.text !== ''))) return;
    return 'the answer holds no text';
  } catch {
    return 'the answer is not JSON';
  }
}

/**
 * Body of CloudWatch's PutMetricData.
 *
 * @param {string} stack
 * @param {{ problem: string | undefined, seconds: number }} result
 */
function metrics(stack, result) {
  const values = { canary_failed: result.problem ? 1 : 0, canary_seconds: result.seconds };
  const form = new URLSearchParams({ Action: 'PutMetricData', Version: '2010-08-01', Namespace: 'Flowise' });
  Object.entries(values).forEach(([name, value], index) => {
    const member = `MetricData.member.${index + 1}`;
    form.set(`${member}.MetricName`, name);
    form.set(`${member}.Value`, value.toFixed(3));
    form.set(`${member}.Unit`, name === 'canary_seconds' ? 'Seconds' : 'Count');
    form.set(`${member}.Dimensions.member.1.Name`, 'stack');
    form.set(`${member}.Dimensions.member.1.Value`, stack);
  });
  return form.toString();
}

/**
 * @param {string} region
 * @param {string} body
 */
async function count(region, body) {
  const { SecretsManagerClient } = fromImage('@aws-sdk/client-secrets-manager');
  // Any client resolves the pod's credentials (Pod Identity) by the SDK's default chain.
  const credentials = await new SecretsManagerClient({ region }).config.credentials();
  const host = `monitoring.${region}.amazonaws.com`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const response = await fetch(`https://${host}/`, {
    method: 'POST',
    headers: signedHeaders({ host, service: 'monitoring', region, body, headers }, credentials),
    body,
    signal: AbortSignal.timeout(COUNT_LIMIT_MILLISECONDS),
  });
  if (response.ok) return;
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1] ?? 'no code';
  throw new Stop(
    `CloudWatch refuses the count (HTTP ${response.status} ${code}). Check that the pod's role allows ` +
      'cloudwatch:PutMetricData in the namespace Flowise.',
  );
}

async function main() {
  const [url, seconds, email] = [required('CANARY_URL'), Number(required('CANARY_SECONDS')), process.env.CANARY_EMAIL];
  const refused = email ? await login(url, email, required('CANARY_PASSWORD'), seconds) : undefined;
  const answer = await ask(url, required('CANARY_FLOW_ID'), required('CANARY_QUESTION'), seconds);
  const result = { problem: refused ?? answer.problem, seconds: answer.seconds };
  const took = `${result.seconds.toFixed(1)} s`;
  console.log(result.problem ? `canary: failed after ${took}: ${result.problem}` : `canary: answered in ${took}`);
  await count(required('AWS_REGION'), metrics(required('CANARY_STACK'), result));
}

if (require.main === module) run('canary', main);

module.exports = { ask, login, metrics };
