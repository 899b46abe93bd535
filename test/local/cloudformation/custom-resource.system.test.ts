import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { failure, stackOf, TestCloud } from './support';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';

let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

/** Sends `response` for the event `e` and leaves the event in the log. */
const handler = (response: string) => `
exports.handler = async e => {
  console.log('EVENT ' + JSON.stringify(e));
  const body = ${response};
  const answer = await fetch(e.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: typeof body === 'string' ? body : JSON.stringify({
    Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: e.StackId, RequestId: e.RequestId, LogicalResourceId: e.LogicalResourceId, ...body,
  }) });
  if (!answer.ok) throw new Error('response refused');
};`;

function functionOf(source: string): ResourceDeclaration {
  return { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: 'role', Timeout: 20, Code: { ZipFile: source } } };
}

function stackWith(source: string, properties: object = {}) {
  const Outputs = { Id: { Value: { Ref: 'Thing' } }, ...(source.includes('Answer') && { Data: { Value: { 'Fn::GetAtt': ['Thing', 'Answer'] } } }) };
  return stackOf({
    Function: functionOf(source),
    Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties } },
  }, { template: { Outputs } });
}

interface Event { RequestType: string; [key: string]: unknown }

function events(functionId = 'Function'): Event[] {
  const file = join(test.folder, 'logs/lambda', `${functionId}.log`);
  const lines = existsSync(file) ? readFileSync(file, 'utf-8').split('\n') : [];
  return lines.filter(line => line.startsWith('EVENT ')).map(line => JSON.parse(line.slice(6)) as Event);
}

describe('a custom resource', () => {
  it('is created with the event that CloudFormation sends: every scalar is a string', async () => {
    const { outputs } = await test.deploy(stackWith(handler('({ PhysicalResourceId: "made", Data: { Answer: "42" } })'), { Number: 5, Flag: true, Nested: { List: [1, { x: false }] } }));

    expect(outputs).toEqual({ Id: 'made', Data: '42' });
    expect(events()).toEqual([{
      RequestType: 'Create',
      ServiceToken: expect.stringMatching(/^arn:aws:lambda:us-east-1:123456789012:function:Test-Function-/),
      ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.{32}$/),
      StackId: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/Test\/[0-9a-f-]{36}$/),
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'Thing',
      ResourceType: 'Custom::Thing',
      ResourceProperties: { ServiceToken: expect.any(String), Number: '5', Flag: 'true', Nested: { List: ['1', { x: 'false' }] } },
    }]);
  });

  it('is answered by an invocation that the function has asked for, if it goes on with that', async () => {
    // stands for the AWS API: only the function itself matters here
    const source = `
      exports.handler = async (e, context) => {
        if (!e.Later) return void await fetch('ENDPOINT/again', { method: 'POST', body: JSON.stringify({ arn: context.invokedFunctionArn, event: { ...e, Later: true } }) });
        await new Promise(resolve => setTimeout(resolve, 200));
        return answer(e);
      };
      const answer = e => fetch(e.ResponseURL, { method: 'PUT', body: JSON.stringify({
        Status: 'SUCCESS', PhysicalResourceId: 'later', StackId: e.StackId, RequestId: e.RequestId, LogicalResourceId: e.LogicalResourceId,
      }) });`;
    const api = createServer((request, response) => {
      void text(request).then(body => {
        const { arn, event } = JSON.parse(body) as { arn: string; event: unknown };
        test.functions.get(arn)!.invokeLater(event);
        response.end();
      });
    });
    await new Promise<void>(done => api.listen(0, '127.0.0.1', done));
    try {
      const endpoint = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;

      expect((await test.deploy(stackWith(source.replace('ENDPOINT', endpoint)))).outputs).toEqual({ Id: 'later' });
    } finally {
      api.close();
    }
  });

  it('is not called again when nothing changed; its id and data are remembered', async () => {
    const stack = stackWith(handler('({ PhysicalResourceId: "made", Data: { Answer: "42" } })'), { Number: 5 });
    const first = await test.deploy(stack);

    const second = await test.deploy(stack);

    expect(second.outputs).toEqual(first.outputs);
    expect(events().map(({ RequestType }) => RequestType)).toEqual(['Create']);
    expect((statSync(join(test.folder, 'state/stack.json')).mode % 0o1000).toString(8)).toBe('600');
  });

  it('is updated when a property changed', async () => {
    await test.deploy(stackWith(handler('({})'), { Number: 5 }));

    await test.deploy(stackWith(handler('({})'), { Number: 6 }));

    expect(events().map(({ RequestType }) => RequestType)).toEqual(['Create', 'Update']);
    expect(events()[1]).toMatchObject({ PhysicalResourceId: 'id', ResourceProperties: { Number: '6' }, OldResourceProperties: { Number: '5' } });
  });

  it('is deleted under its old id, after everything else, when an update gave another id', async () => {
    const byNumber = handler('({ PhysicalResourceId: e.RequestType === "Delete" ? e.PhysicalResourceId : e.ResourceProperties.Number })');
    await test.deploy(stackWith(byNumber, { Number: 5 }));

    await test.deploy(stackWith(byNumber, { Number: 6 }));

    expect(events().map(({ RequestType, PhysicalResourceId }) => [RequestType, PhysicalResourceId])).toEqual([['Create', undefined], ['Update', '5'], ['Delete', '5']]);
    expect(test.events.at(-1)).toMatchObject({ logicalId: 'Thing', status: 'DELETE_COMPLETE' });
  });

  it('is deleted when it left the template', async () => {
    const stack = stackWith(handler('({})'));
    await test.deploy(stack);

    await test.deploy(stackOf({ Function: stack.template.Resources.Function }));

    expect(events().map(({ RequestType }) => RequestType)).toEqual(['Create', 'Delete']);
  });

  it('is created again after a failure', async () => {
    await failure(test.deploy(stackWith(handler('({ Status: "FAILED", Reason: "no" })'))));

    await test.deploy(stackWith(handler('({})')));

    expect(events().map(({ RequestType }) => RequestType)).toEqual(['Create', 'Create']);
  });

  it('has values of secrets in its event, never in the file of remembered resources', async () => {
    const secret = 'very-secret-value';
    const stack = stackWith(handler('({ NoEcho: true, Data: { Answer: "very-secret-data" } })'), { Password: '{{resolve:secretsmanager:name:SecretString:password}}' });
    test.aws.secrets.push({ ARN: 'arn', Name: 'name', SecretString: JSON.stringify({ password: secret }) });

    const { outputs } = await test.deploy(stack);
    await test.deploy(stack);

    expect(outputs.Data).toBe('very-secret-data');
    expect(events()).toMatchObject([{ ResourceProperties: { Password: secret } }, { RequestType: 'Update', OldResourceProperties: { Password: secret } }]); // data was not kept
    const { resources } = JSON.parse(readFileSync(join(test.folder, 'state/stack.json'), 'utf-8')) as { resources: Record<string, object> };
    expect(JSON.stringify(resources.Thing)).toContain('{{resolve:secretsmanager:name:SecretString:password}}');
    expect(JSON.stringify(resources.Thing)).not.toContain('very-secret');
  });

  it.each<[string, string, object, string]>([
    ['with its reason', handler('({ Status: "FAILED", Reason: "exit code 3" })'), {}, 'Thing (Custom::Thing): exit code 3 (log: '],
    ['at once when its handler crashes', 'exports.handler = async () => { throw new Error("bug"); };', {}, 'failed with Error: bug; on AWS CloudFormation would wait 3600 seconds for a response and then fail (log: '],
    ['at once when its handler ends without a response', 'exports.handler = async () => {};', { ServiceTimeout: 300 }, 'ended without a response; on AWS CloudFormation would wait 300 seconds'],
    ['after ServiceTimeout', 'exports.handler = () => new Promise(() => setInterval(() => {}, 1000));', { ServiceTimeout: '1' }, 'within ServiceTimeout (1 seconds)'],
    ['for a response without physical id', handler('({ PhysicalResourceId: "" })'), {}, 'its response has no PhysicalResourceId'],
    ['for a response to another request', handler('({ RequestId: "x" })'), {}, 'its response does not repeat the RequestId of the request'],
    ['for a response that is too large', handler('({ Data: { x: "x".repeat(5000) } })'), {}, 'bytes; CloudFormation accepts 4096'],
    ['for a response that is not JSON', handler('"hello"'), {}, 'its response is not JSON'],
    ['for another Status', handler('({ Status: "OK" })'), {}, 'its response has the Status "OK"; allowed are SUCCESS and FAILED'],
  ])('fails %s', async (_name, source, properties, message) => {
    expect(await failure(test.deploy(stackWith(source, properties)))).toContain(message);
  });

  it('fails when its function cannot run here', async () => {
    const stack = stackWith('');
    const python = { ...stack.template.Resources.Function, Properties: { Runtime: 'python3.13', Code: { ZipFile: '' } } };

    expect(await failure(test.deploy(stackOf({ ...stack.template.Resources, Function: python })))).toContain('is not a function of this template that the local runner can run (Node.js, without layers)');
    expect(await failure(test.deploy(stackOf({ Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: 'arn:aws:sns:x' } } })))).toContain('its ServiceToken "arn:aws:sns:x"');
  });
});
